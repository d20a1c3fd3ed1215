/** Where an axis has its ticks: round numbers within its bounds, so that no label shows a bound that is not round. */
export function ticksOf(min: number, max: number, { log = false, splits = 5, integer = false } = {}): number[] {
  return log && min > 0 ? logarithmicTicks(min, max, splits) : linearTicks(min, max, splits, integer);
}

/** Multiples of 1, 2 or 5 times a power of ten, about `splits` intervals. */
function linearTicks(min: number, max: number, splits: number, integer: boolean): number[] {
  const raw = (max - min) / Math.max(1, splits);
  if (!(raw > 0) || !Number.isFinite(raw)) return [min];
  const power = 10 ** Math.floor(Math.log10(raw));
  const factor = [1, 2, 5, 10].find((f) => f * power >= raw * 0.8) ?? 10;
  const step = integer ? Math.max(1, Math.round(factor * power)) : factor * power;
  const first = Math.ceil(min / step - 1e-9);
  const count = Math.floor(max / step + 1e-9) - first + 1;
  return Array.from({ length: Math.max(0, count) }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

const DECADES: readonly (readonly number[])[] = [
  [1],
  [1, 3],
  [1, 2, 5],
  [1, 1.5, 2, 3, 5, 7],
  [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8],
];

/** The coarsest set of round factors that gives at least three ticks; within a small ratio, linear ones. */
function logarithmicTicks(min: number, max: number, splits: number): number[] {
  if (max / min < 1.6) return linearTicks(min, max, splits, false);
  const sets = DECADES.map((factors) => decadeTicks(min, max, factors));
  return sets.find((ticks) => ticks.length >= 3) ?? sets[sets.length - 1];
}

function decadeTicks(min: number, max: number, factors: readonly number[]): number[] {
  const [from, to] = [Math.floor(Math.log10(min)), Math.ceil(Math.log10(max))];
  const ticks: number[] = [];
  for (let power = from; power <= to; power++) {
    for (const factor of factors) {
      const tick = Number((factor * 10 ** power).toPrecision(6));
      if (tick >= min * (1 - 1e-9) && tick <= max * (1 + 1e-9)) ticks.push(tick);
    }
  }
  return ticks;
}

/** Powers of two: the ticks of widths and of numbers of networks. */
export function powersOfTwo(min: number, max: number): number[] {
  const first = Math.ceil(Math.log2(min) - 1e-9);
  const last = Math.floor(Math.log2(max) + 1e-9);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => 2 ** (first + i));
}
