import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["packages/*/src/**/*.test.ts", "tests/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: "forks",
    maxWorkers: 2,
    reporters: ["default", ["json", { outputFile: "node_modules/.cache/tests.json" }]],
    onConsoleLog: (log) => {
      throw new Error(`stray console output in a test: ${log}`);
    },
  },
});
