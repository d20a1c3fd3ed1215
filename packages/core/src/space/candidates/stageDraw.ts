import type { Random } from "../../random/random.js";
import { Draw, RisingDraw } from "../distribution.js";
import { distributionOf } from "../parameter.js";
import type { AnyNetSpace, ParameterSampler } from "../schema.js";

/** Draws one parameter for every stage into the first places of `into`. */
export type StageDraw = (random: Random, stages: number, into: Float64Array) => void;

type PerStage = "depth" | "width" | "groupWidth" | "bottleneck";

/** How a space draws a parameter of its stages: apart, once for all, or rising. */
export function stageDraw(space: AnyNetSpace, name: PerStage, sampler: ParameterSampler): StageDraw {
  const distribution = distributionOf(name, sampler, `parameters.${name}`);
  const draw = new Draw(distribution);
  if (space.shared?.includes(name)) {
    return (random, stages, into) => void into.fill(draw.next(random), 0, stages);
  }
  if (space.rising?.some((rising) => rising === name)) {
    const [least, most] = stageRange(space.stages);
    const draws = Array.from({ length: most - least + 1 }, (_, i) => new RisingDraw(distribution, least + i));
    return (random, stages, into) => draws[stages - least].next(random, into);
  }
  return (random, stages, into) => {
    for (let i = 0; i < stages; i++) into[i] = draw.next(random);
  };
}

/** Least and most stages. */
export function stageRange(stages: AnyNetSpace["stages"]): readonly [number, number] {
  return typeof stages === "number" ? [stages, stages] : [stages.min, stages.max];
}
