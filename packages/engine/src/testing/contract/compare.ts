/** Largest difference, in units of the largest magnitude of `expected`; infinite where lengths differ or a NaN stands. */
export function worstDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let difference = 0;
  let magnitude = 0;
  for (let i = 0; i < expected.length; i++) {
    const here = Math.abs(actual[i] - expected[i]);
    if (Number.isNaN(here)) return Number.POSITIVE_INFINITY;
    difference = Math.max(difference, here);
    magnitude = Math.max(magnitude, Math.abs(expected[i]));
  }
  return difference === 0 ? 0 : difference / (magnitude || 1);
}

/**
 * ‖actual − expected‖₂ / ‖expected‖₂, or over `floor` where that is larger; infinite where lengths differ or a NaN stands.
 */
export function relativeDistance(actual: ArrayLike<number>, expected: ArrayLike<number>, floor = 0): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let squares = 0;
  for (let i = 0; i < expected.length; i++) squares += (actual[i] - expected[i]) ** 2;
  if (Number.isNaN(squares)) return Number.POSITIVE_INFINITY;
  return squares === 0 ? 0 : Math.sqrt(squares) / (Math.max(norm(expected), floor) || 1);
}

/** ‖values‖₂ */
export function norm(values: ArrayLike<number>): number {
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += values[i] ** 2;
  return Math.sqrt(squares);
}

/** @throws Error that names `what`, the distance and the limit */
export function expectWithin(what: string, distance: number, limit: number): void {
  if (!(distance <= limit)) throw new Error(`${what} is off by ${distance.toExponential(2)}, allowed ${limit}`);
}

/** @throws Error unless both arrays hold the same bits */
export function expectSameBits(what: string, actual: Float32Array, expected: Float32Array): void {
  const bits = (values: Float32Array) => Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  if (!bits(actual).equals(bits(expected))) throw new Error(`${what} differs from the first run's`);
}

/** @throws Error unless `actual` holds */
export function expectTrue(what: string, actual: boolean): void {
  if (!actual) throw new Error(`${what}: expected to hold`);
}

/** @throws Error unless `action` throws or rejects with an error whose text matches */
export async function expectRefusal(what: string, action: () => unknown, text: RegExp): Promise<void> {
  try {
    await action();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (!text.test(message)) throw new Error(`${what} was refused with "${message}", expected ${text}`);
    return;
  }
  throw new Error(`${what} was accepted`);
}
