import { GraphBuilder } from "./builder.js";
import type { Graph, GraphNode, Parameter, Value } from "./graph.js";
import { size } from "./graph.js";
import { attributesOf } from "./op.js";
import {
  batchNorm,
  batchNormTraining,
  dropPath,
  layerNorm,
  layerNormTraining,
  multiply,
  opDefinition,
} from "./ops/index.js";
import { prune } from "./prune.js";

/** The batch statistics of one batch norm, beside the running ones they feed. */
export interface BatchStatistics {
  readonly node: string;
  readonly runningMean: Parameter;
  readonly runningVariance: Parameter;
  readonly mean: Value;
  readonly variance: Value;
  readonly momentum: number;
  /** n/(n − 1), which makes the biased variance of a batch unbiased. */
  readonly correction: number;
}

export interface TrainingForward {
  readonly builder: GraphBuilder;
  readonly statistics: readonly BatchStatistics[];
  /** Where a value of the inference graph went. */
  map(value: Value): Value;
}

/**
 * Rewrites a forward graph for training: batch norms normalise by the batch, layer norms keep their statistics,
 * drop-path becomes a product with an input. Batch norms all of whose weights are `frozen` (by name) keep their running
 * statistics.
 */
export function trainingForward(graph: Graph, frozen: (name: string) => boolean = () => false): TrainingForward {
  const builder = new GraphBuilder(graph.batch);
  const values = new Map<number, Value>();
  const statistics: BatchStatistics[] = [];
  const byId = new Map(graph.parameters.map((parameter) => [parameter.value.id, parameter]));
  const map = (value: Value): Value => values.get(value.id)!;

  for (const { name, value } of graph.inputs) values.set(value.id, builder.input(name, value.shape));
  const parameters = new Map<string, Parameter>();
  for (const { name, value, role, initial } of graph.parameters) {
    const moved = builder.parameter(name, value.shape, role, initial);
    values.set(value.id, moved);
    parameters.set(name, { name, value: moved, role, initial });
  }
  for (const node of graph.nodes) {
    const inputs = node.inputs.map(map);
    const outputs = rewrite(node, inputs);
    for (const [i, output] of node.outputs.entries()) values.set(output.id, outputs[i]);
  }
  return { builder, statistics, map };

  function rewrite(node: GraphNode, inputs: readonly Value[]): Value[] {
    if (node.op === batchNorm.name && !isFrozen(node)) return batchNormNode(node, inputs);
    if (node.op === layerNorm.name) {
      return builder.apply(layerNormTraining, inputs, attributesOf(node, layerNorm), node.name);
    }
    if (node.op === dropPath.name) return dropPathNode(node, inputs[0]);
    return builder.apply(opDefinition(node.op), inputs, node.attributes, node.name);
  }

  function isFrozen({ inputs: [, gamma, beta] }: GraphNode): boolean {
    const names = [gamma, beta].map(({ id }) => byId.get(id)?.name);
    return names.every((name) => name !== undefined && frozen(name));
  }

  function batchNormNode(node: GraphNode, [x, gamma, beta]: readonly Value[]): Value[] {
    const { epsilon, momentum } = attributesOf(node, batchNorm);
    const [y, mean, variance] = builder.apply(batchNormTraining, [x, gamma, beta], { epsilon }, node.name);
    const count = size(x.shape) / x.shape[1];
    const running = (input: Value) => parameters.get(byId.get(input.id)!.name)!;
    statistics.push({
      node: node.name,
      runningMean: running(node.inputs[3]),
      runningVariance: running(node.inputs[4]),
      mean,
      variance,
      momentum,
      correction: count > 1 ? count / (count - 1) : 1,
    });
    return [y];
  }

  function dropPathNode(node: GraphNode, x: Value): Value[] {
    if (attributesOf(node, dropPath).rate === 0) return [x];
    const mask = builder.input(`dropPath:${node.name}`, [x.shape[0], 1, 1, 1]);
    return builder.apply(multiply, [x, mask], {}, node.name);
  }
}

/**
 * The forward graph in training mode with, beside its own outputs, the batch statistics of every batch norm:
 * `<running mean's name>` and `<running variance's name>` (unbiased by the caller with `correction`).
 * For precise batch-norm statistics.
 */
export function statisticsGraph(graph: Graph): { graph: Graph; statistics: readonly BatchStatistics[] } {
  const { builder, statistics, map } = trainingForward(graph);
  for (const { name, value } of graph.outputs) builder.output(name, map(value));
  for (const { runningMean, runningVariance, mean, variance } of statistics) {
    builder.output(runningMean.name, mean);
    builder.output(runningVariance.name, variance);
  }
  return { graph: prune(builder.build()), statistics };
}
