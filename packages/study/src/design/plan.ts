import { RegnetError } from "@regnet/core";

/** How fast networks of one budget train here. */
export interface Speed {
  /** Training images a second of one network, while `processes` train. */
  readonly imagesPerSecond: number;
  /** Validation images a second. */
  readonly evaluatedPerSecond: number;
  /** Seconds a trial takes beside its images: compiling, opening data, writing files. */
  readonly overhead: number;
}

/** What a plan is made from. */
export interface PlanInput {
  /** Seconds for all of the design, and those that are left. */
  readonly budget: number;
  readonly left: number;
  /** One a budget. */
  readonly speeds: readonly Speed[];
  readonly processes: number;
  /** Images of the data set. */
  readonly train: number;
  readonly validation: number;
  readonly classes: number;
  readonly finalists: number;
  readonly baseline: boolean;
}

/** What a short training sees, the same for every trial, so that their errors compare. */
export interface TrialPlan {
  readonly epochs: number;
  /** Training images an epoch. */
  readonly train: number;
  readonly validation: number;
  readonly batch: number;
}

/** How the time is used. Times in seconds. */
export interface Plan {
  readonly trial: TrialPlan;
  /** Networks explored, for each budget. */
  readonly networks: number;
  /** For each budget. */
  readonly exploreSeconds: readonly number[];
  /** Networks within the narrowed ranges; 0 for a family, whose rule chooses. */
  readonly refined: number;
  readonly refineSeconds: number;
  /** Networks trained fully, besides the baseline; of a family, one a budget. */
  readonly finalists: number;
  /** For each full training, in the order of the budgets. */
  readonly fullSeconds: readonly number[];
  /** Epochs that a full training is expected to reach. */
  readonly fullEpochs: number;
  /** Kept back for exports and the report. */
  readonly reserve: number;
  /** Expected from now to the end. */
  readonly expected: number;
}

const EXPLORE = 0.38;
const REFINE = 0.17;
/** A family has no second round. */
const FAMILY_EXPLORE = 0.5;
const RESERVE = 0.04;
/** Fewest networks that are explored. */
export const LEAST_NETWORKS = 6;
const MOST_NETWORKS = 128;
/** Training images of an average trial grow with the time as the number of networks does. */
const BALANCE = 500;
const LEAST_IMAGES = 512;
/** Steps that a short training should have, if need be in smaller batches. */
const WANTED_STEPS = 160;

/**
 * Divides the time: about two fifths explore, a sixth goes to the narrowed ranges, the rest trains the finalists and
 * the baseline. The time for exploration is balanced between more networks and longer trainings. Short trainings come
 * in waves of one a process: a wave lasts as long as one of them.
 *
 * @throws RegnetError where the time does not suffice, with the time that would
 */
export function planDesign(input: PlanInput): Plan {
  const { left, processes, speeds } = input;
  const family = speeds.length > 1;
  const reserve = reserveFor(left, family ? speeds.length : 1);
  const work = left - reserve;
  const { trial, networks } = balance(input, work);
  const seconds = speeds.map((speed) => trialSeconds(speed, trial));
  const exploreSeconds = seconds.map((one) => wavesOf(networks, processes) * one);
  const refineWaves = family ? 0 : Math.floor((work * REFINE) / seconds[0]);
  const refined = Math.min(networks, refineWaves * processes);
  const refineSeconds = wavesOf(refined, processes) * seconds[0];
  const full = work - sum(exploreSeconds) - refineSeconds;
  const finalists = family ? speeds.length : Math.min(input.finalists, networks);
  const fullSeconds = fullTimes(input, finalists, full);
  return {
    trial,
    networks,
    exploreSeconds,
    refined,
    refineSeconds,
    finalists,
    fullSeconds,
    fullEpochs: fullEpochs(input, fullSeconds[0]),
    reserve,
    expected: left,
  };
}

/** For the exports of so many networks and the report. */
function reserveFor(left: number, networks: number): number {
  return Math.min(60, Math.max(2 + 2 * networks, RESERVE * left));
}

/** Seconds that a process takes before it trains: starting, opening the images, compiling. */
const START = 1.5;
/** A full training gets at least so many seconds, whatever was used before. */
const LEAST_FULL = 2;

/**
 * What each full training gets of the time that is left by then, in the proportions of the plan.
 *
 * @param trainings how many there are, the baseline included
 */
export function fullSecondsNow(plan: Plan, left: number, trainings: number, processes: number): number[] {
  const shares = Array.from(
    { length: trainings },
    (_, i) => plan.fullSeconds[Math.min(i, plan.fullSeconds.length - 1)],
  );
  const rounds = Math.ceil(trainings / processes);
  const usable = Math.max(LEAST_FULL, left - plan.reserve - rounds * START);
  return plan.fullSeconds.map((seconds) => (seconds * usable) / longestQueue(shares, processes));
}

/** Seconds of one short training on one process. */
export function trialSeconds(speed: Speed, { epochs, train, validation }: TrialPlan): number {
  return speed.overhead + epochs * (train / speed.imagesPerSecond + validation / speed.evaluatedPerSecond);
}

/** Networks explored and what each of them sees. `work`: seconds for everything but the exports. */
function balance(input: PlanInput, work: number): { trial: TrialPlan; networks: number } {
  const { speeds, processes, train, classes } = input;
  const [seconds, longest] = shareOf(work, speeds.length);
  const rate = 1 / sum(speeds.map((speed) => 1 / speed.imagesPerSecond));
  const wanted = clamp(Math.sqrt((processes * seconds * rate) / BALANCE), LEAST_NETWORKS, MOST_NETWORKS);
  const least = trialOf(input, Math.min(train, Math.max(LEAST_IMAGES, 16 * classes)));
  const fewest = wavesOf(LEAST_NETWORKS, processes);
  for (let waves = Math.max(fewest, Math.round(wanted / processes)); waves >= fewest; waves--) {
    const trial = largestTrial(input, Math.min(seconds / waves, longest));
    if (trial && trial.train * trial.epochs >= least.train)
      return { trial, networks: Math.min(MOST_NETWORKS, waves * processes) };
  }
  throw tooShort(input, least);
}

/** Seconds for exploring, and those that one network may take: it has to fit into the round of narrowed ranges too. */
function shareOf(work: number, budgets: number): [explore: number, longest: number] {
  return budgets > 1 ? [FAMILY_EXPLORE * work, FAMILY_EXPLORE * work] : [EXPLORE * work, REFINE * work];
}

/** How often every process trains a network until so many are trained. */
export function wavesOf(networks: number, processes: number): number {
  return Math.ceil(networks / processes);
}

/** The longest short training that takes at most so many seconds, summed over the budgets. */
function largestTrial(input: PlanInput, seconds: number): TrialPlan | undefined {
  let [low, high] = [0, 50 * input.train];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    const fits = sum(input.speeds.map((speed) => trialSeconds(speed, trialOf(input, middle)))) <= seconds;
    if (fits) low = middle;
    else high = middle;
  }
  return low > 0 ? trialOf(input, low) : undefined;
}

/** A short training of about so many images: less than an epoch, or whole epochs. */
function trialOf({ train, validation, classes }: PlanInput, images: number): TrialPlan {
  const epochs = Math.max(1, Math.floor(images / train));
  const anEpoch = Math.min(train, Math.max(1, images));
  const judged = Math.min(validation, Math.max(500, 20 * classes, Math.round(anEpoch / 5)));
  return { epochs, train: anEpoch, validation: judged, batch: batchFor(epochs * anEpoch) };
}

/** Images a step, so that a training of so many images has enough steps to learn. */
export function batchFor(images: number): number {
  return [128, 64].find((batch) => images / batch >= WANTED_STEPS) ?? 32;
}

/** The baseline is trained for as long as a finalist; of a family every network for as many epochs as the others. */
function fullTimes({ speeds, processes, baseline }: PlanInput, finalists: number, seconds: number): number[] {
  if (speeds.length === 1) {
    const rounds = Math.ceil((finalists + (baseline ? 1 : 0)) / processes);
    return Array.from({ length: finalists }, () => seconds / rounds);
  }
  const costs = speeds.map((speed) => 1 / speed.imagesPerSecond);
  const longest = longestQueue(costs, processes);
  return costs.map((cost) => (seconds * cost) / longest);
}

/** Time until all are done when the dearest go first, each to the process that is free first. */
function longestQueue(costs: readonly number[], processes: number): number {
  const queues = new Array<number>(processes).fill(0);
  for (const cost of [...costs].sort((a, b) => b - a)) {
    queues.sort((a, b) => a - b);
    queues[0] += cost;
  }
  return Math.max(...queues);
}

function fullEpochs({ speeds, train, validation }: PlanInput, seconds: number): number {
  const [speed] = speeds;
  const anEpoch = train / speed.imagesPerSecond + validation / speed.evaluatedPerSecond;
  return Math.round((10 * Math.max(0, seconds - speed.overhead)) / anEpoch) / 10;
}

function tooShort({ budget, left, speeds, processes }: PlanInput, least: TrialPlan): RegnetError {
  const one = sum(speeds.map((speed) => trialSeconds(speed, least)));
  const [explore, longest] = shareOf(1, speeds.length);
  const work = Math.max((wavesOf(LEAST_NETWORKS, processes) * one) / explore, one / longest);
  const needed = Math.ceil(work / (1 - RESERVE) + 2 + 2 * speeds.length);
  const enough = Math.ceil(1.1 * (budget - left + needed));
  const text = `the time does not suffice: ${Math.max(0, Math.floor(left))} s are left, ${needed} s are needed`;
  return new RegnetError(
    `${text}; give --time ${enough}s or more, a smaller budget or a smaller --res`,
    "unsatisfiable",
    "time",
  );
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
