// Bundles @regnet/core for the browser, without any shim for Node, and prints the sizes: all of it, and parts alone.
//
//   node bench/bundle-size.mjs [--json FILE]
import { writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { argumentsOf } from "./arguments.mjs";

const { values: flags } = argumentsOf(import.meta.url, { json: String });
const parts = {
  "all of it": "*",
  "describe: rule, families, complexity": "describe, countModel, applyRule",
  "and ONNX": "describe, buildModel, toOnnx",
  "and design spaces": "describe, findSpace, samplePopulation, parseSpaceText",
  "the rule and the complexity alone": "applyRule, RegNetCounter",
};

const sizes = {};
for (const [name, names] of Object.entries(parts)) {
  const contents = names === "*" ? 'export * from "@regnet/core"' : `export { ${names} } from "@regnet/core"`;
  sizes[name] = await bundle(contents);
  const { bytes, gzip } = sizes[name];
  console.log(`${name}: ${kib(bytes)} KiB minified, ${kib(gzip)} KiB gzipped`);
}
if (flags.json) writeFileSync(flags.json, `${JSON.stringify(sizes, null, 2)}\n`);

/** Fails where the code asks for a module of Node. */
async function bundle(contents) {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: import.meta.dirname ?? new URL(".", import.meta.url).pathname },
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    platform: "browser",
    target: "es2022",
  });
  const [{ contents: code }] = outputFiles;
  return { bytes: code.length, gzip: gzipSync(code).length };
}

function kib(bytes) {
  return Math.round(bytes / 1024);
}
