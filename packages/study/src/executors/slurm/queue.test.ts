import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { Claim } from "../../study/claim.js";
import { Replaced } from "../../study/coordinator.js";
import { runStudy } from "../../study/runStudy.js";
import { runTrial } from "../../study/runTrial.js";
import { createStudy, openStudy } from "../../study/study.js";
import { drawRegNets, inTemporaryFolder, simulatedSpec } from "../../study/testing.js";
import { until } from "../executorContract.js";
import { SlurmExecutor } from "./slurm.js";

/** Commands as Slurm's, on a queue that is a file: what the test does with it, no cluster would do on demand. */
const COMMANDS = {
  sbatch: `
    [ -f "$DIR/busy" ] && { date +%s%N >> "$DIR/refusals"; echo "Socket timed out on send/recv operation" >&2; exit 1; }
    for argument in "$@"; do case $argument in
      --job-name=*) name=\${argument#*=};; --array=0-*) last=\${argument#*=0-};;
    esac; done
    job=$(($(cat "$DIR/jobs" 2>/dev/null || echo 0) + 1)); echo $job > "$DIR/jobs"
    for index in $(seq 0 $last); do echo "$name|$job|$index|PD|Resources"; done >> "$DIR/queue"
    [ -f "$DIR/mute" ] && { echo "Socket timed out on send/recv operation" >&2; exit 1; }
    echo $job`,
  squeue: `
    [ -f "$DIR/away" ] && { echo "Unable to contact slurm controller" >&2; exit 1; }
    cat "$DIR/queue" 2>/dev/null || true`,
  scancel: `
    [ -f "$DIR/away" ] && { echo "Unable to contact slurm controller" >&2; exit 1; }
    for job in "$@"; do sed -i "/|\${job%_*}|\${job#*_}|/d" "$DIR/queue"; done`,
  scontrol: `echo "MaxArraySize = 1001"`,
};

class Cluster {
  constructor(private readonly folder: string) {
    const bin = join(folder, "bin");
    mkdirSync(bin, { recursive: true });
    for (const [name, body] of Object.entries(COMMANDS)) {
      writeFileSync(join(bin, name), `#!/bin/sh\nDIR='${folder}'\n${body}\n`);
      chmodSync(join(bin, name), 0o755);
    }
    process.env.PATH = `${bin}${delimiter}${PATH}`;
  }

  get queue(): string[] {
    return this.lines("queue");
  }

  /** When `sbatch` refused, in seconds. */
  get refusals(): number[] {
    return this.lines("refusals").map((line) => Number(line) / 1e9);
  }

  /** Array tasks of a job end, whatever they did. */
  end(job: number, ...indices: number[]): void {
    this.write(this.queue.filter((line) => !indices.some((index) => line.includes(`|${job}|${index}|`))));
  }

  /** Every task that waits begins. */
  begin(): void {
    this.write(this.queue.map((line) => line.replace("|PD|Resources", "|R|None")));
  }

  private lines(name: string): string[] {
    const file = join(this.folder, name);
    return existsSync(file) ? readFileSync(file, "utf8").split("\n").filter(Boolean) : [];
  }

  private write(lines: readonly string[]): void {
    writeFileSync(join(this.folder, "queue"), lines.map((line) => `${line}\n`).join(""));
  }

  /** Busy: refuses jobs. Mute: takes them, but its answer is lost. Away: answers nothing. */
  set(state: "busy" | "mute" | "away", on: boolean): void {
    if (on) writeFileSync(join(this.folder, state), "");
    else rmSync(join(this.folder, state));
  }
}

const PATH = process.env.PATH;
afterEach(() => {
  process.env.PATH = PATH;
});

describe("a study in a queue", () => {
  function start(parent: string, trials: number, signal?: AbortSignal) {
    const cluster = new Cluster(join(parent, "cluster"));
    const { folder } = createStudy(join(parent, "study"), simulatedSpec({ trials }));
    const notes: string[] = [];
    const executor = new SlurmExecutor({ poll: 0.05 });
    const observer = { onNote: (note: string) => notes.push(note) };
    const run = runStudy(openStudy(folder), { executor, sampler: drawRegNets, observer, signal });
    const work = async (job: number, index: number, id = index) => {
      await runTrial(openStudy(folder), id);
      cluster.end(job, index);
    };
    return { cluster, run, work, notes };
  }

  const recordsOf = (parent: string) =>
    readdirSync(join(parent, "study", "slurm")).filter((name) => name.endsWith(".json"));

  test("bears tasks that vanish while others work", () =>
    inTemporaryFolder(async (parent) => {
      const { cluster, run, work } = start(parent, 6);
      await until(() => cluster.queue.length === 6);
      await work(1, 0);
      await runTrial(openStudy(join(parent, "study")), 1);
      for (const index of [2, 3, 4]) cluster.end(1, index);
      await until(() => cluster.queue.some((line) => line.includes("|2|2|")));
      cluster.end(1, 1);
      await work(1, 5);
      for (const index of [0, 1, 2]) await work(2, index, index + 2);
      expect(await run).toMatchObject({ done: 6, failed: 0, waiting: 0 });
    }));

  test("gives up where no task begins a trial, and leaves none in the queue", () =>
    inTemporaryFolder(async (parent) => {
      const { cluster, run } = start(parent, 5);
      const failure = expect(run).rejects.toThrow(/jobs end before they begin a trial: they left no log/);
      await until(() => cluster.queue.length === 5);
      for (const index of [0, 1, 2]) cluster.end(1, index);
      await failure;
      expect(cluster.queue).toEqual([]);
    }));

  test("takes no job for barren that was at a trial when it was found in the queue", () =>
    inTemporaryFolder(async (parent) => {
      const stop = new AbortController();
      const { cluster, run } = start(parent, 4, stop.signal);
      await until(() => cluster.queue.length === 4);
      stop.abort(new Replaced("gone"));
      await run;
      cluster.begin();
      const { layout } = openStudy(join(parent, "study"));
      const claims = [0, 1, 2].map((id) => Claim.take(layout.trial(id).claim, undefined, 15));
      const second = start(parent, 4);
      await until(() => second.notes.some((note) => note.startsWith("4 jobs of an earlier run")));
      for (const claim of claims) claim?.release("stopped");
      cluster.end(1, 0, 1, 2);
      await until(() => cluster.queue.some((line) => line.includes("|2|2|")));
      for (const index of [0, 1, 2]) await second.work(2, index);
      await second.work(1, 3);
      expect(await second.run).toMatchObject({ done: 4, failed: 0, waiting: 0 });
    }));

  test("asks a busy controller again, while others of its tasks are under way", () =>
    inTemporaryFolder(async (parent) => {
      const { cluster, run, work, notes } = start(parent, 3);
      await until(() => cluster.queue.length === 3);
      cluster.set("busy", true);
      await work(1, 0);
      cluster.end(1, 1);
      await until(() => notes.some((note) => note.includes("sbatch failed: Socket timed out")));
      expect(cluster.queue).toHaveLength(1);
      cluster.set("busy", false);
      await until(() => cluster.queue.length === 2);
      await work(2, 0, 1);
      await work(1, 2);
      expect(await run).toMatchObject({ done: 3, failed: 0 });
    }));

  test("asks a controller that goes on refusing ever more seldom, and keeps no record of what it refused", () =>
    inTemporaryFolder(async (parent) => {
      const { cluster, run, work } = start(parent, 3);
      await until(() => cluster.queue.length === 3);
      cluster.set("busy", true);
      await work(1, 0);
      cluster.end(1, 1);
      await until(() => cluster.refusals.length === 5);
      const { refusals } = cluster;
      expect(refusals[4] - refusals[0]).toBeGreaterThan(0.1 + 0.2 + 0.4 + 0.8);
      expect(recordsOf(parent).length).toBeLessThanOrEqual(2);
      cluster.set("busy", false);
      await until(() => cluster.queue.length === 2);
      await work(2, 0, 1);
      await work(1, 2);
      expect(await run).toMatchObject({ done: 3, failed: 0 });
      expect(recordsOf(parent)).toHaveLength(2);
    }));

  test("gives up where a controller refuses while nothing is under way, and keeps no record of it", () =>
    inTemporaryFolder(async (parent) => {
      const { cluster, run } = start(parent, 3);
      cluster.set("busy", true);
      await expect(run).rejects.toThrow(/sbatch failed: Socket timed out/);
      expect(recordsOf(parent)).toEqual([]);
    }));

  test("finds jobs in the queue that were taken although sbatch timed out, at the start and later", () =>
    inTemporaryFolder(async (parent) => {
      const { cluster, run, work, notes } = start(parent, 3);
      cluster.set("mute", true);
      const told = (tasks: number) => notes.includes(`${tasks} tasks that sbatch seemed to refuse are in the queue`);
      await until(() => told(3));
      await work(1, 0);
      cluster.end(1, 1, 2);
      await until(() => cluster.queue.length === 2);
      cluster.set("mute", false);
      for (const index of [0, 1]) await work(2, index, index + 1);
      expect(await run).toMatchObject({ done: 3, failed: 0 });
      expect(cluster.queue).toEqual([]);
      expect(recordsOf(parent)).toHaveLength(2);
    }));

  test("leaves its jobs to whoever took the study over", () =>
    inTemporaryFolder(async (parent) => {
      const { cluster, run, notes } = start(parent, 3);
      await until(() => cluster.queue.length === 3);
      const owner = { host: "elsewhere", pid: 1, startTime: "1", machine: "elsewhere", token: "x" };
      writeFileSync(join(parent, "study", "coordinator.2"), JSON.stringify({ owner, interval: 15, from: 0 }));
      expect(await run).toMatchObject({ stopped: true, waiting: 3 });
      expect(notes.join()).toContain("another process took the study over");
      expect(cluster.queue).toHaveLength(3);
    }));

  test("touches no job of an earlier run where the controller does not answer at the start", () =>
    inTemporaryFolder(async (parent) => {
      const stop = new AbortController();
      const first = start(parent, 3, stop.signal);
      await until(() => first.cluster.queue.length === 3);
      stop.abort(new Replaced("gone"));
      await first.run;
      first.cluster.set("away", true);
      await expect(start(parent, 3).run).rejects.toThrow(/squeue failed/);
      first.cluster.set("away", false);
      expect(first.cluster.queue).toHaveLength(3);
    }));

  test("leaves no job behind where the controller is away at its end", () =>
    inTemporaryFolder(async (parent) => {
      const stop = new AbortController();
      const { cluster, run, notes } = start(parent, 3, stop.signal);
      await until(() => cluster.queue.length === 3);
      cluster.set("away", true);
      stop.abort();
      await until(() => notes.some((note) => note.includes("squeue failed")));
      await setTimeout(1500);
      expect(cluster.queue).toHaveLength(3);
      cluster.set("away", false);
      expect(await run).toMatchObject({ stopped: true, waiting: 3 });
      expect(cluster.queue).toEqual([]);
    }));
});
