import { type Complexity, countModel, type ModelSpec } from "@regnet/core";
import type { DecisionFacts } from "../analysis/decision.js";
import { inputOf } from "../study/spec.js";
import { scaledBaseline } from "./baseline.js";
import type { Candidate } from "./candidates.js";
import { type DesignContext, type DesignImages, workersOf } from "./context.js";
import type { Exploration } from "./explore.js";
import { latencyHere } from "./measure.js";
import { networkName } from "./names.js";
import { batchFor, fullSecondsNow } from "./plan.js";
import type { StepResult } from "./steps.js";

/** A network that is to be trained fully, with the seconds it gets. */
export interface Finalist {
  readonly name: string;
  readonly role: "finalist" | "baseline";
  /** Its number in the report's table of trials. */
  readonly trial?: number;
  readonly spec: ModelSpec;
  readonly complexity: Complexity;
  /** Milliseconds an image, measured on this device. */
  readonly latency?: number;
  readonly seconds: number;
  /** Images a step, the same for all. */
  readonly batch: number;
}

/** A latency counts as within its limit up to the noise of measuring it. */
export const NOISE = 1.03;
/** Candidates looked at for each finalist, where some are too slow. */
const LOOKED_AT = 4;

/**
 * The candidates of least error, measured again on this device; those that turn out slower than the limit make place for
 * the next. The baseline joins them, scaled as near to the flops of the largest as its widths allow.
 *
 * @param candidates of both rounds, the least error first
 */
export async function chooseFinalists(
  context: DesignContext,
  exploration: Exploration,
  candidates: readonly Candidate[],
): Promise<StepResult<readonly Finalist[]>> {
  const { plan, images, limits } = exploration;
  const measured = await measureAll(context, images, candidates.slice(0, plan.finalists * LOOKED_AT), {
    wanted: plan.finalists,
    most: (limits.latency?.max ?? Number.POSITIVE_INFINITY) * NOISE,
  });
  const trainings = measured.kept.length + (context.request.baseline ? 1 : 0);
  const [seconds] = fullSecondsNow(plan, context.clock.left, trainings, workersOf(context.request));
  const given = { seconds, batch: batchFor(plan.fullEpochs * images.train) };
  const chosen = measured.kept.map(({ candidate, latency }): Finalist => {
    const { spec, complexity, id } = candidate;
    return {
      name: `${networkName(spec, complexity.flops)} #${id}`,
      role: "finalist",
      trial: id,
      spec,
      complexity,
      latency,
      ...given,
    };
  });
  const kept = measured.kept.map(({ candidate }) => candidate);
  const facts: DecisionFacts = {
    step: "finalists",
    ids: kept.map(({ id }) => id),
    errors: kept.map(({ error }) => error),
    dropped: measured.dropped,
    epochs: plan.fullEpochs,
  };
  const baseline = context.request.baseline ? await baselineOf(context, exploration, chosen, given) : [];
  return { value: [...chosen, ...baseline], decisions: [facts] };
}

async function measureAll(
  context: DesignContext,
  images: DesignImages,
  candidates: readonly Candidate[],
  { wanted, most }: { readonly wanted: number; readonly most: number },
) {
  const kept: { candidate: Candidate; latency: number }[] = [];
  let dropped = 0;
  for (const candidate of candidates) {
    if (kept.length >= wanted) break;
    const latency = await latencyHere(context, images, candidate.spec);
    if (latency > most) dropped++;
    else kept.push({ candidate, latency });
  }
  if (kept.length === 0 && candidates.length > 0) {
    context.hooks.onNote?.("no candidate keeps to the latency when measured again; the best is taken all the same");
    kept.push({ candidate: candidates[0], latency: await latencyHere(context, images, candidates[0].spec) });
  }
  return { kept, dropped };
}

async function baselineOf(
  context: DesignContext,
  { images, space }: Exploration,
  finalists: readonly Finalist[],
  given: Pick<Finalist, "seconds" | "batch">,
): Promise<Finalist[]> {
  const body = space.family === "regnet" && space.network ? space.network : {};
  const flops = Math.max(...finalists.map(({ complexity }) => complexity.flops));
  const scaled = scaledBaseline(flops, inputOf(images), { stem: body.stem, stemWidth: body.stemWidth });
  if (!scaled) {
    context.hooks.onNote?.("RegNetY-200MF cannot be scaled to these flops: there is no baseline");
    return [];
  }
  const { spec, name } = scaled;
  const latency = await latencyHere(context, images, spec);
  return [{ name, role: "baseline", spec, complexity: countModel(spec, inputOf(images)), latency, ...given }];
}
