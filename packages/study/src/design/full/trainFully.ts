import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { RegnetError } from "@regnet/core";
import { builtModule } from "../../builtModule.js";
import { TAIL_BYTES } from "../../study/errorTail.js";
import type { FullResult, FullTask, FullTrainer, FullTraining } from "./fullTrainer.js";
import type { FromTrainer, ToTrainer } from "./protocol.js";

/** One thread for every library that would otherwise take all cores. */
const ONE_THREAD = { OMP_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1", MKL_NUM_THREADS: "1" };

/** Trains the networks in processes of one thread, the first tasks first. */
export const trainFully: FullTrainer = async (training) => {
  const progress = new Map<string, { seconds: number; error?: number }>();
  const tell = (name: string, seconds: number, error?: number) => {
    progress.set(name, { seconds, error });
    const all = [...progress.values()];
    const errors = all.flatMap((one) => one.error ?? []);
    training.onProgress(
      all.reduce((sum, one) => sum + one.seconds, 0),
      errors.length > 0 ? Math.min(...errors) : undefined,
    );
  };
  const queue = [...training.tasks];
  const results: FullResult[] = [];
  const work = async () => {
    for (let task = queue.shift(); task && !training.signal.aborted; task = queue.shift()) {
      results.push(await new TrainerChild(training, task, tell).finished);
    }
  };
  const processes = Math.max(1, Math.min(training.processes, queue.length));
  const ends = await Promise.allSettled(Array.from({ length: processes }, work));
  training.signal.throwIfAborted();
  for (const end of ends) if (end.status === "rejected") throw end.reason;
  const order = new Map(training.tasks.map(({ name }, i) => [name, i]));
  return results.sort((a, b) => (order.get(a.name) ?? 0) - (order.get(b.name) ?? 0));
};

class TrainerChild {
  readonly finished: Promise<FullResult>;
  private readonly child: ChildProcess;
  private tail = "";

  constructor(
    private readonly training: FullTraining,
    private readonly task: FullTask,
    private readonly tell: (name: string, seconds: number, error?: number) => void,
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

  private follow(): Promise<FullResult> {
    const { signal } = this.training;
    const stop = () => this.say({ type: "stop" });
    signal.addEventListener("abort", stop, { once: true });
    return new Promise<FullResult>((resolve, reject) => {
      this.child.on("message", (message: FromTrainer) => this.receive(message, resolve, reject));
      this.child.on("error", reject);
      this.child.on("close", (code, killer) => {
        signal.removeEventListener("abort", stop);
        const how = killer ? `killed by ${killer}` : `exit code ${code}`;
        reject(new RegnetError(`the training of ${this.task.name} died (${how}): ${this.tail.trim()}`, "unknown"));
      });
    });
  }

  private receive(message: FromTrainer, resolve: (result: FullResult) => void, reject: (error: unknown) => void): void {
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
        reject(new RegnetError(`the training of ${this.task.name} failed: ${message.message}`));
        break;
      default:
        throw new TypeError(`unreachable message ${JSON.stringify(message satisfies never)}`);
    }
  }

  private say(message: ToTrainer): void {
    if (this.child.connected) this.child.send(message, () => undefined);
  }
}
