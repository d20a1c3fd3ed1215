import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { below, randomFor } from "@regnet/core";
import { describe, expect, test } from "vitest";
import { claimState, newestClaim } from "../../study/claim.js";
import { newStudy } from "../../study/newStudy.js";
import { type RunSummary, runStudy } from "../../study/runStudy.js";
import { spaceSampler } from "../../study/sampleSpace.js";
import { studyStatus } from "../../study/status.js";
import { openStudy, type Study } from "../../study/study.js";
import { inTemporaryFolder, simulatedSpec } from "../../study/testing.js";
import { errorsOf, until } from "../executorContract.js";
import { LocalExecutor } from "../local.js";
import { squeue } from "./commands.js";
import { SlurmExecutor } from "./slurm.js";
import { readSubmissions } from "./submissions.js";

const COMMAND = fileURLToPath(new URL("../../../../cli/bin/regnet.js", import.meta.url));
const KILLS = 20;

function make(folder: string, trials: number, milliseconds: number): Promise<Study> {
  const spec = simulatedSpec({ space: "RegNetX", trials, epochs: 40, simulate: { milliseconds } });
  return newStudy(folder, spec, spaceSampler());
}

function run({ folder }: Study, onNote?: (text: string) => void): Promise<RunSummary> {
  const executor = new SlurmExecutor({ poll: 0.5 });
  return runStudy(openStudy(folder), { executor, sampler: spaceSampler(), observer: { onNote } });
}

/** The same study, run here without any harm. */
async function undisturbed(parent: string, trials: number): Promise<unknown[]> {
  const study = await make(join(parent, "undisturbed"), trials, 1);
  await runStudy(study, { executor: new LocalExecutor({ workers: 1 }), sampler: spaceSampler() });
  return errorsOf(study.folder);
}

/** Jobs that are at a trial by now. */
async function workingJobs(study: Study): Promise<string[]> {
  const trials = new Map(readSubmissions(study).map(({ name, tasks }) => [name, tasks]));
  const queued = await squeue([...trials.keys()]);
  const atWork = (id: number) => claimState(newestClaim(study.layout.trial(id).claim)) === "held";
  return queued
    .filter(({ state, name, index }) => state === "R" && trials.get(name)?.[index]?.some(atWork))
    .map(({ job }) => job);
}

function attempts(study: Study): number {
  const count = (id: number) => readdirSync(study.layout.trial(id).folder).filter((n) => /^claim\.\d+$/.test(n)).length;
  return Array.from({ length: study.sampled?.trials ?? 0 }, (_, id) => count(id)).reduce((a, b) => a + b);
}

function pidOf(daemon: string): number {
  return Number(readFileSync(join(process.env.SLURM_LOOPBACK ?? "", `${daemon}.pid`), "utf8"));
}

describe("a study under Slurm", () => {
  test("whose tasks get scancel --signal=KILL ends as if undisturbed", () =>
    inTemporaryFolder(async (parent) => {
      const study = await make(join(parent, "disturbed"), 20, 3000);
      const running = run(study);
      const random = randomFor(3, "scancel");
      for (let kills = 0; kills < KILLS; ) {
        await setTimeout(700 + below(random, 800));
        const jobs = await workingJobs(study);
        if (jobs.length === 0) continue;
        execFileSync("scancel", ["--signal=KILL", "--full", jobs[below(random, jobs.length)]]);
        kills++;
      }
      expect(await running).toMatchObject({ done: 20, failed: 0, waiting: 0 });
      expect(attempts(study)).toBeGreaterThan(20 + KILLS / 2);
      expect(errorsOf(study.folder)).toEqual(await undisturbed(parent, 20));
    }));

  test("whose slurmd dies and comes back ends as if undisturbed", () =>
    inTemporaryFolder(async (parent) => {
      const study = await make(join(parent, "disturbed"), 6, 12_000);
      const running = run(study);
      await until(() => studyStatus(openStudy(study.folder)).running.length > 0);
      process.kill(pidOf("slurmd"), "SIGKILL");
      await setTimeout(15_000);
      execFileSync(join(process.env.SLURM_LOOPBACK ?? "", "restart-slurmd"), { stdio: "ignore" });
      expect(await running).toMatchObject({ done: 6, failed: 0, waiting: 0 });
      expect(errorsOf(study.folder)).toEqual(await undisturbed(parent, 6));
    }));

  test("whose controller is away for a while is waited for", () =>
    inTemporaryFolder(async (parent) => {
      const study = await make(join(parent, "disturbed"), 4, 4000);
      const notes: string[] = [];
      const running = run(study, (text) => notes.push(text));
      await until(() => studyStatus(openStudy(study.folder)).running.length > 0);
      process.kill(pidOf("slurmctld"), "SIGTERM");
      await until(() => notes.some((text) => text.includes("squeue failed")), 100);
      execFileSync("slurmctld", ["-f", process.env.SLURM_CONF ?? ""], { stdio: "ignore" });
      expect(await running).toMatchObject({ done: 4, failed: 0, waiting: 0 });
    }));

  test("whose coordinator is killed goes on with the jobs that are left", () =>
    inTemporaryFolder(async (parent) => {
      const study = await make(join(parent, "disturbed"), 6, 6000);
      const args = [COMMAND, "study", "run", study.folder, "--executor", "slurm", "--poll", "0.5"];
      const coordinator = spawn(process.execPath, args, { stdio: "ignore" });
      await until(() => studyStatus(openStudy(study.folder)).running.length > 0);
      coordinator.kill("SIGKILL");
      await once(coordinator, "exit");
      const notes: string[] = [];
      expect(await run(study, (text) => notes.push(text))).toMatchObject({ done: 6, failed: 0 });
      expect(notes.join("\n")).toMatch(/\d jobs of an earlier run are still in the queue/);
      expect(notes.join("\n")).not.toContain("submitted");
      expect(attempts(study)).toBe(6);
      expect(errorsOf(study.folder)).toEqual(await undisturbed(parent, 6));
    }));
});
