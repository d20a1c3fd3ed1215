// A contestant of bench/speed.mjs as a process that is asked in JSON lines.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { stagesOf } from "./stages.mjs";

export const PYTHON = process.env.REGNET_PYTHON ?? "/usr/bin/python3";

/** glibc keeps its memory instead of returning it: both sides get this, since page faults are dear. */
export const MALLOC = { MALLOC_MMAP_THRESHOLD_: "8589934592", MALLOC_TRIM_THRESHOLD_: "8589934592" };

export class Contestant {
  /** @param workload what the other side is told; `model` a RegNet's parameters, or `{ name }` in torchvision's words */
  static async start({ kind, model, env, ...workload }) {
    const contestant = new Contestant(kind, workload.threads, env);
    const told = kind === "torch" && !model.name ? stagesOf(model) : model;
    contestant.ready = (await contestant.ask({ do: "setup", model: told, ...workload })).ready;
    return contestant;
  }

  constructor(kind, threads, more = {}) {
    const file = (name) => fileURLToPath(new URL(name, import.meta.url));
    const command =
      kind === "torch" ? [PYTHON, file("torch_contestant.py")] : [process.execPath, file("regnet_contestant.mjs")];
    const env = { ...process.env, ...MALLOC, OMP_NUM_THREADS: String(threads), ...more };
    this.process = spawn(command[0], command.slice(1), { env, stdio: ["pipe", "pipe", "inherit"] });
    this.lines = createInterface({ input: this.process.stdout })[Symbol.asyncIterator]();
  }

  async ask(request) {
    this.process.stdin.write(`${JSON.stringify(request)}\n`);
    const { value, done } = await this.lines.next();
    if (done) throw new Error("a contestant ended before it answered");
    return JSON.parse(value);
  }

  async run(steps) {
    return (await this.ask({ do: "run", steps })).ms;
  }

  async memory() {
    return this.ask({ do: "memory" });
  }

  stop() {
    this.process.stdin.end();
    return new Promise((resolve) => this.process.once("exit", resolve));
  }
}
