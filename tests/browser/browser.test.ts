import { fileURLToPath } from "node:url";
import { type Graph, initialise, regnet, toOnnx } from "@regnet/core";
import { build } from "esbuild";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { serve } from "./server.js";

const CHROMIUM = process.env.REGNET_CHROMIUM ?? "/usr/bin/chromium";
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

const model: Graph = regnet(
  { w0: 24, wa: 36.44, wm: 2.49, depth: 13, groupWidth: 8, se: 0.25 },
  { resolution: 32, classes: 10 },
);
const pixels = Float32Array.from({ length: 3 * 32 * 32 }, (_, i) => Math.sin(i * 0.37));

let browser: Browser;
let page: Page;
let close: () => void;
let onnx: Uint8Array;

beforeAll(async () => {
  onnx = toOnnx(model, { weights: initialise(model, 1) });
  const bundle = await build({
    entryPoints: [fileURLToPath(new URL("page.ts", import.meta.url))],
    bundle: true,
    format: "esm",
    platform: "browser",
    write: false,
    logLevel: "silent",
  });
  const html = '<!doctype html><meta charset="utf-8"><script type="module" src="/page.js"></script>';
  const { url, server } = await serve(
    new Map<string, Uint8Array | string>([
      ["/index.html", html],
      ["/page.js", bundle.outputFiles[0].contents],
      ["/model.onnx", onnx],
    ]),
  );
  browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
  page = await browser.newPage();
  await page.goto(`${url}/index.html`);
  await page.waitForFunction(() => "regnetCore" in globalThis);
  close = () => server.close();
});

afterAll(async () => {
  await browser?.close();
  close?.();
});

it("applies the rule in a browser", async () => {
  const widths = await page.evaluate(
    () => globalThis.regnetCore.applyRule({ w0: 24, wa: 24.48, wm: 2.54, depth: 22, groupWidth: 16 }).widths,
  );
  expect(widths).toEqual([32, 64, 160, 384]);
});

it("writes the same ONNX bytes in a browser as in Node", async () => {
  const digest = await page.evaluate(async () => {
    const { regnet, initialise, toOnnx } = globalThis.regnetCore;
    const parameters = { w0: 24, wa: 36.44, wm: 2.49, depth: 13, groupWidth: 8, se: 0.25 };
    const graph = regnet(parameters, { resolution: 32, classes: 10 });
    const bytes = toOnnx(graph, { weights: initialise(graph, 1) });
    return [...new Uint8Array(await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>))];
  });
  const here = await crypto.subtle.digest("SHA-256", onnx as Uint8Array<ArrayBuffer>);
  expect(digest).toEqual([...new Uint8Array(here)]);
});

it("gives in ONNX Runtime Web the logits of ONNX Runtime in Node", async () => {
  const session = await InferenceSession.create(onnx);
  const { logits } = await session.run({ image: new Tensor("float32", pixels, [1, 3, 32, 32]) });
  const there = await page.evaluate(
    async (values) => {
      const source = "/ort/ort.wasm.min.mjs";
      const load = new Function("source", "return import(source)");
      const ort = (await load(source)) as typeof import("onnxruntime-web");
      ort.env.wasm.wasmPaths = "/ort/";
      ort.env.wasm.numThreads = 1;
      const web = await ort.InferenceSession.create("/model.onnx", { executionProviders: ["wasm"] });
      const result = await web.run({ image: new ort.Tensor("float32", Float32Array.from(values), [1, 3, 32, 32]) });
      return [...(result.logits.data as Float32Array)];
    },
    [...pixels],
  );
  const here = logits.data as Float32Array;
  const scale = Math.hypot(...here);
  const difference = Math.hypot(...there.map((value, i) => value - here[i]));
  expect(scale).toBeGreaterThan(0);
  expect(difference / scale).toBeLessThan(1e-4);
});
