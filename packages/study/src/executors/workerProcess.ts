import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { DataSetHandle } from "@regnet/train";
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

const NOBODY: WorkerEvents = { message: () => undefined, exit: () => undefined };

/** A worker process as its parent sees it: what it was given, and the end of its error stream. */
export class WorkerProcess {
  /** Who directs it. */
  events = NOBODY;
  /** Trials it was given and has not answered for; the first is the one at work. */
  readonly trials: number[] = [];
  private readonly child: ChildProcess;
  private tail = "";
  private isReady = false;
  private isGone = false;

  /** @param interval seconds between heartbeats */
  constructor(study: Study, interval: number) {
    const variables = { [STUDY_VARIABLE]: study.folder, [INTERVAL_VARIABLE]: String(interval) };
    this.child = fork(fileURLToPath(builtModule("executors/worker.js")), {
      env: { ...process.env, ...ONE_THREAD, ...variables },
      execArgv: [],
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    this.child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.tail = (this.tail + text).slice(-TAIL_BYTES);
    });
    this.child.on("message", (message: FromWorker) => {
      this.isReady ||= message.type === "ready";
      this.events.message(message);
    });
    this.child.on("error", (error) => {
      this.tail += String(error);
    });
    this.child.on("close", (code, signal) => {
      this.isGone = true;
      this.events.exit(signal ? `killed by ${signal}` : `exit code ${code}`);
    });
  }

  /** Whether it has said that it can work. */
  get ready(): boolean {
    return this.isReady;
  }

  /** Whether the process is gone. */
  get ended(): boolean {
    return this.isGone;
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /** The end of what it wrote on its error stream. */
  get errors(): string {
    return this.tail.trim();
  }

  run(id: number, images?: DataSetHandle): void {
    this.trials.push(id);
    this.tell({ type: "trial", id, images });
  }

  /** Its trial leaves a checkpoint, then it ends. */
  stop(): void {
    this.tell({ type: "stop" });
  }

  kill(): void {
    this.child.kill("SIGKILL");
  }

  tell(message: ToWorker): void {
    if (this.child.connected) this.child.send(message, () => undefined);
  }
}
