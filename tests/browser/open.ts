import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { chromium, type Page } from "playwright-core";
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

/** A page in headless Chromium that has the library and can fetch these files by their paths. */
export interface OpenPage {
  readonly page: Page;
  close(): Promise<void>;
}

export async function openPage(files: ReadonlyMap<string, Uint8Array>): Promise<OpenPage> {
  const bundle = await build({
    entryPoints: [fileURLToPath(new URL("page.ts", import.meta.url))],
    bundle: true,
    format: "esm",
    platform: "browser",
    write: false,
    logLevel: "silent",
  });
  const html = '<!doctype html><meta charset="utf-8"><script type="module" src="/page.js"></script>';
  const own: [string, Uint8Array | string][] = [
    ["/index.html", html],
    ["/page.js", bundle.outputFiles[0].contents],
  ];
  const { url, server } = await serve(new Map([...own, ...files]));
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
  const page = await browser.newPage();
  await page.goto(`${url}/index.html`);
  await page.waitForFunction(() => "regnetCore" in globalThis);
  const close = async () => {
    await browser.close();
    server.close();
  };
  return { page, close };
}

/** What a network answers in ONNX Runtime Web. @param path of the ONNX file on the page's server */
export async function logitsInBrowser(
  page: Page,
  path: string,
  images: Float32Array,
  shape: readonly number[],
): Promise<number[]> {
  const run = async ([path, values, shape]: [string, number[], number[]]) => {
    const load = new Function("source", "return import(source)");
    const ort = (await load("/ort/ort.wasm.min.mjs")) as typeof import("onnxruntime-web");
    ort.env.wasm.wasmPaths = "/ort/";
    ort.env.wasm.numThreads = 1;
    const session = await ort.InferenceSession.create(path, { executionProviders: ["wasm"] });
    const { logits } = await session.run({ image: new ort.Tensor("float32", Float32Array.from(values), shape) });
    return [...(logits.data as Float32Array)];
  };
  return page.evaluate(run, [path, [...images], [...shape]] as [string, number[], number[]]);
}
