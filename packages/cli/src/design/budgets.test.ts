import { describe, expect, it } from "vitest";
import { parseBudget, parseBudgets, parseLatency } from "./budgets.js";

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
