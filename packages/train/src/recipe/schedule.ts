import type { Recipe } from "./schema.js";

/** Where a training stands, in whatever unit of time its plan counts. */
export interface Progress {
  /** Share of the whole training that is done, 0…1. */
  readonly share: number;
  /** The warm-up's share of the whole training, 0…1. */
  readonly warmup: number;
}

/** The learning rate at the top of the schedule: the recipe's, scaled linearly to the batch. */
export function peakLearningRate({ learningRate, referenceBatch }: Recipe, batch: number): number {
  return referenceBatch === undefined ? learningRate : (learningRate * batch) / referenceBatch;
}

/** The warm-up's share of a training of so many epochs, no more than the recipe lets it have. */
export function warmupShare({ warmup }: Recipe, epochs: number): number {
  if (!warmup || warmup.epochs === 0) return 0;
  return Math.min(warmup.epochs / epochs, warmup.share);
}

/**
 * The schedule's factor on the peak learning rate. As in pycls, the warm-up multiplies what the schedule says:
 * the cosine's clock starts with the training, not after the warm-up.
 */
export function scheduleFactor({ schedule, warmup }: Recipe, progress: Progress): number {
  const share = Math.min(1, Math.max(0, progress.share));
  const factor = shape(schedule, share);
  if (!warmup || share >= progress.warmup) return factor;
  const climbed = share / progress.warmup;
  return factor * (warmup.from * (1 - climbed) + climbed);
}

function shape(schedule: Recipe["schedule"], share: number): number {
  switch (schedule.kind) {
    case "cosine":
      return schedule.final + (1 - schedule.final) * 0.5 * (1 + Math.cos(Math.PI * share));
    case "linear":
      return schedule.final + (1 - schedule.final) * (1 - share);
    case "steps":
      return schedule.factor ** schedule.at.filter((at) => share >= at).length;
    case "constant":
      return 1;
    case "trapezoid": {
      const fallen = (share - (1 - schedule.cooldown)) / schedule.cooldown;
      return fallen > 0 ? schedule.final + (1 - schedule.final) * (1 - fallen) : 1;
    }
    default:
      throw new TypeError(`unreachable schedule: ${JSON.stringify(schedule satisfies never)}`);
  }
}
