// Bundles the command into packages/cli/bundle, so that it starts without finding and reading a thousand small files.
// Left outside is what packages/cli depends on from npm: compiled code, and what is optional. See docs/decisions/005.
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { directImports } from "./directImports.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const cli = join(root, "packages/cli");
const folder = join(cli, "bundle");
const LICENSES = "LICENSES.txt";

const { dependencies } = JSON.parse(readFileSync(join(cli, "package.json"), "utf8"));
const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: [join(cli, "dist/main.js")],
  outdir: folder,
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20.9",
  external: Object.keys(dependencies).filter((name) => !name.startsWith("@regnet/")),
  // What is CommonJS still asks for modules of Node by `require`.
  banner: {
    js: 'import { createRequire as requireOf } from "node:module"; const require = requireOf(import.meta.url);',
  },
  plugins: [directImports(indexesOf(["core", "engine", "train", "study"]))],
  metafile: true,
  logLevel: "warning",
});

writeFileSync(join(folder, LICENSES), licenses(Object.keys(metafile.inputs)));
const written = new Set([LICENSES, ...Object.keys(metafile.outputs).map((path) => basename(path))]);
for (const file of readdirSync(folder)) if (!written.has(file)) rmSync(join(folder, file), { force: true });

/** The files that other packages import by a package's name, or by one of its parts. */
function indexesOf(packages) {
  const entries = packages.flatMap((name) => {
    const folder = join(root, "packages", name);
    const { exports } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const modules = Object.entries(exports).filter(([, to]) => to.default);
    return modules.map(([part, to]) => [join("@regnet", name, part), join(folder, to.default)]);
  });
  return Object.fromEntries(entries);
}

/** The licences of the packages whose code is in the bundle, as they ask for. */
function licenses(inputs) {
  const packages = new Set(inputs.flatMap((path) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []));
  return [...packages]
    .sort()
    .map(licenseOf)
    .join(`\n${"-".repeat(80)}\n\n`);
}

function licenseOf(path) {
  const { name, version, license } = JSON.parse(readFileSync(join(root, path, "package.json"), "utf8"));
  const files = readdirSync(join(root, path), { withFileTypes: true }).filter((entry) => entry.isFile());
  const texts = files.map((file) => file.name).filter((file) => /^(licen[cs]e|notice)/i.test(file));
  const bodies = texts.map((file) => readFileSync(join(root, path, file), "utf8").trim());
  return [`${name} ${version} (${license})`, ...bodies, ""].join("\n\n");
}
