import { UsageError } from "./errors.js";

const UNITS = [86_400, 3600, 60, 1];
const NUMBER = "(\\d+(?:\\.\\d+)?)";
const DURATION = new RegExp(`^(?:${NUMBER}d)?(?:${NUMBER}h)?(?:${NUMBER}m(?:in)?)?(?:${NUMBER}s?)?$`, "i");

/** Seconds from `90s`, `10m`, `1h30m`, `2d` or a bare number of seconds. */
export function parseDuration(text: string, option: string): number {
  const parts = DURATION.exec(text.trim())?.slice(1) ?? [];
  const seconds = parts.reduce((sum, part, i) => sum + Number(part ?? 0) * UNITS[i], 0);
  if (seconds > 0) return seconds;
  throw new UsageError(
    `invalid ${option}: got ${JSON.stringify(text.slice(0, 60))}, expected a time such as 90s, 10m or 1h30m`,
    "invalid",
    option,
  );
}
