import { type GraphNode, size } from "@regnet/core";
import type { Plan } from "../plan/plan.js";
import { adamw } from "./adamw.js";
import { gradientClip } from "./gradientClip.js";
import { movingAverage } from "./movingAverage.js";
import { sgd } from "./sgd.js";
import { LONG } from "./slabs.js";
import { mayOverwrite } from "./targets.js";
import type { Updating } from "./updating.js";

const updatings: Readonly<Record<string, Updating>> = { adamw, gradientClip, movingAverage, sgd };
/** Inputs that all nodes of a group must share: rates, steps, scales. */
const shared: Readonly<Record<string, number>> = { adamw: 4, sgd: 3, movingAverage: 2 };

/** Inputs of an update by a gradient without a scale, which would have to wait for all gradients. */
const unscaled: Readonly<Record<string, number>> = { adamw: 6, sgd: 4 };

/** True for a node that changes state. */
export function isUpdate({ op }: GraphNode): boolean {
  return op in updatings;
}

/** Updates of state, put off until all gradients are there, so that they can be done together, but for those of long weights. */
export class DeferredUpdates {
  private pending: GraphNode[] = [];
  private readonly levels = new Map<number, number>();

  constructor(private readonly plan: Plan) {}

  /** Keeps a node for later if it is an update. */
  takes(node: GraphNode): boolean {
    if (!isUpdate(node)) return false;
    if (this.plan.done.has(node)) return true;
    const level = Math.max(-1, ...node.inputs.map(({ id }) => this.levels.get(id) ?? -1)) + 1;
    for (const { id } of node.outputs) this.levels.set(id, level);
    this.pending.push(node);
    return true;
  }

  /**
   * Plans the updates of long weights that only waited for a node, which made their gradient or read them last: the gradient is
   * still in the caches, and its memory is free for others at once.
   */
  follow(node: GraphNode): void {
    const { readers } = this.plan.fusions;
    for (const value of [...node.inputs, ...node.outputs]) {
      for (const update of readers.of(value)) if (this.isReady(update)) this.make([update]);
    }
  }

  private isReady(node: GraphNode): boolean {
    const { done, fusions } = this.plan;
    const [weight, ...given] = node.inputs;
    if (unscaled[node.op] !== node.inputs.length || done.has(node)) return false;
    // Scales and shifts of norms may be read once more, where their results are made again.
    if (weight.shape.length < 2 || 4 * size(weight.shape) < LONG) return false;
    const makers = given.map((value) => fusions.readers.maker(value)).filter((maker) => maker !== undefined);
    const isThere = makers.every((maker) => done.has(fusions.head(maker)));
    return isThere && mayOverwrite(this.plan, node, weight, node.outputs[0]);
  }

  private make(nodes: readonly GraphNode[]): void {
    updatings[nodes[0].op](nodes, this.plan);
    for (const node of nodes) this.plan.done.add(node);
  }

  /** True if a node reads what a kept one makes. */
  feeds(node: GraphNode): boolean {
    return node.inputs.some(({ id }) => this.levels.has(id));
  }

  /** Plans what was kept: groups of equal settings, those first that others depend on. */
  flush(): void {
    this.pending = this.pending.filter((node) => !this.plan.done.has(node));
    const groups = new Map<string, GraphNode[]>();
    for (const node of this.pending.toSorted((a, b) => this.level(a) - this.level(b))) {
      const key = this.groupOf(node);
      groups.set(key, [...(groups.get(key) ?? []), node]);
    }
    for (const nodes of groups.values()) this.make(nodes);
    this.pending = [];
    this.levels.clear();
  }

  private level({ outputs }: GraphNode): number {
    return this.levels.get(outputs[0].id)!;
  }

  /** Running statistics differ in their correction, which is a factor an element. */
  private groupOf(node: GraphNode): string {
    const inputs = node.inputs.slice(shared[node.op] ?? node.inputs.length).map(({ id }) => id);
    const fixedShare = node.op === "movingAverage" && inputs.length === 0;
    const attributes = fixedShare ? { share: node.attributes.share } : node.attributes;
    const own = node.op === "gradientClip" ? node.name : "";
    return JSON.stringify([this.level(node), node.op, attributes, inputs, own]);
  }
}
