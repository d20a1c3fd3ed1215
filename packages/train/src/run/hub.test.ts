import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { RegnetError, readWeights, writeSafetensors } from "@regnet/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { downloadWeights, isHubName } from "./hub.js";

const weights = writeSafetensors({ x: { shape: [2], data: Float32Array.of(1, 2) } });
const repositories: Record<string, Record<string, Uint8Array>> = {
  "someone/net": {
    "README.md": new Uint8Array(3),
    "pytorch_model.bin": new Uint8Array(9),
    "model.safetensors": weights,
  },
  "someone/words": { "README.md": new Uint8Array(3) },
};

describe("downloadWeights", () => {
  let server: Server;
  let url: string;
  beforeAll(async () => {
    server = createServer((request, response) => {
      const path = new URL(request.url ?? "/", "http://localhost").pathname;
      const [, owner, name] = /^\/(?:api\/models\/)?([^/]+)\/([^/]+)\//.exec(path) ?? [];
      const files = repositories[`${owner}/${name}`];
      if (!files)
        return response.writeHead(404, { "content-type": "application/json" }).end('{"error":"Repository not found"}');
      if (path.startsWith("/api/")) {
        const list = Object.entries(files).map(([file, bytes]) => ({ type: "file", path: file, size: bytes.length }));
        return response.setHeader("content-type", "application/json").end(JSON.stringify(list));
      }
      const bytes = files[path.split("/").at(-1) ?? ""];
      const range = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? "");
      const [from, to] = range ? [Number(range[1]), Number(range[2])] : [0, bytes.length - 1];
      response.writeHead(range ? 206 : 200, { etag: '"1"', "content-range": `bytes ${from}-${to}/${bytes.length}` });
      return response.end(bytes.subarray(from, to + 1));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => server.close());

  it("takes the best file of a repository", async () => {
    const { name, bytes } = await downloadWeights("hf:someone/net@main", url);
    expect(name).toBe("hf:someone/net@main/model.safetensors");
    expect(readWeights(bytes).tensors.x.data).toEqual(Float32Array.of(1, 2));
  });

  it.each([
    ["hf:someone/words", /missing weights in hf:someone\/words; it has no \.safetensors/],
    ["hf:no/one", /missing hf:no\/one \(.*\); check the name and the connection/],
    ["hf:nonsense", /invalid hub name/],
  ])("refuses %s", async (source, message) => {
    const act = downloadWeights(source, url);
    await expect(act).rejects.toBeInstanceOf(RegnetError);
    await expect(act).rejects.toThrow(message);
  });

  it("says what to do without a connection", async () => {
    await expect(downloadWeights("hf:someone/net", "http://127.0.0.1:9")).rejects.toThrow(
      /check the name and the conn/,
    );
  });

  it("knows a hub name by its beginning", () => {
    expect([isHubName("hf:a/b"), isHubName("a/b")]).toEqual([true, false]);
  });
});
