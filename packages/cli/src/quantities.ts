import { UsageError } from "./errors.js";

/** A closed range; an end left out is open. */
export interface Range {
  readonly min?: number;
  readonly max?: number;
}

const FACTORS = { "": 1, K: 1e3, M: 1e6, G: 1e9, T: 1e12 } as const;
const QUANTITY = /^(\d+(?:\.\d+)?|\.\d+)(?:e(\d{1,2}))?([KMGT]?)$/i;

/** A non-negative number such as `200M`, `1.5G` or `4e8`; K, M, G and T are powers of a thousand. */
export function parseQuantity(text: string, option: string): number {
  const value = quantity(text);
  if (value !== undefined) return value;
  throw misuse(option, text, "a number of at least 0, with K, M or G for thousands, millions or billions");
}

function quantity(text: string): number | undefined {
  const match = QUANTITY.exec(text.trim());
  if (!match) return undefined;
  const [, number, exponent = "0", unit] = match;
  return Number(number) * 10 ** Number(exponent) * FACTORS[unit.toUpperCase() as keyof typeof FACTORS];
}

/** A range such as `8M..12M`, `8M..`, `..12M` or `10M±5%` (also written `10M+-5%`). */
export function parseRange(text: string, option: string): Range {
  const about = /^(.+?)(?:±|\+-)(\d+(?:\.\d+)?)%$/.exec(text.trim());
  if (about) return around(parseQuantity(about[1], option), Number(about[2]) / 100);
  const ends = text.trim().split("..");
  if (ends.length !== 2 || (!ends[0] && !ends[1])) {
    throw misuse(option, text, "a range: A..B, A.., ..B or A±5%");
  }
  const [min, max] = ends.map((end) => (end ? parseQuantity(end, option) : undefined));
  if (min !== undefined && max !== undefined && min > max) {
    throw misuse(option, text, "a range whose lower end is not above its upper end");
  }
  return { min, max };
}

/** An integer of at least `least`, with K, M and G as in `parseQuantity`. */
export function parseCount(text: string, option: string, least = 1): number {
  const value = quantity(text);
  if (value !== undefined && Number.isSafeInteger(value) && value >= least) return value;
  throw misuse(option, text, `an integer of at least ${least}`);
}

/** A finite number written plainly: `2.49`, `-1`, `1e-4`. */
export function parseNumber(text: string, option: string): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (!Number.isFinite(value)) throw misuse(option, text, "a number");
  return value;
}

/** A comma-separated list of quantities. */
export function parseQuantities(text: string, option: string): number[] {
  return text.split(",").map((part) => parseQuantity(part, option));
}

/** A whole number with every digit, in groups of three: `199,040,872`. Loading the locales' own rules takes longer than it all. */
export function formatGrouped(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** A count for people: three significant digits and K, M or G. `199040872` is `199M`. */
export function formatQuantity(value: number): string {
  const units = ["", "K", "M", "G", "T"];
  let unit = 0;
  let scaled = value;
  while (Math.abs(scaled) >= 999.5 && unit < units.length - 1) {
    scaled /= 1000;
    unit++;
  }
  return unit === 0 && Number.isInteger(value) ? String(value) : `${scaled.toPrecision(3)}${units[unit]}`;
}

/** Bytes for people, in powers of 1024. */
export function formatBytes(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  let scaled = bytes;
  while (scaled >= 999.5 && unit < units.length - 1) {
    scaled /= 1024;
    unit++;
  }
  return unit === 0 ? `${bytes} B` : `${scaled.toPrecision(3)} ${units[unit]}`;
}

function around(value: number, share: number): Range {
  return { min: Math.max(0, value * (1 - share)), max: value * (1 + share) };
}

function misuse(option: string, got: string, expected: string): UsageError {
  return new UsageError(
    `invalid ${option}: got ${JSON.stringify(got.slice(0, 60))}, expected ${expected}`,
    "invalid",
    option,
  );
}
