import { describe, expect, it } from "vitest";
import { parseBudget, parseBudgets, parseDuration, parseLatency } from "./budgets.js";

describe("budgets", () => {
  it("tells budgets, ranges and families apart", () => {
    expect(parseBudgets("3M", "--flops")).toBe(3e6);
    expect(parseBudgets("2M..3M", "--flops")).toEqual({ min: 2e6, max: 3e6 });
    expect(parseBudgets("1M,3M", "--flops")).toEqual([1e6, 3e6]);
    expect(() => parseBudget("1M,3M", "--params")).toThrow("only --flops takes several");
  });

  it("reads milliseconds", () => {
    expect(parseLatency("2ms", "--latency")).toBe(2);
    expect(parseLatency("..2ms", "--latency")).toEqual({ min: undefined, max: 2 });
    expect(parseLatency("0.5ms..1.5ms", "--latency")).toEqual({ min: 0.5, max: 1.5 });
  });
});

describe("parseDuration", () => {
  it.each([
    ["90", 90],
    ["90s", 90],
    ["3m", 180],
    ["1h30m", 5400],
    ["0.5h", 1800],
  ])("%s is %d seconds", (text, seconds) => expect(parseDuration(text, "--time")).toBe(seconds));

  it.each(["", "soon", "3 minutes", "-3m", "0"])("refuses %j", (text) =>
    expect(() => parseDuration(text, "--time")).toThrow("expected a time such as 90s, 10m or 1h30m"),
  );
});
