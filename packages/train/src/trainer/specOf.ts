import { environmentOf } from "../run/environment.js";
import type { RunSpec } from "../run/spec.js";
import type { Setup } from "./setup.js";

/** What `run.json` is to say of a training. */
export function specOf(setup: Setup): RunSpec {
  const from = setup.fineTuning?.options;
  const { dataSet, model, name, resolution, recipe, time, steps, continues, seed, precision, evaluateEpochs } = setup;
  return {
    version: 1,
    created: new Date().toISOString(),
    model,
    name,
    resolution,
    channels: dataSet.channels,
    classes: [...dataSet.classes],
    normalisation: { mean: [...dataSet.statistics.mean], std: [...dataSet.statistics.std] },
    data: {
      ...setup.opened,
      name: dataSet.name,
      fingerprint: dataSet.fingerprint,
      holdOut: dataSet.handle.holdOut,
      train: dataSet.splits.train.count,
      val: dataSet.splits.val.count,
      test: dataSet.splits.test.count || undefined,
    },
    recipe,
    time,
    steps,
    continues,
    seed,
    fineTune: from && {
      source: typeof from.weights === "string" ? from.weights : undefined,
      newHead: from.newHead,
      freeze: from.freeze,
    },
    precision,
    evaluateEpochs,
    environment: environmentOf(setup.engine, setup.threads),
  };
}
