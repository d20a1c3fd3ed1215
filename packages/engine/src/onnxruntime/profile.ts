import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Graph } from "@regnet/core";
import type { KernelTiming } from "../engine.js";

/** One entry of the trace that ONNX Runtime writes. */
interface TraceEvent {
  readonly cat?: string;
  readonly name?: string;
  /** Start and duration, microseconds. */
  readonly ts?: number;
  readonly dur?: number;
  readonly args?: { readonly op_name?: string; readonly provider?: string };
}

/**
 * Calls `run` with a file prefix under which a session leaves its trace, and gives the kernels' times of the last run
 * in that trace. (The first one also pays for memory that is touched for the first time.)
 */
export async function profileGraph(graph: Graph, run: (prefix: string) => Promise<void>): Promise<KernelTiming[]> {
  const folder = await mkdtemp(join(tmpdir(), "regnet-profile-"));
  try {
    await run(join(folder, "trace"));
    const [file] = await readdir(folder);
    return kernelTimings(graph, JSON.parse(await readFile(join(folder, file), "utf8")) as TraceEvent[]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function kernelTimings(graph: Graph, events: readonly TraceEvent[]): KernelTiming[] {
  const ops = new Map(graph.nodes.map(({ name, op }) => [name, op]));
  const lastRun = Math.max(...events.flatMap(({ name, ts = 0 }) => (name === "model_run" ? [ts] : [])));
  return events.flatMap(({ cat, name = "", ts = 0, dur = 0, args }) => {
    const suffix = "_kernel_time";
    if (cat !== "Node" || ts < lastRun || !name.endsWith(suffix)) return [];
    const node = owner(name.slice(0, -suffix.length), ops);
    const kernel = `${args?.op_name ?? "?"} (${args?.provider?.replace("ExecutionProvider", "") ?? "?"})`;
    return [{ node: node ?? "reorder", op: ops.get(node ?? "") ?? "reorder", kernel, milliseconds: dur / 1000 }];
  });
}

/** The graph node that an ONNX node was written for: the part of its name before the last slash. */
function owner(name: string, ops: ReadonlyMap<string, string>): string | undefined {
  for (let end = name.lastIndexOf("/"); end > 0; end = name.lastIndexOf("/", end - 1)) {
    if (ops.has(name.slice(0, end))) return name.slice(0, end);
  }
  return undefined;
}
