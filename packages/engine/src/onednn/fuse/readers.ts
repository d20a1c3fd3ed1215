import type { Graph, GraphNode, Value } from "@regnet/core";

/** Who reads and who makes each value of a graph. */
export class Readers {
  private readonly nodes = new Map<number, GraphNode[]>();
  private readonly makers = new Map<number, GraphNode>();
  private readonly keptIds: ReadonlySet<number>;

  constructor(graph: Graph) {
    for (const node of graph.nodes) {
      for (const { id } of node.inputs) this.nodes.set(id, [...(this.nodes.get(id) ?? []), node]);
      for (const { id } of node.outputs) this.makers.set(id, node);
    }
    this.keptIds = new Set([...graph.outputs, ...graph.updates].map(({ value }) => value.id));
  }

  of(value: Value): readonly GraphNode[] {
    return this.nodes.get(value.id) ?? [];
  }

  maker(value: Value): GraphNode | undefined {
    return this.makers.get(value.id);
  }

  /** The one node that needs a value; undefined where several do, or the value leaves the graph. */
  only(value: Value): GraphNode | undefined {
    const nodes = this.of(value);
    return nodes.length === 1 && !this.keptIds.has(value.id) ? nodes[0] : undefined;
  }

  /** True for a value that leaves the graph. */
  kept(value: Value): boolean {
    return this.keptIds.has(value.id);
  }
}
