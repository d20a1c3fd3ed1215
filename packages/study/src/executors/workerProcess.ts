import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { DataSetHandle } from "@regnet/train";
import { builtModule } from "../builtModule.js";
import { TAIL_BYTES } from "../study/errorTail.js";
import type { Study } from "../study/study.js";
import type { HeldMemory, Paced } from "./probe.js";
import {
  type FromWorker,
  INTERVAL_VARIABLE,
  type PaceAnswer,
  STUDY_VARIABLE,
  type ToWorker,
} from "./workerProtocol.js";

/** So many threads for every library that would otherwise take all cores. */
export function threadVariables(threads: number) {
  const count = String(threads);
  return { OMP_NUM_THREADS: count, OPENBLAS_NUM_THREADS: count, MKL_NUM_THREADS: count, UV_THREADPOOL_SIZE: "2" };
}

/** What a worker says of its trials. */
export type WorkerMessage = Exclude<FromWorker, PaceAnswer | { readonly type: "stepping" }>;

export interface WorkerEvents {
  message(message: WorkerMessage): void;
  /** The process is gone. `how` says in words how it ended. */
  exit(how: string): void;
}

/** Milliseconds until a worker that answers no question is given up. */
const PATIENCE = 60_000;

const NOBODY: WorkerEvents = { message: () => undefined, exit: () => undefined };

/** A worker process as its parent sees it: what it was given, and the end of its error stream. */
export class WorkerProcess implements Paced {
  /** Who directs it. */
  events = NOBODY;
  /** Trials it was given and has not answered for; the first is the one at work. */
  readonly trials: number[] = [];
  /** What it holds once a trial of it takes steps; undefined where it ends before. */
  readonly stepping: Promise<HeldMemory | undefined>;
  private readonly child: ChildProcess;
  private tellStepping: (held?: HeldMemory) => void = () => undefined;
  private answer: (answer?: PaceAnswer) => void = () => undefined;
  private tail = "";
  private isReady = false;
  private isGone = false;

  /** @param interval seconds between heartbeats */
  constructor(study: Study, interval: number) {
    this.stepping = new Promise((resolve) => {
      this.tellStepping = resolve;
    });
    const variables = { [STUDY_VARIABLE]: study.folder, [INTERVAL_VARIABLE]: String(interval) };
    this.child = fork(fileURLToPath(builtModule("executors/worker.js")), {
      env: { ...process.env, ...threadVariables(study.spec.threads), ...variables },
      execArgv: [],
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    this.child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.tail = (this.tail + text).slice(-TAIL_BYTES);
    });
    this.child.on("message", (message: FromWorker) => this.receive(message));
    this.child.on("error", (error) => {
      this.tail += String(error);
    });
    this.child.on("close", (code, signal) => {
      this.isGone = true;
      this.tellStepping();
      this.answer();
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

  async measure(seconds: number): Promise<number | undefined> {
    const answer = await this.ask({ type: "measure", seconds });
    return answer?.type === "measured" ? answer.rate : undefined;
  }

  async pause(): Promise<boolean> {
    const answer = await this.ask({ type: "pause" });
    return answer?.type === "paused" && answer.still;
  }

  resume(): void {
    this.tell({ type: "resume" });
  }

  private receive(message: FromWorker): void {
    switch (message.type) {
      case "stepping":
        this.tellStepping(message);
        break;
      case "measured":
      case "paused":
        this.answer(message);
        break;
      default:
        this.isReady ||= message.type === "ready";
        this.events.message(message);
    }
  }

  /** One question at a time. @returns undefined where it ends or takes no step */
  private ask(question: ToWorker): Promise<PaceAnswer | undefined> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.answer(), PATIENCE);
      this.answer = (answer) => {
        clearTimeout(timer);
        resolve(answer);
      };
      if (this.isGone) this.answer();
      else this.tell(question);
    });
  }

  private tell(message: ToWorker): void {
    if (this.child.connected) this.child.send(message, () => undefined);
  }
}
