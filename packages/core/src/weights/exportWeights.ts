import { missing } from "../errors.js";
import type { Graph, Shape } from "../graph/graph.js";
import type { Tensors } from "../graph/initialise.js";
import { fromOurs } from "./names/layout.js";
import { familyOf, nameMap } from "./names/maps.js";
import type { Naming } from "./names/naming.js";
import type { StoredTensor } from "./tensor.js";

/**
 * The weights and running statistics of an inference graph under the names, shapes and channel order of another
 * project, as its `load_state_dict` takes them. Ready for `writeSafetensors`.
 *
 * @param weights by the graph's names; what the graph does not have (optimiser state) is left out
 * @throws RegnetError for a missing weight, or a naming that has no such network
 */
export function exportWeights(graph: Graph, weights: Tensors, naming: Naming = "timm"): Record<string, StoredTensor> {
  const parameters = graph.parameters.filter(({ role }) => role === "weight" || role === "statistic");
  const family = familyOf(parameters.map(({ name }) => name));
  const map = nameMap(family, naming);
  const result: Record<string, StoredTensor> = {};
  for (const { name, value } of parameters) {
    const data = weights[name];
    if (!data) throw missing(`weights of ${name}`);
    const theirs = map.theirs(name);
    if (theirs === undefined) throw missing(`a name for ${name} among those of ${naming}`);
    result[theirs] = { dtype: "F32", ...fromOurs(naming, name, { shape: value.shape, data }) };
    if (name.endsWith(".running_var")) Object.assign(result, batchCounter(theirs));
  }
  return result;
}

const SCALAR: Shape = [];

/** PyTorch keeps a count of batches beside the running statistics; it matters only for cumulative averages. */
function batchCounter(runningVariance: string): Record<string, StoredTensor> {
  const name = runningVariance.replace(/running_var$/, "num_batches_tracked");
  return { [name]: { dtype: "I64", shape: SCALAR, data: BigInt64Array.of(0n) } };
}
