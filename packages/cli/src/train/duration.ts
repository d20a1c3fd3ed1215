import { UsageError } from "../errors.js";

const UNITS = { h: 3600, m: 60, s: 1 } as const;
const DURATION = /^(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m(?:in)?)?(?:(\d+(?:\.\d+)?)s?)?$/i;

/** Seconds from `90s`, `10m`, `1h30m` or a bare number of seconds. */
export function parseDuration(text: string, option: string): number {
  const match = DURATION.exec(text.trim());
  const [h = 0, m = 0, s = 0] = (match?.slice(1) ?? []).map((part) => Number(part ?? 0));
  const seconds = h * UNITS.h + m * UNITS.m + s * UNITS.s;
  if (!match || !(seconds > 0)) {
    throw new UsageError(
      `invalid ${option}: got ${JSON.stringify(text.slice(0, 60))}, expected a time such as 90s, 10m or 1h30m`,
    );
  }
  return seconds;
}
