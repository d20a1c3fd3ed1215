import { missing } from "@regnet/core";
import { readRunSpec } from "../run/spec.js";
import type { TrainOptions } from "./options.js";

/**
 * The options that go on with the run in a folder, as it was begun.
 * @param data in place of the data set that the run knows, for instance where a folder was moved
 * @throws RegnetError when there is none, or when it was begun with a data set that has no name or folder
 */
export function resumeOptions(folder: string, data?: string): TrainOptions {
  const spec = readRunSpec(folder);
  const source = data ?? spec.data.source;
  if (source === undefined) throw missing("data set of the run", "say which with --data");
  const { fineTune } = spec;
  return {
    model: spec.model,
    data: source,
    folder,
    recipe: spec.recipe,
    time: spec.time,
    resolution: spec.resolution,
    seed: spec.seed,
    precision: spec.precision,
    evaluateEpochs: spec.evaluateEpochs,
    from: fineTune && { weights: fineTune.source ?? {}, newHead: fineTune.newHead, freeze: fineTune.freeze },
    resume: true,
  };
}
