import { configDefaults, defineConfig } from "vitest/config";

/** Suites that need more than the packages of `npm test`, or its patience: `name.<suite>.test.ts`, run by `npm run test:<suite>`. */
const SUITES = ["torch", "slurm", "kill", "onednn3"];
const suite = process.env.REGNET_SUITE;
if (suite && !SUITES.includes(suite))
  throw new Error(`invalid REGNET_SUITE: got ${suite}, expected ${SUITES.join("|")}`);

export default defineConfig({
  test: {
    include: suite ? [`{packages,tests}/**/*.${suite}.test.ts`] : ["packages/*/src/**/*.test.ts", "tests/**/*.test.ts"],
    exclude: [...configDefaults.exclude, ...(suite ? [] : SUITES.map((name) => `**/*.${name}.test.ts`))],
    testTimeout: suite ? 300_000 : 60_000,
    hookTimeout: suite ? 300_000 : 60_000,
    pool: "forks",
    maxWorkers: suite ? 1 : 2,
    reporters: ["default", ["json", { outputFile: `node_modules/.cache/tests${suite ? `-${suite}` : ""}.json` }]],
    onConsoleLog: (log) => {
      throw new Error(`stray console output in a test: ${log}`);
    },
  },
});
