import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { RegnetError } from "@regnet/core";
import type { FailedTraining } from "../../analysis/decision.js";
import { builtModule } from "../../builtModule.js";
import { failureEn } from "../../report/messages/decisionsEn.js";
import { TAIL_BYTES } from "../../study/errorTail.js";
import { StorageError } from "../../study/storage.js";
import type { FullResult, FullTask, FullTrainer, FullTraining } from "./fullTrainer.js";
import type { FromTrainer, ToTrainer } from "./protocol.js";

/** One thread for every library that would otherwise take all cores. */
const ONE_THREAD = { OMP_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1", MKL_NUM_THREADS: "1" };

/** How often a training whose process died goes on in another one: memory was scarce for a moment, perhaps. */
const MOST_RESTARTS = 2;

/** Trains the networks in processes of one thread, the longest first, as their times were planned. */
export const trainFully: FullTrainer = async (training) => {
  const progress = new Map<string, { seconds: number; error?: number }>();
  const tell: Tell = (name, seconds, error) => {
    const before = progress.get(name);
    progress.set(name, { seconds: Math.max(seconds, before?.seconds ?? 0), error: error ?? before?.error });
    const all = [...progress.values()];
    const errors = all.flatMap((one) => one.error ?? []);
    training.onProgress(
      all.reduce((sum, one) => sum + one.seconds, 0),
      errors.length > 0 ? Math.min(...errors) : undefined,
    );
  };
  const queue = longestFirst(training.tasks);
  const outcomes = new Map<string, Outcome>();
  const fatal = new AbortController();
  const signal = AbortSignal.any([training.signal, fatal.signal]);
  const work = async () => {
    for (let task = queue.shift(); task && !signal.aborted; task = queue.shift()) {
      outcomes.set(task.name, await trainPersistently({ ...training, signal }, task, tell));
    }
  };
  const processes = Math.max(1, Math.min(training.processes, queue.length));
  const works = Array.from({ length: processes }, () => work().catch((error) => fatal.abort(error)));
  await Promise.all(works);
  signal.throwIfAborted();
  return training.tasks.flatMap(({ name }) => outcomes.get(name) ?? []);
};

/** The order that a plan counts with: a long training begun last would leave the other processes idle. */
export function longestFirst(tasks: readonly FullTask[]): FullTask[] {
  return [...tasks].sort((a, b) => b.seconds - a.seconds);
}

type Outcome = FullResult | FailedTraining;
type Tell = (name: string, seconds: number, error?: number) => void;

/** One training, in process after process where they die. */
async function trainPersistently(training: FullTraining, task: FullTask, tell: Tell): Promise<Outcome> {
  for (let restarts = 0; ; restarts++) {
    const outcome = await new TrainerChild(training, task, tell).finished;
    if (!("death" in outcome) || restarts === MOST_RESTARTS || training.signal.aborted) return outcome;
    training.onNote(`${task.name}: ${failureEn(outcome)}; another one goes on from its checkpoint`);
  }
}

class TrainerChild {
  /** Rejects where what went wrong concerns every training. */
  readonly finished: Promise<Outcome>;
  private readonly child: ChildProcess;
  private tail = "";

  constructor(
    private readonly training: FullTraining,
    private readonly task: FullTask,
    private readonly tell: Tell,
  ) {
    this.child = fork(fileURLToPath(builtModule("design/full/trainerProcess.js")), {
      env: { ...process.env, ...ONE_THREAD },
      execArgv: [],
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    this.child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.tail = (this.tail + text).slice(-TAIL_BYTES);
    });
    this.finished = this.follow();
    const { request, images } = training;
    this.say({ type: "train", request, images, task });
  }

  private follow(): Promise<Outcome> {
    const { signal } = this.training;
    const stop = () => this.say({ type: "stop" });
    signal.addEventListener("abort", stop, { once: true });
    return new Promise<Outcome>((resolve, reject) => {
      this.child.on("message", (message: FromTrainer) => this.receive(message, resolve, reject));
      this.child.on("error", reject);
      this.child.on("close", (code, killer) => {
        signal.removeEventListener("abort", stop);
        resolve({ name: this.task.name, death: { by: killer ?? Number(code), tail: this.tail.trim() } });
      });
    });
  }

  private receive(message: FromTrainer, resolve: (outcome: Outcome) => void, reject: (error: unknown) => void): void {
    switch (message.type) {
      case "progress":
        this.tell(this.task.name, message.seconds, message.error);
        break;
      case "note":
        this.training.onNote(message.text);
        break;
      case "done":
        this.tell(this.task.name, this.task.seconds, 1 - message.result.accuracy);
        resolve(message.result);
        break;
      case "stopped":
        reject(this.training.signal.reason ?? new RegnetError(`${this.task.name} was stopped`));
        break;
      case "failed":
        if (message.storage) reject(new StorageError(message.message, this.task.folder, message.storage));
        else if (message.common) reject(new RegnetError(message.message, message.common));
        else resolve({ name: this.task.name, reason: message.message });
        break;
      default:
        throw new TypeError(`unreachable message ${JSON.stringify(message satisfies never)}`);
    }
  }

  private say(message: ToTrainer): void {
    if (this.child.connected) this.child.send(message, () => undefined);
  }
}
