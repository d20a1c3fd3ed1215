/** How often a network is measured. */
const TAKES = 3;

/**
 * Measures several times and takes the least: whatever else the machine does only ever adds.
 *
 * @param measure milliseconds
 */
export async function leastOfTakes(measure: () => Promise<number>): Promise<number> {
  const [least] = await measureInTurns([measure], (take) => take());
  return least;
}

export interface TurnOptions {
  /** Told after every measurement. */
  readonly onMeasured?: (done: number, total: number) => void;
  /** Whether the first things, which took so long, will do. Default: all are measured. */
  readonly enough?: (milliseconds: readonly number[]) => boolean;
}

/**
 * `leastOfTakes` of several things in turns, so that a slow moment of the machine meets all of them once rather than one
 * of them every time: what is fitted to the times rests on how they compare.
 *
 * @param measure milliseconds
 * @returns in the order of the things; shorter than they are where `enough` said so
 */
export async function measureInTurns<T>(
  things: readonly T[],
  measure: (thing: T) => Promise<number>,
  { onMeasured, enough }: TurnOptions = {},
): Promise<number[]> {
  const least: number[] = [];
  for (let i = 0; i < things.length && !enough?.(least); i++) {
    least.push(await measure(things[i]));
    onMeasured?.(i + 1, TAKES * things.length);
  }
  for (let take = 1; take < TAKES; take++) {
    for (let i = 0; i < least.length; i++) {
      least[i] = Math.min(least[i], await measure(things[i]));
      onMeasured?.(take * least.length + i + 1, TAKES * least.length);
    }
  }
  return least;
}
