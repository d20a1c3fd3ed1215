// Compiles the image kernels, AssemblyScript in packages/train/assembly, to WebAssembly beside the bundled worker,
// where they are older than their source. See docs/decisions/006.
import { mkdirSync, readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../packages/train", import.meta.url));
const source = join(root, "assembly");
const target = join(root, "bundle/augment/kernels.wasm");

const inputs = [fileURLToPath(import.meta.url), ...readdirSync(source).map((name) => join(source, name))];
if (Math.max(...inputs.map(changed)) >= changed(target)) await compile();

function changed(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

async function compile() {
  // The compiler takes a second to load.
  const { main } = await import("assemblyscript/asc");
  mkdirSync(dirname(target), { recursive: true });
  const options = ["--runtime", "stub", "--enable", "simd", "-O3", "--noAssert"];
  const { error, stderr } = await main(["index.ts", "--baseDir", source, "--outFile", target, ...options]);
  if (error) throw new Error(stderr.toString());
}
