import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { type Outcome, regnet } from "./run.js";

const parent = mkdtempSync(join(tmpdir(), "regnet-command-"));
const folder = join(parent, "try");
afterAll(() => rmSync(parent, { recursive: true, force: true }));

function study(...args: readonly string[]): Promise<Outcome> {
  return regnet(["study", ...args]);
}

describe("regnet study", () => {
  test("new, run, status, trial, report and stop, one after another", async () => {
    const made = await study("new", folder, "--task", "simulate", "--trials", "4", "--flops", "..3M");
    expect(made).toMatchObject({ code: 0 });
    expect(made.stdout).toContain("4 networks of RegNetX");
    const run = await study("run", folder, "--workers", "2", "--json");
    expect(JSON.parse(run.stdout)).toMatchObject({ trials: 4, done: 4, failed: 0, waiting: 0, stopped: false });
    const status = await study("status", folder, "--json");
    expect(JSON.parse(status.stdout)).toMatchObject({ trials: 4, done: 4, running: [] });
    const trial = await study("trial", folder, "2");
    expect(trial.stdout).toMatch(/^trial 2: error .* \(it was finished before\)\n$/);
    const report = await study("report", folder, "--lang", "zh");
    expect(report.stdout).toContain("4 trials: ");
    expect(readFileSync(join(folder, "report.html"), "utf8")).toContain('lang="zh');
    expect((await study("stop", folder)).stdout).toBe("nobody runs this study\n");
  });

  test("says what was misused, in a line, with exit code 2", async () => {
    const cases = [
      [["run", folder, "--simultaneous", "3"], /--simultaneous goes with --executor slurm only/],
      [["trial", folder, "9"], /unknown trial: 9, expected 0 to 3/],
      [
        ["new", join(parent, "x"), "--task", "simulate", "--space", "RegNetQ"],
        /unknown space: "RegNetQ" \(did you mean/,
      ],
    ] as const;
    for (const [args, message] of cases) {
      const { code, stderr } = await study(...args);
      expect(stderr).toMatch(message);
      expect(stderr.trim().split("\n")).toHaveLength(1);
      expect(code).toBe(2);
    }
  });

  test("says what failed with exit code 1", async () => {
    const { code, stderr } = await study("status", join(parent, "nowhere"));
    expect(stderr).toMatch(/^error: missing study .*regnet study new/);
    expect(code).toBe(1);
  });
});
