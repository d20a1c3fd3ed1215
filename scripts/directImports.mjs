// A plugin of esbuild. It has a module import what it uses from the files that define it, not through the index files that
// hand it on: esbuild divides a bundle by whole files, and where any command uses a part of an index, every command that
// uses another part would load both. Right only where loading a module does nothing but define what it exports, as in all of
// ours but the entries of threads and processes, which no index hands on.
import { readFile } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";

const IMPORT = /^import \{([^}]*)\} from "([^"]+)";$/gm;
const DYNAMIC_IMPORT = /^\s*const \{([^}]*)\} = await import\("([^"]+)"\);$/gm;
const EXPORT_FROM = /^export (\*(?: as \w+)?|\{[^}]*\}) from "([^"]+)";$/gm;
/** In place of a name: all that a file exports, as one object. */
const ALL = Symbol("all");
const DEFINITION = /^export (?:async )?(?:function\*?|class|const|let) (\w+)/gm;

/** @param packages index files of packages and of their parts, by the name that they are imported by */
export function directImports(packages) {
  const indexes = new Map();
  const inner = new Set(Object.values(packages).map(dirname));
  return {
    name: "direct-imports",
    setup(build) {
      build.onLoad({ filter: /\/packages\/\w+\/dist\/.*\.js$/ }, async ({ path }) => {
        const source = await readFile(path, "utf8");
        return { contents: await direct(source, path), loader: "js" };
      });

      async function direct(source, path) {
        const rewritten = [];
        for (const [pattern, write] of [
          [IMPORT, (name, local, file) => `import ${picked(name, " as ", local, "* as ")} from ${file};`],
          [DYNAMIC_IMPORT, (name, local, file) => `const ${picked(name, ": ", local)} = await import(${file});`],
        ]) {
          for (const [statement, names, specifier] of source.matchAll(pattern)) {
            const index = indexOf(specifier, path);
            if (index) rewritten.push([statement, (await importsOf(listed(names), index, write)) ?? statement]);
          }
        }
        return rewritten.reduce((text, [from, to]) => text.replace(from, () => to), source);
      }

      function indexOf(specifier, path) {
        if (!specifier.startsWith(".")) return packages[specifier];
        const file = resolve(dirname(path), specifier);
        return basename(file) === "index.js" && [...inner].some((folder) => file.startsWith(folder)) ? file : undefined;
      }

      async function importsOf(names, index, write) {
        const lines = [];
        for (const { imported, local } of names) {
          const from = await definer(imported, index);
          if (!from) return undefined;
          lines.push(write(from.name, local, JSON.stringify(from.file)));
        }
        return lines.join(" ");
      }

      /** Where a name that a file exports is defined, and under which name there. */
      async function definer(name, file) {
        const exported = await exportsOf(file);
        if (exported.own.has(name)) return { file, name };
        const handed = exported.from.get(name);
        if (handed) return handed.name === ALL ? handed : definer(handed.name, handed.file);
        for (const star of exported.stars) {
          const found = await definer(name, star);
          if (found) return found;
        }
      }

      async function exportsOf(file) {
        if (!indexes.has(file)) indexes.set(file, readExports(await readFile(file, "utf8"), dirname(file)));
        return indexes.get(file);
      }
    },
  };
}

/** What is imported, by its local name. */
function picked(name, renamed, local, all = "") {
  return name === ALL ? `${all}${local}` : `{ ${name}${renamed}${local} }`;
}

function readExports(source, folder) {
  const own = new Set([...source.matchAll(DEFINITION)].map(([, name]) => name));
  const [from, stars] = [new Map(), []];
  for (const [, names, specifier] of source.matchAll(EXPORT_FROM)) {
    const file = resolve(folder, specifier);
    const [, as] = /^\* as (\w+)$/.exec(names) ?? [];
    if (as) from.set(as, { name: ALL, file });
    else if (names === "*") stars.push(file);
    else for (const { imported, local } of listed(names.slice(1, -1))) from.set(local, { name: imported, file });
  }
  return { own, from, stars };
}

/** The names of a list as it is between braces. */
function listed(names) {
  const parts = names.split(",").map((part) => part.trim());
  return parts.filter(Boolean).map((part) => {
    const [imported, local = imported] = part.split(/\s+as\s+|\s*:\s*/);
    return { imported, local };
  });
}
