import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Graph, GraphNode } from "@regnet/core";
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

const KERNEL = "_kernel_time";

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
  const owners = new Owners(graph);
  const lastRun = Math.max(...events.flatMap(({ name, ts = 0 }) => (name === "model_run" ? [ts] : [])));
  return events.flatMap(({ cat, name = "", ts = 0, dur = 0, args }) => {
    if (cat !== "Node" || ts < lastRun || !name.endsWith(KERNEL)) return [];
    const kernel = args?.op_name ?? "?";
    const provider = args?.provider?.replace("ExecutionProvider", "") ?? "?";
    const owner = owners.of(name.slice(0, -KERNEL.length), kernel);
    return [
      {
        node: owner?.name ?? "reorder",
        op: owner?.op ?? "reorder",
        kernel: `${kernel} (${provider})`,
        milliseconds: dur / 1000,
      },
    ];
  });
}

/** Finds the graph node that an ONNX node was written for. */
class Owners {
  private readonly byName: ReadonlyMap<string, GraphNode>;
  private readonly byOutput: ReadonlyMap<number, GraphNode>;

  constructor({ nodes }: Graph) {
    this.byName = new Map(nodes.map((node) => [node.name, node]));
    this.byOutput = new Map(nodes.flatMap((node) => node.outputs.map(({ id }) => [id, node])));
  }

  /**
   * Our own names are the node's and a part after a slash. A convolution that swallowed what follows it is named after
   * its result by the library, with `_nchwc` where it changed the layout.
   */
  of(name: string, kernel: string): GraphNode | undefined {
    const fused = this.byName.get(name.replace(/_nchwc$/, ""));
    if (fused) return kernel.endsWith("Conv") ? this.convolutionBefore(fused) : fused;
    for (let end = name.lastIndexOf("/"); end > 0; end = name.lastIndexOf("/", end - 1)) {
      const node = this.byName.get(name.slice(0, end));
      if (node) return node;
    }
    return undefined;
  }

  private convolutionBefore(node: GraphNode): GraphNode {
    for (let at: GraphNode | undefined = node; at; at = this.byOutput.get(at.inputs[0].id)) {
      if (at.op === "conv2d") return at;
    }
    return node;
  }
}
