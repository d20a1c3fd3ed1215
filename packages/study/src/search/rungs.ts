/** Rungs are a factor of `eta` apart in epochs. */
export interface RungOptions {
  readonly eta: number;
  readonly least?: number;
}

/** Rungs where their first is not given: a ninth of the epochs, a third, and all of them, for an eta of 3. */
const RUNGS = 3;

/** Epochs at the ends of the rungs, ascending; the last is a full training. */
export function rungEpochs({ eta, least }: RungOptions, epochs: number): number[] {
  const first = Math.max(1, Math.min(epochs, least ?? Math.round(epochs / eta ** (RUNGS - 1))));
  const rungs = [epochs];
  for (let next = epochs / eta; Math.round(next) > first; next /= eta) rungs.unshift(Math.round(next));
  return first < rungs[0] ? [first, ...rungs] : rungs;
}
