import { describe, expect, it } from "vitest";
import { parseDuration } from "./duration.js";

describe("parseDuration", () => {
  it.each([
    ["45", 45],
    ["90s", 90],
    ["10m", 600],
    ["10min", 600],
    ["1h30m", 5400],
    ["1.5h", 5400],
    ["1d12H", 129_600],
    [" 2m5 ", 125],
  ])("%s is %d seconds", (text, seconds) => expect(parseDuration(text, "--time")).toBe(seconds));

  it.each(["", "0", "soon", "3 minutes", "10x", "m10", "30m1h", "-5m"])("refuses %j", (text) => {
    expect(() => parseDuration(text, "--time")).toThrow(/invalid --time: got .*, expected a time such as 90s/);
  });
});
