import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname } from "node:path";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".wasm": "application/wasm",
};

/** Serves `files` (by path, from memory) and everything of ONNX Runtime's web distribution under /ort/, on loopback. */
export async function serve(files: ReadonlyMap<string, Uint8Array | string>): Promise<{ url: string; server: Server }> {
  const distribution = new URL("../../node_modules/onnxruntime-web/dist/", import.meta.url);
  const server = createServer(async (request, response) => {
    const path = request.url ?? "/";
    const ort = /^\/ort\/([\w.-]+)$/.exec(path);
    const body = ort ? await readFile(new URL(ort[1], distribution)).catch(() => undefined) : files.get(path);
    const headers = { "content-type": TYPES[extname(path)] ?? "application/octet-stream" };
    response.writeHead(body === undefined ? 404 : 200, headers).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}
