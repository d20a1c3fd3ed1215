import { RegnetError } from "../errors.js";
import { type Graph, type Shape, size } from "./graph.js";
import { peakActivationBytes } from "./liveness.js";
import { opDefinition } from "./ops/index.js";

/** What a network costs, counted as pycls counts (`net.complexity`). */
export interface Complexity {
  /** Trained weights; running statistics do not count. */
  readonly params: number;
  /** Multiply-adds of one image. */
  readonly flops: number;
  /** Output elements of convolutions, poolings and linear layers for one image. */
  readonly acts: number;
}

/** What a network costs, memory included. */
export interface GraphComplexity extends Complexity {
  /** Bytes of weights and running statistics in float32: what an inference checkpoint holds. */
  readonly weightBytes: number;
  /** Bytes of float32 activations alive at once at inference, at most, for the graph's batch. */
  readonly peakActivationBytes: number;
}

/** One part of a network: the stem, a stage, the head. */
export interface PartComplexity extends Complexity {
  /** The leading part of its parameters' names: `stem`, `s1`, `stages.0`, `head`. */
  readonly name: string;
  /** Shape of what it hands on. */
  readonly output: Shape;
}

/** @throws RegnetError (`unsupported`) where a count is so large that a number no longer holds it exactly */
export function expectExact({ params, flops, acts }: Complexity): void {
  if (Math.max(params, flops, acts) <= Number.MAX_SAFE_INTEGER) return;
  const counts = `${params.toPrecision(3)} params, ${flops.toPrecision(3)} flops and ${acts.toPrecision(3)} acts`;
  throw new RegnetError(
    `unsupported network: ${counts} are more than can be counted exactly; take smaller images, or a smaller network`,
    "unsupported",
  );
}

/** Complexity of an inference graph. flops and acts are those of one image, whatever the graph's batch. */
export function complexityOf(graph: Graph): GraphComplexity {
  let [params, flops, acts] = [0, 0, 0];
  for (const part of partsOf(graph)) {
    params += part.params;
    flops += part.flops;
    acts += part.acts;
  }
  expectExact({ params, flops, acts });
  return { params, flops, acts, weightBytes: weightBytes(graph), peakActivationBytes: peakActivationBytes(graph) };
}

/** Bytes of weights and running statistics in float32. */
export function weightBytes(graph: Graph): number {
  let elements = 0;
  for (const { role, value } of graph.parameters) {
    if (role === "weight" || role === "statistic") elements += size(value.shape);
  }
  return 4 * elements;
}

/** Complexity by part, in the order of the graph. */
export function partsOf(graph: Graph): PartComplexity[] {
  const parts = new Map<string, { params: number; flops: number; acts: number; output: Shape }>();
  const part = (name: string) => {
    const key = partName(name);
    const known = parts.get(key) ?? { params: 0, flops: 0, acts: 0, output: [] };
    parts.set(key, known);
    return known;
  };
  for (const node of graph.nodes) {
    const entry = part(node.name);
    const shapes = node.inputs.map(({ shape }) => shape);
    const cost = opDefinition(node.op).cost?.(shapes, node.attributes);
    entry.flops += cost?.flops ?? 0;
    entry.acts += cost?.acts ?? 0;
    entry.output = node.outputs[0].shape;
  }
  for (const { name, role, value } of graph.parameters) if (role === "weight") part(name).params += size(value.shape);
  return Array.from(parts, ([name, entry]) => ({ name, ...entry }));
}

function partName(name: string): string {
  const [first, second] = name.split(".");
  return first === "stages" ? `${first}.${second}` : first;
}
