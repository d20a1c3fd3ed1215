/** The studies of the chain as documents: what spec.json says of each population. */
import { readFileSync } from "node:fs";
import { findSpace } from "@regnet/core";

export const spec = JSON.parse(readFileSync(new URL("spec.json", import.meta.url), "utf8"));

/**
 * The study of one population of spec.json.
 * @param folder absolute, from which `dataSet` was opened
 */
export function documentOf(population, folder, { classes, channels, splits }, networks) {
  return {
    name: population.name,
    space: spaceOf(population),
    limits: spec.limits,
    seed: spec.seed,
    trials: networks,
    data: folder,
    subset: {
      train: Math.min(spec.images.train, splits.train.count),
      val: Math.min(spec.images.val, splits.val.count),
    },
    recipe: population.recipe ?? spec.recipe,
    resolution: spec.resolution,
    channels,
    classes: classes.length,
    epochs: spec.epochs,
    batch: spec.batch,
    ...(spec.engine && { engine: spec.engine }),
  };
}

/** The published space with the stem and the stages that small images allow, and without widths far beyond the budget. */
function spaceOf({ space, widths, parameters }) {
  const published = findSpace(space);
  if (published.family === "convnext")
    return { ...published, stages: spec.stages, parameters: { ...published.parameters, ...parameters } };
  const narrower = widths ? { width: { ...published.parameters.width, max: widths } } : {};
  return {
    ...published,
    stages: spec.stages,
    network: spec.network,
    parameters: { ...published.parameters, ...narrower, ...parameters },
  };
}
