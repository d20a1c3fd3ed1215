import { describe, expect, it } from "vitest";
import { formatBytes, formatGrouped, formatQuantity, parseCount, parseQuantity, parseRange } from "./quantities.js";

describe("quantities", () => {
  it.each([
    ["200M", 200e6],
    ["1.5g", 1.5e9],
    ["4e8", 4e8],
    [".5K", 500],
    ["12", 12],
  ])("reads %s", (text, value) => expect(parseQuantity(text, "--flops")).toBe(value));

  it.each(["", "-3", "12Q", "1e999", "M", "1 2"])("refuses %j", (text) => {
    expect(() => parseQuantity(text, "--flops")).toThrow(
      /invalid --flops: got .* expected a number of at least 0, with K, M or G/,
    );
  });

  it("reads ranges", () => {
    expect(parseRange("8M..12M", "--flops")).toEqual({ min: 8e6, max: 12e6 });
    expect(parseRange("8M..", "--flops")).toEqual({ min: 8e6, max: undefined });
    expect(parseRange("..12K", "--flops")).toEqual({ min: undefined, max: 12e3 });
    expect(parseRange("100±5%", "--flops")).toEqual({ min: 95, max: 105 });
    expect(() => parseRange("12M..8M", "--flops")).toThrow(/lower end/);
    expect(() => parseRange("12M", "--flops")).toThrow(/a range: A\.\.B/);
    expect(() => parseRange("..", "--flops")).toThrow(/a range/);
  });

  it("groups the digits of whole numbers as English does", () => {
    for (const value of [0, 7, 999, 1000, 12_345, 199_040_872, 1e15]) {
      expect(formatGrouped(value)).toBe(value.toLocaleString("en-US"));
    }
  });

  it("keeps counts whole", () => {
    expect(parseCount("2K", "-n")).toBe(2000);
    expect(() => parseCount("1.5", "-n")).toThrow(/an integer of at least 1$/);
    expect(() => parseCount("-1", "--seed", 0)).toThrow('invalid --seed: got "-1", expected an integer of at least 0');
  });

  it("prints for people", () => {
    expect([5, 1234, 199040872, 999.6e6, 31.7e9].map(formatQuantity)).toEqual(["5", "1.23K", "199M", "1.00G", "31.7G"]);
    expect([512, 20.6 * 2 ** 20].map(formatBytes)).toEqual(["512 B", "20.6 MiB"]);
  });
});
