import { parentPort, workerData } from "node:worker_threads";
import { RegnetError } from "@regnet/core";
import { useGate } from "../../nativeGate.js";
import { compileHere } from "../compile.js";
import type { DnnExecutable } from "../executable.js";
import { type Failure, type Reply, type Request, SIGNAL, type WorkerTask } from "./messages.js";

const port = parentPort!;
const { graph, options, gate } = workerData as WorkerTask;
useGate(gate);
const say = (reply: Reply) => port.postMessage(reply);

try {
  const executable = compileHere(graph, options);
  port.on("message", (request: Request) => answer(executable, request));
  say({ compiled: { ...executable.arrays(), memory: executable.memory, notes: executable.notes } });
} catch (error) {
  say({ failure: failure(error) });
}

async function answer(executable: DnnExecutable, request: Request): Promise<void> {
  switch (request.do) {
    case "run":
    case "profile":
      return compute(executable, request.id, request.do);
    case "read":
    case "write":
      return exchange(executable, request);
    case "dispose":
      executable.dispose();
      port.close();
      break;
    default:
      request satisfies never;
  }
}

async function compute(executable: DnnExecutable, id: number, what: "run" | "profile"): Promise<void> {
  try {
    if (what === "run") await executable.run();
    say({ id, timings: what === "profile" ? await executable.profile() : undefined });
  } catch (error) {
    say({ id, failure: failure(error) });
  }
}

function exchange(executable: DnnExecutable, request: Extract<Request, { do: "read" | "write" }>): void {
  const { name, values, signal } = request;
  try {
    if (request.do === "read") values.set(executable.read(name));
    else executable.write(name, values);
    Atomics.store(signal, 0, SIGNAL.done);
  } catch {
    Atomics.store(signal, 0, SIGNAL.failed);
  }
  Atomics.notify(signal, 0);
}

function failure(error: unknown): Failure {
  if (error instanceof RegnetError) return { message: error.message, code: error.code, path: error.path };
  return { message: error instanceof Error ? error.message : String(error) };
}
