import { RegnetError } from "@regnet/core";
import { assertTrainable, type DataSet, openDataSet } from "@regnet/train";
import { type DesignContext, type DesignImages, tellProgress } from "./context.js";
import type { DesignRequest } from "./options.js";
import type { StepResult } from "./steps.js";

/** Sides of images that a budget of flops affords; what the paper's models would need at 224² is scaled down. */
const AFFORDED: readonly (readonly [flops: number, side: number])[] = [
  [150e6, 224],
  [40e6, 128],
  [10e6, 96],
  [0, 64],
];
/**
 * Opens the images, or those that stand in for them, and chooses the size at which networks see them. Smaller images than
 * the budget affords are opened once more at theirs, so that the trials find them in the cache.
 */
export async function openImages(context: DesignContext): Promise<StepResult<DesignImages>> {
  const { request } = context;
  const afforded = request.resolution ?? affordedSide(request);
  const { dataSet, source } = await openOrFallBack(context, afforded);
  assertTrainable(dataSet);
  for (const note of dataSet.notes) context.hooks.onNote?.(note);
  const resolution = request.resolution ?? Math.min(afforded, sideOf(dataSet));
  if (resolution !== afforded) await open(context, source, resolution);
  const images: DesignImages = {
    source,
    name: dataSet.name,
    resolution,
    channels: dataSet.channels,
    classes: dataSet.classes.length,
    train: dataSet.splits.train.count,
    validation: dataSet.splits.val.count,
    test: dataSet.splits.test.count,
  };
  const { source: _, ...facts } = images;
  return { value: images, decisions: [{ step: "data", ...facts }] };
}

async function openOrFallBack(
  context: DesignContext,
  resolution: number,
): Promise<{ dataSet: DataSet; source: string }> {
  const { data, fallback } = context.request;
  try {
    return { dataSet: await open(context, data, resolution), source: data };
  } catch (error) {
    if (fallback === undefined || !(error instanceof RegnetError)) throw error;
    context.hooks.onNote?.(`${data} cannot be had (${error.message}); ${fallback} takes its place`);
    return { dataSet: await open(context, fallback, resolution), source: fallback };
  }
}

function open(context: DesignContext, source: string, resolution: number): Promise<DataSet> {
  return openDataSet(source, {
    resolution,
    holdOut: true,
    signal: context.signal,
    onProgress: ({ done, total = 0 }) => tellProgress(context, "data", { done, total }),
  });
}

/** The shorter side of the image of median size. */
function sideOf({ originalSizes: { median } }: DataSet): number {
  return Math.min(median.height, median.width);
}

function affordedSide({ flops }: DesignRequest): number {
  const budget = Array.isArray(flops) ? Math.max(...flops) : typeof flops === "number" ? flops : flops?.max;
  return AFFORDED.find(([least]) => (budget ?? 40e6) >= least)?.[1] ?? 64;
}
