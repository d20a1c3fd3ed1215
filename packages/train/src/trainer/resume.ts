import { availableParallelism } from "node:os";
import { missing } from "@regnet/core";
import { engines } from "@regnet/engine";
import { readRunSpec } from "../run/spec.js";
import type { TrainOptions } from "./options.js";

/**
 * The options that go on with the run in a folder as it was begun: on the same engine with as many threads, where this
 * machine has them.
 * @param data in place of the data set that the run knows, for instance where a folder was moved
 * @throws RegnetError when there is none, or when it was begun with a data set that has no name or folder
 */
export function resumeOptions(folder: string, data?: string): TrainOptions {
  const spec = readRunSpec(folder);
  const source = data ?? spec.data.source;
  if (source === undefined) throw missing("data set of the run", "say which with --data");
  const { fineTune, environment } = spec;
  const engine = engines.find(({ id }) => id === environment.engine);
  return {
    model: spec.model,
    data: source,
    holdOut: spec.data.holdOut ?? false,
    folder,
    recipe: spec.recipe,
    time: spec.time,
    steps: spec.steps,
    continues: spec.continues,
    resolution: spec.data.source === undefined ? spec.resolution : spec.data.resolution,
    seed: spec.seed,
    precision: spec.precision,
    evaluateEpochs: spec.evaluateEpochs,
    from: fineTune && { weights: fineTune.source ?? {}, newHead: fineTune.newHead, freeze: fineTune.freeze },
    engine: engine?.probe().available ? engine.id : "auto",
    threads: environment.threads <= availableParallelism() ? environment.threads : undefined,
    resume: true,
  };
}
