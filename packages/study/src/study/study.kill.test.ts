import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { below, type Random, randomFor, uniform } from "@regnet/core";
import { describe, expect, test } from "vitest";
import { newStudy } from "./newStudy.js";
import { MOST_ATTEMPTS } from "./runTrial.js";
import { spaceSampler } from "./sampleSpace.js";
import type { StudySpecInput } from "./spec.js";
import { studyStatus } from "./status.js";
import { openStudy, type Study } from "./study.js";
import { GREY_IMAGES, inTemporaryFolder, simulatedSpec, writeGreyImages } from "./testing.js";

const COMMAND = fileURLToPath(new URL("../../../cli/bin/regnet.js", import.meta.url));
const KILLS = 20;

/** The coordinator in a process of its own, started again whenever it was killed. */
class Coordination {
  private child: ChildProcess | undefined;
  errors = "";

  constructor(private readonly folder: string) {}

  /** @returns whether it has ended by itself */
  get finished(): boolean {
    return this.child?.exitCode === 0;
  }

  ensure(): void {
    if (this.child && this.child.exitCode === null && this.child.signalCode === null) return;
    if (this.finished) return;
    const args = [COMMAND, "study", "run", this.folder, "--workers", "2", "--json"];
    const env = { ...process.env, REGNET_CACHE: join(this.folder, "../cache") };
    this.child = spawn(process.execPath, args, { env, stdio: ["ignore", "ignore", "pipe"] });
    this.child.stderr?.on("data", (text) => {
      this.errors = (this.errors + text).slice(-4000);
    });
  }

  async kill(): Promise<void> {
    if (!this.child || this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill("SIGKILL");
    await once(this.child, "exit");
  }

  async end(): Promise<void> {
    for (let i = 0; i < 5 && !this.finished; i++) {
      this.ensure();
      if (this.child?.exitCode === null && this.child.signalCode === null) await once(this.child, "exit");
    }
    expect(this.errors).not.toContain("unexpected");
    expect(this.finished, this.errors).toBe(true);
  }
}

/** Kills the coordinator or a worker at random moments. @returns how many kills hit something */
async function disturb(study: Study, random: Random, pause: number, seen: Map<number, string>): Promise<number> {
  const coordination = new Coordination(study.folder);
  const deaths = new Map<number, number[]>();
  let hits = 0;
  for (let kill = 0; hits < KILLS && kill < 20 * KILLS && !coordination.finished; kill++) {
    coordination.ensure();
    await setTimeout(pause * (0.3 + 1.4 * uniform(random)));
    note(study, seen);
    if (uniform(random) < 0.4) {
      await coordination.kill();
      hits++;
    } else if (killWorker(study, random, deaths)) hits++;
  }
  await coordination.end();
  return hits;
}

function killWorker(study: Study, random: Random, deaths: Map<number, number[]>): boolean {
  const { running } = studyStatus(openStudy(study.folder));
  const mortal = running.filter(({ id, epochs }) => !atItsLimit(deaths.get(id) ?? [], epochs));
  if (mortal.length === 0) return false;
  const { id, pid, epochs } = mortal[below(random, mortal.length)];
  if (pid === undefined) return false;
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    return false;
  }
  deaths.set(id, [...(deaths.get(id) ?? []), epochs]);
  return true;
}

/** Whether one more death would be one too many: a trial that dies four times at one point is given up, and rightly. */
function atItsLimit(deaths: readonly number[], epochs: number): boolean {
  const here = deaths.slice(1 - MOST_ATTEMPTS);
  return here.length === MOST_ATTEMPTS - 1 && here.every((death) => epochs - death <= 2);
}

/** Which file a result is: one that is written again differs. */
function note(study: Study, seen: Map<number, string>): void {
  for (const id of idsOf(study)) {
    const file = study.layout.trial(id).result;
    if (!existsSync(file)) continue;
    const { ino, mtimeMs } = statSync(file);
    const was = seen.get(id);
    if (was !== undefined) expect(`${ino} ${mtimeMs}`, `the result of trial ${id}`).toBe(was);
    seen.set(id, `${ino} ${mtimeMs}`);
  }
}

function idsOf(study: Study): number[] {
  return Array.from({ length: study.sampled?.trials ?? 0 }, (_, id) => id);
}

/** What must not depend on kills: every number but the times. */
function outcomes(study: Study): unknown[] {
  return idsOf(study).map((id) => {
    const { trial, result, metrics } = study.layout.trial(id);
    const { state, error, finalError, bestEpoch, epochs } = JSON.parse(readFileSync(result, "utf8"));
    const lines = readFileSync(metrics, "utf8").trim().split("\n");
    const curve = lines.map((line) => {
      const { epoch, loss, error: atEpoch, valLoss } = JSON.parse(line);
      return [epoch, loss, atEpoch, valLoss];
    });
    return { trial: readFileSync(trial, "utf8"), state, error, finalError, bestEpoch, epochs, curve };
  });
}

/** What is known of the trials that failed. */
function failures(study: Study): unknown[] {
  const results = idsOf(study).map((id) => ({
    id,
    ...JSON.parse(readFileSync(study.layout.trial(id).result, "utf8")),
  }));
  return results.filter(({ state }) => state === "failed");
}

/** Attempts that came to the trial's end. */
function endings(study: Study, id: number): number {
  const { folder } = study.layout.trial(id);
  const claims = readdirSync(folder).filter((name) => /^claim\.\d+$/.test(name));
  return claims.filter((name) => readFileSync(join(folder, name), "utf8").includes('"released":"finished"')).length;
}

async function compare(parent: string, document: Omit<StudySpecInput, "version">): Promise<void> {
  const make = (name: string) => newStudy(join(parent, name), document, spaceSampler());
  const undisturbed = await make("undisturbed");
  const calm = new Coordination(undisturbed.folder);
  const start = performance.now();
  await calm.end();
  // So that the last kill comes before the end, however fast the machine is.
  const pause = (performance.now() - start) / (1.25 * KILLS);
  const disturbed = await make("disturbed");
  const seen = new Map<number, string>();
  const hits = await disturb(disturbed, randomFor(7, "kills"), pause, seen);
  expect(hits).toBe(KILLS);
  note(disturbed, seen);
  expect(failures(disturbed)).toEqual([]);
  expect(studyStatus(openStudy(disturbed.folder))).toMatchObject({ done: document.trials, failed: 0, running: [] });
  expect(outcomes(disturbed)).toEqual(outcomes(undisturbed));
  expect(idsOf(disturbed).filter((id) => endings(disturbed, id) > 1)).toEqual([]);
}

describe("a study whose coordinator and workers are killed at twenty random moments", () => {
  test("of simulated trials ends as if undisturbed", () =>
    inTemporaryFolder((parent) => {
      const simulate = { milliseconds: 1500 };
      return compare(parent, simulatedSpec({ space: "RegNetX", trials: 24, epochs: 30, simulate }));
    }));

  test("of trials that train ends with the same numbers, bit for bit", () =>
    inTemporaryFolder((parent) => {
      const data = writeGreyImages(join(parent, "images"));
      const document = { name: "trained", space: "RegNetX", limits: { flops: { max: 1e6 } }, recipe: "quick" };
      return compare(parent, { ...document, ...GREY_IMAGES, data, trials: 8, epochs: 140, batch: 8 });
    }));
});
