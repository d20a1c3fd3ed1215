import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { builtModule } from "../builtModule.js";
import { TAIL_BYTES } from "../study/errorTail.js";
import type { Study } from "../study/study.js";
import { type FromWorker, INTERVAL_VARIABLE, STUDY_VARIABLE, type ToWorker } from "./workerProtocol.js";

/** One thread for every library that would otherwise take all cores. */
export const ONE_THREAD = {
  OMP_NUM_THREADS: "1",
  OPENBLAS_NUM_THREADS: "1",
  MKL_NUM_THREADS: "1",
  UV_THREADPOOL_SIZE: "2",
};

export interface WorkerEvents {
  message(message: FromWorker): void;
  /** The process is gone. `how` says in words how it ended. */
  exit(how: string): void;
}

/** A worker process as its parent sees it: what it was given, and the end of its error stream. */
export class WorkerProcess {
  /** Trials it was given and has not answered for; the first is the one at work. */
  readonly trials: number[] = [];
  private readonly child: ChildProcess;
  private tail = "";

  constructor(study: Study, interval: number, events: WorkerEvents) {
    const variables = { [STUDY_VARIABLE]: study.folder, [INTERVAL_VARIABLE]: String(interval) };
    this.child = fork(fileURLToPath(builtModule("executors/worker.js")), {
      env: { ...process.env, ...ONE_THREAD, ...variables },
      execArgv: [],
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    this.child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.tail = (this.tail + text).slice(-TAIL_BYTES);
    });
    this.child.on("message", (message) => events.message(message as FromWorker));
    this.child.on("error", (error) => {
      this.tail += String(error);
    });
    this.child.on("close", (code, signal) => events.exit(signal ? `killed by ${signal}` : `exit code ${code}`));
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /** The end of what it wrote on its error stream. */
  get errors(): string {
    return this.tail.trim();
  }

  run(id: number): void {
    this.trials.push(id);
    this.tell({ type: "trial", id });
  }

  /** Its trial leaves a checkpoint, then it ends. */
  stop(): void {
    this.tell({ type: "stop" });
  }

  kill(): void {
    this.child.kill("SIGKILL");
  }

  private tell(message: ToWorker): void {
    if (this.child.connected) this.child.send(message, () => undefined);
  }
}
