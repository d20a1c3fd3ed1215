// Bundles what starts on its own: the command, and the threads and processes of the packages, each into its package's
// `bundle`, so that it starts without finding and reading a thousand small files. Left outside is what its package depends
// on from npm in compiled code, and what is optional. See docs/decisions/005.
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { directImports } from "./directImports.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const LICENSES = "LICENSES.txt";

/** Entries by their package, as paths from its `dist` without the ending. */
const ENTRIES = {
  engine: startedIn("engine"),
  train: startedIn("train"),
  study: startedIn("study"),
  cli: ["main"],
};
/** Compiled code, and what loads it. */
const OUTSIDE = ["koffi", "libsql", "onnxruntime-node", "sharp"];

const plugins = [directImports(indexesOf(["core", "engine", "train", "study"]))];
const last = newest([
  "package-lock.json",
  // Written by each installation.
  "node_modules/.package-lock.json",
  "scripts",
  ...["core", ...Object.keys(ENTRIES)].flatMap((name) => [`packages/${name}/dist`, `packages/${name}/package.json`]),
]);
const stale = Object.entries(ENTRIES).filter(([name]) => changed(`packages/${name}/bundle/${LICENSES}`) <= last);
await Promise.all(stale.map(([name, entries]) => bundle(join(root, "packages", name), entries)));

/** The modules that a package starts as a thread or a process: what its sources name by `builtModule`. */
function startedIn(name) {
  const source = join(root, "packages", name, "src");
  const texts = readdirSync(source, { recursive: true })
    .filter((path) => path.endsWith(".ts") && !path.endsWith(".test.ts"))
    .map((path) => readFileSync(join(source, path), "utf8"));
  const modules = texts.flatMap((text) =>
    [...text.matchAll(/\bbuiltModule\("([^"]+)\.js"\)/g)].map(([, module]) => module),
  );
  return [...new Set(modules)].sort();
}

/** When any file of these, or in these folders, changed last. */
function newest(paths) {
  const filesOf = (path) => {
    if (!statSync(join(root, path), { throwIfNoEntry: false })?.isDirectory()) return [path];
    return readdirSync(join(root, path), { recursive: true }).map((name) => join(path, name));
  };
  return Math.max(...paths.flatMap(filesOf).map(changed));
}

function changed(path) {
  return statSync(join(root, path), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

async function bundle(folder, entries) {
  const target = join(folder, "bundle");
  const metafiles = await Promise.all(entries.map((entry) => bundleEntry(folder, entry, target)));
  const [inputs, outputs] = ["inputs", "outputs"].map((side) => Object.assign({}, ...metafiles.map((of) => of[side])));
  const { dependencies } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const undeclared = outsideOf(outputs).filter((name) => !(name in dependencies));
  if (undeclared.length > 0)
    throw new Error(`${folder} must depend on what its bundle loads: ${undeclared.join(", ")}`);
  writeFileSync(join(target, LICENSES), licenses(Object.keys(inputs)));
  const written = new Set(Object.keys(outputs).map((path) => relative(target, join(root, path))));
  for (const path of readdirSync(target, { recursive: true })) {
    if (path.endsWith(".js") && !written.has(path)) rmSync(join(target, path));
  }
}

/** Each on its own: esbuild would put what several entries share into one chunk, and each would load all of it. */
async function bundleEntry(folder, entry, target) {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [{ in: join(folder, "dist", `${entry}.js`), out: entry }],
    outdir: target,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20.9",
    external: OUTSIDE,
    // What is CommonJS still asks for modules of Node by `require`.
    banner: {
      js: 'import { createRequire as requireOf } from "node:module"; const require = requireOf(import.meta.url);',
    },
    plugins,
    metafile: true,
    logLevel: "warning",
  });
  return metafile;
}

/** The packages from npm that the outputs load. */
function outsideOf(outputs) {
  const imported = Object.values(outputs).flatMap(({ imports }) => imports.map(({ path }) => path));
  const loaded = [...imported, ...Object.keys(outputs).flatMap(requiredBy)];
  return OUTSIDE.filter((name) => loaded.some((path) => `${path}/`.startsWith(`${name}/`)));
}

/** What esbuild does not follow: calls with one name and nothing else, as of what `createRequire` gave. */
function requiredBy(output) {
  const text = readFileSync(join(root, output), "utf8");
  return [...text.matchAll(/\("([^"]+)"\)/g)].map(([, name]) => name);
}

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
