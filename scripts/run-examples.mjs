// Runs every program of examples/, each in a folder of its own below the system's temporary one.
// Usage: npm run examples [-- NAME...]
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { build } from "esbuild";

const wanted = process.argv.slice(2);
const programs = readdirSync("examples").filter((name) => name.endsWith(".ts"));
const compiled = resolve("node_modules/.cache/examples");

await build({
  entryPoints: programs.map((name) => join("examples", name)),
  outdir: compiled,
  format: "esm",
  target: "node20",
  outExtension: { ".js": ".mjs" },
  logLevel: "warning",
});

let failed = 0;
for (const program of programs) {
  const name = basename(program, ".ts");
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const folder = mkdtempSync(join(tmpdir(), `regnet-example-${name}-`));
  console.log(`== ${name}`);
  const started = performance.now();
  const { status, signal } = spawnSync(process.execPath, [join(compiled, `${name}.mjs`)], {
    cwd: folder,
    stdio: "inherit",
  });
  rmSync(folder, { recursive: true, force: true });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(status === 0 ? `ok, ${seconds} s` : `FAILED: ${signal ?? `exit code ${status}`}`);
  if (status !== 0) failed++;
}
process.exitCode = failed === 0 ? 0 : 1;
