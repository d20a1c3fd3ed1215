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
