import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { basename, join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { temporaryFolder } from "../testing/temporary.js";
import { fashionMnistSource } from "./fashionMnist.js";

const DEBIAN = "/usr/share/datasets/fashion-mnist";
const folder = temporaryFolder();
/** What the server changes of a file. */
let change: (name: string, content: Buffer) => Buffer | undefined;
let requests: string[];
let server: Server;
let address: string;

beforeAll(async () => {
  server = createServer((request, response) => {
    const name = basename(request.url ?? "");
    requests.push(name);
    const content = change(name, readFileSync(join(DEBIAN, name)));
    response.writeHead(content ? 200 : 404).end(content);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterAll(() => {
  server.close();
  folder.remove();
});

function open(name: string, signal?: AbortSignal) {
  requests = [];
  return fashionMnistSource(
    { cacheDirectory: join(folder.path, name), signal },
    { debian: join(folder.path, "none"), address },
  );
}

it("downloads what is neither in the cache nor installed, once", async () => {
  change = (_, content) => content;
  const source = await open("fine");
  expect(requests).toHaveLength(4);
  expect(source.classes).toHaveLength(10);
  expect(readdirSync(join(folder.path, "fine", "downloads", "fashion-mnist")).sort()).toEqual(requests.sort());
  await open("fine");
  expect(requests).toEqual([]);
});

it("says where a download cannot be kept, and the remedy", async () => {
  change = (_, content) => content;
  writeFileSync(join(folder.path, "file"), "");
  await expect(open("file")).rejects.toThrow(/cannot write the image cache .*file: a part of its path is a file; set/);
});

it("stops with the reason that the caller gives", async () => {
  const [abort, reason] = [new AbortController(), new Error("interrupted")];
  change = (_, content) => {
    abort.abort(reason);
    return content;
  };
  await expect(open("stopped", abort.signal)).rejects.toBe(reason);
});

it.each<[string, (content: Buffer) => Buffer | undefined, RegExp]>([
  ["changed", (content) => content.fill(0, content.length - 100), /corrupt download "t10k-images.*SHA-256/],
  ["shorter", (content) => content.subarray(0, 1000), /corrupt download "t10k-images/],
  ["away", () => undefined, /missing data set "fashion-mnist".*HTTP status 404.*apt install dataset-fashion-mnist/],
])("keeps no file that is %s, and says so", async (name, spoil, message) => {
  change = (file, content) => (file.startsWith("t10k-images") ? spoil(content) : content);
  await expect(open(name)).rejects.toThrow(message);
  expect(existsSync(join(folder.path, name, "downloads", "fashion-mnist", "t10k-images-idx3-ubyte.gz"))).toBe(false);
});
