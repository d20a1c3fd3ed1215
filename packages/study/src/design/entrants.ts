import { type Complexity, countModel, familyFor, type ModelSpec, RegnetError, type SpaceDocument } from "@regnet/core";
import { readOrigin } from "@regnet/train";
import type { LatencyModel } from "../latency/model.js";
import type { Entrant, Origin } from "../race/race.js";
import { acceptWithin } from "../study/accept.js";
import { canonical, inputOf } from "../study/spec.js";
import { scaledBaseline } from "./baseline.js";
import { type DesignContext, type DesignImages, tellProgress } from "./context.js";
import { draw } from "./draw.js";
import type { DesignLimits } from "./limits.js";
import { latencyHere } from "./measure.js";
import { networkName } from "./names.js";
import type { StepResult } from "./steps.js";

/** A network in the race of a design. */
export interface DesignEntrant extends Entrant {
  readonly name: string;
  readonly spec: ModelSpec;
  readonly complexity: Complexity;
  /** Where its weights come from, if it does not start from nothing. */
  readonly from?: string;
  /** Milliseconds an image on this device, where that was measured. */
  readonly latency?: number;
}

/** What entrants are looked for. */
export interface Field {
  readonly images: DesignImages;
  readonly space: SpaceDocument;
  readonly limits: DesignLimits;
  readonly latency?: LatencyModel;
}

/** A latency counts as within its limit up to the noise of measuring it. */
const NOISE = 1.03;
/** Networks that were not drawn may be a little beyond a budget, as their widths allow. */
const SLACK = 1.02;
/** Networks drawn for each that is to race, where some may turn out too slow. */
const LOOKED_AT = 3;

interface Candidate {
  readonly origin: Origin;
  readonly from?: string;
  readonly spec: ModelSpec;
  readonly complexity: Complexity;
}

/**
 * The networks that race: what the rule picks for the budget, the published network scaled to it, and as many drawn from
 * the space as there are places. Where the latency is limited each is measured, and one that is too slow makes place for
 * the next.
 */
export async function chooseEntrants(
  context: DesignContext,
  field: Field,
  places: number,
): Promise<StepResult<readonly DesignEntrant[]>> {
  const timed = field.limits.latency !== undefined;
  const count = timed ? LOOKED_AT * places : places;
  const drawn = await draw(context, field.space, field, { count, seed: context.request.seed });
  const flops = median(drawn.map(({ complexity }) => complexity.flops));
  const known = knownNetworks(field, budgetOf(field.limits) ?? flops);
  const candidates = distinct([
    ...(await pretrained(context, field)),
    ...known,
    ...drawn.map(({ spec, complexity }): Candidate => ({ origin: "drawn", spec, complexity })),
  ]);
  const most = (field.limits.latency?.max ?? Number.POSITIVE_INFINITY) * NOISE;
  const entrants: DesignEntrant[] = [];
  let [slow, fastest] = [0, undefined as DesignEntrant | undefined];
  for (const candidate of candidates) {
    if (entrants.length >= places) break;
    if (timed) tellProgress(context, "entrants", { done: entrants.length, total: places });
    const latency = timed ? await latencyHere(context, field.images, candidate.spec) : undefined;
    const entrant = entrantOf(candidate, entrants.length, latency);
    if (latency !== undefined && latency > most) {
      slow++;
      if (latency < (fastest?.latency ?? Number.POSITIVE_INFINITY)) fastest = entrant;
    } else entrants.push(entrant);
  }
  if (entrants.length === 0 && fastest) {
    context.hooks.onNote?.("no network keeps to the latency when it is measured; the fastest is taken all the same");
    entrants.push({ ...fastest, id: 0 });
  }
  const from = (origin: Origin) => entrants.filter((one) => one.origin === origin);
  const [[rule], [published]] = [from("rule"), from("published")];
  return {
    value: entrants,
    decisions: [
      {
        step: "entrants",
        drawn: from("drawn").length,
        slow,
        ...(rule && { rule: rule.name }),
        ...(published && { published: published.name }),
        ...(from("pretrained").length > 0 && { pretrained: from("pretrained").map(({ name }) => name) }),
      },
    ],
  };
}

/** Networks that come with weights. @throws RegnetError for weights that cannot be read, or a network beyond the budget */
async function pretrained({ request }: DesignContext, field: Field): Promise<Candidate[]> {
  const input = inputOf(field.images);
  const found: Candidate[] = [];
  for (const from of request.pretrained ?? []) {
    const { model: spec } = await readOrigin(from);
    const complexity = countModel(spec, input);
    const beyond = (["flops", "params", "acts"] as const).find(
      (name) => complexity[name] > SLACK * (field.limits[name]?.max ?? Number.POSITIVE_INFINITY),
    );
    if (beyond) {
      const most = field.limits[beyond]?.max;
      const text = `${from} has ${complexity[beyond]} ${beyond} on these images, and the budget is ${most}`;
      throw new RegnetError(
        `${text}; give a larger budget or a smaller --res, or leave it out`,
        "invalid",
        "pretrained",
      );
    }
    found.push({ origin: "pretrained", from, spec, complexity });
  }
  return found;
}

/** What is known without any search, as far as it keeps to the limits. */
function knownNetworks(field: Field, flops: number): Candidate[] {
  const { space, images, limits, latency } = field;
  const input = inputOf(images);
  const accept = acceptWithin(limits, input, latency);
  const body = space.family === "regnet" && space.network ? space.network : {};
  const scaled = scaledBaseline(flops, input, { stem: body.stem, stemWidth: body.stemWidth });
  const picks: [Origin, ModelSpec | undefined][] = [
    ["rule", rulePick(space, flops, images)],
    ["published", scaled?.spec],
  ];
  return picks.flatMap(([origin, spec]) => {
    if (!spec) return [];
    const complexity = countModel(spec, input);
    const fits = within(complexity, limits) && !accept?.({ spec, complexity } as never);
    return fits ? [{ origin, spec, complexity }] : [];
  });
}

/** The rule's network for a budget, in the space's own form; none where the rule has none for it. */
function rulePick(space: SpaceDocument, flops: number, images: DesignImages): ModelSpec | undefined {
  if (space.family !== "regnet") return undefined;
  const { stem } = space.network ?? {};
  const excited = space.parameters.se !== undefined && space.parameters.se !== 0;
  try {
    const [member] = familyFor([flops], { space: excited ? "RegNetY" : "RegNetX", ...inputOf(images), stem });
    return member?.spec;
  } catch (error) {
    if (error instanceof RegnetError) return undefined;
    throw error;
  }
}

function within(complexity: Complexity, limits: DesignLimits): boolean {
  return (["flops", "params", "acts"] as const).every((name) => {
    const { min = 0, max = Number.POSITIVE_INFINITY } = limits[name] ?? {};
    const least = name === "flops" ? 0.9 * min : 0;
    return complexity[name] >= least && complexity[name] <= SLACK * max;
  });
}

function budgetOf({ flops }: DesignLimits): number | undefined {
  return flops?.max;
}

function entrantOf(
  { origin, spec, complexity, from }: Candidate,
  id: number,
  latency: number | undefined,
): DesignEntrant {
  const name = `${networkName(spec, complexity.flops)} #${id}`;
  return {
    id,
    origin,
    name,
    spec,
    complexity,
    ...(from !== undefined && { from }),
    ...(latency !== undefined && { latency }),
  };
}

function distinct(candidates: readonly Candidate[]): Candidate[] {
  const seen = new Set<string>();
  return candidates.filter(({ spec, from }) => {
    const text = canonical({ spec, from });
    return !seen.has(text) && seen.add(text);
  });
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}
