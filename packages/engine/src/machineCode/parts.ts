/** A whole in parts as even as can be: `large` ones of the size `largest`, then those that are one smaller. */
export interface EvenParts {
  readonly count: number;
  readonly largest: number;
  readonly large: number;
}

/** As few parts as are not larger than `most`. */
export function evenly(total: number, most: number): EvenParts {
  const count = Math.ceil(total / most);
  const largest = Math.ceil(total / count);
  return { count, largest, large: count - (largest * count - total) };
}
