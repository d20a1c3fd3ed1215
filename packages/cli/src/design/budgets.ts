import { UsageError } from "../errors.js";
import { parseQuantities, parseRange, type Range } from "../quantities.js";

/** `3M` is a budget, `2M..3M` a range, `1M,3M,9M` a family of budgets. */
export function parseBudgets(text: string, option: string): number | Range | number[] {
  if (isRange(text)) return parseRange(text, option);
  const budgets = parseQuantities(text, option);
  if (budgets.some((budget) => budget <= 0)) throw misuse(option, text, "budgets above 0");
  return budgets.length === 1 ? budgets[0] : budgets;
}

/** A budget or a range. */
export function parseBudget(text: string, option: string): number | Range {
  const budgets = parseBudgets(text, option);
  if (Array.isArray(budgets)) throw misuse(option, text, "one budget; only --flops takes several");
  return budgets;
}

/** A budget or a range of milliseconds: `2ms`, `..2ms`, `0.5..1`. */
export function parseLatency(text: string, option: string): number | Range {
  return parseBudget(text.replace(/ms\b/gi, ""), option);
}

const UNITS = { "": 1, s: 1, m: 60, h: 3600, d: 86_400 } as const;

/** Seconds from `90`, `90s`, `3m`, `1h30m`. */
export function parseDuration(text: string, option: string): number {
  const parts = [...text.trim().matchAll(/(\d+(?:\.\d+)?)([smhd]?)/gi)];
  const whole = parts.map(([part]) => part).join("") === text.trim();
  const seconds = parts.reduce(
    (sum, [, n, unit]) => sum + Number(n) * UNITS[unit.toLowerCase() as keyof typeof UNITS],
    0,
  );
  if (!whole || !(seconds > 0)) throw misuse(option, text, "a time such as 90s, 10m or 1h30m");
  return seconds;
}

function isRange(text: string): boolean {
  return text.includes("..") || text.includes("±") || text.includes("+-");
}

function misuse(option: string, got: string, expected: string): UsageError {
  return new UsageError(
    `invalid ${option}: got ${JSON.stringify(got.slice(0, 60))}, expected ${expected}`,
    "invalid",
    option,
  );
}
