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
/** Sides of the data sets that go by a name. */
const NATURAL: Readonly<Record<string, number>> = { "fashion-mnist": 28, shapes: 32 };

/** Opens the images, or those that stand in for them, and chooses the size at which networks see them. */
export async function openImages(context: DesignContext): Promise<StepResult<DesignImages>> {
  const { request } = context;
  const { dataSet, source } = await openOrFallBack(context);
  assertTrainable(dataSet);
  for (const note of dataSet.notes) context.hooks.onNote?.(note);
  const side = Math.max(dataSet.sizes.largest.height, dataSet.sizes.largest.width);
  const resolution = request.resolution ?? Math.min(wantedSide(request, source), side);
  const images: DesignImages = {
    source,
    name: dataSet.name,
    resolution,
    channels: dataSet.channels,
    classes: dataSet.classes.length,
    train: dataSet.splits.train.count,
    validation: dataSet.splits.val.count,
  };
  const { source: _, ...facts } = images;
  return { value: images, decisions: [{ step: "data", ...facts }] };
}

async function openOrFallBack(context: DesignContext): Promise<{ dataSet: DataSet; source: string }> {
  const { data, fallback } = context.request;
  try {
    return { dataSet: await open(context, data), source: data };
  } catch (error) {
    if (fallback === undefined || !(error instanceof RegnetError)) throw error;
    context.hooks.onNote?.(`${data} cannot be had (${error.message}); ${fallback} takes its place`);
    return { dataSet: await open(context, fallback), source: fallback };
  }
}

function open(context: DesignContext, source: string): Promise<DataSet> {
  return openDataSet(source, {
    resolution: wantedSide(context.request, source),
    signal: context.signal,
    onProgress: ({ done, total = 0 }) => tellProgress(context, "data", { done, total }),
  });
}

function wantedSide({ resolution, flops }: DesignRequest, source: string): number {
  if (resolution !== undefined) return resolution;
  const natural = NATURAL[source.split(":")[0]];
  if (natural !== undefined) return natural;
  const budget = Array.isArray(flops) ? Math.max(...flops) : typeof flops === "number" ? flops : flops?.max;
  return AFFORDED.find(([least]) => (budget ?? 40e6) >= least)?.[1] ?? 64;
}
