const collator = new Intl.Collator("en", { numeric: true });

/** `img2` before `img10`; equal under the collation, by code units. */
export function compareNaturally(a: string, b: string): number {
  return collator.compare(a, b) || (a < b ? -1 : a > b ? 1 : 0);
}

/** The names in natural order, in place. */
export function sortNaturally(names: string[]): string[] {
  return names.sort(compareNaturally);
}
