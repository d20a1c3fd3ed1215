/** One search, with one seed. */
export interface SearchRun {
  /** Runs of the same name differ in their seeds only. */
  readonly name: string;
  /** In the order in which they were asked for. */
  readonly trainings: readonly {
    /** Epochs of its own, without those that it went on from. */
    readonly epochs: number;
    /** None where it failed. */
    readonly error?: number;
  }[];
}

/** The best error that was found, against the training spent for it. */
export interface AnytimeCurve {
  readonly name: string;
  readonly seeds: number;
  /** Epochs of training, all networks together, ascending; from where every seed has an error to where the first ends. */
  readonly spent: readonly number[];
  /** Least error so far, in the mean over the seeds. */
  readonly best: readonly number[];
  /** The same of the best seed and of the worst one. */
  readonly lower: readonly number[];
  readonly upper: readonly number[];
}

/** A curve for every name, in order of appearance. Searches that found nothing have none. */
export function anytimeCurves(runs: readonly SearchRun[]): AnytimeCurve[] {
  const names = [...new Set(runs.map(({ name }) => name))];
  return names.flatMap((name) => {
    const steps = runs.filter((run) => run.name === name).map(stepsOf);
    if (steps.some((one) => one.length === 0)) return [];
    const from = Math.max(...steps.map((one) => one[0].spent));
    const to = Math.min(...steps.map((one) => one[one.length - 1].spent));
    const all = steps.flatMap((one) => one.map(({ spent }) => spent));
    const spent = [...new Set(all)].filter((at) => at >= from && at <= to).sort((a, b) => a - b);
    if (spent.length === 0) return [];
    const bests = spent.map((at) => steps.map((one) => bestAt(one, at)));
    return {
      name,
      seeds: steps.length,
      spent,
      best: bests.map((found) => found.reduce((sum, error) => sum + error, 0) / found.length),
      lower: bests.map((found) => Math.min(...found)),
      upper: bests.map((found) => Math.max(...found)),
    };
  });
}

interface Step {
  readonly spent: number;
  readonly best: number;
}

function stepsOf({ trainings }: SearchRun): Step[] {
  let [spent, best] = [0, Number.POSITIVE_INFINITY];
  return trainings.flatMap(({ epochs, error = best }) => {
    spent += epochs;
    best = Math.min(best, error);
    return Number.isFinite(best) ? [{ spent, best }] : [];
  });
}

function bestAt(steps: readonly Step[], at: number): number {
  return steps.findLast(({ spent }) => spent <= at)?.best ?? Number.POSITIVE_INFINITY;
}
