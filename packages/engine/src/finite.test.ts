import { expect, it } from "vitest";
import { allFinite, expectFinite } from "./finite.js";

it("finds what is not finite at any place, and nothing else", () => {
  for (const length of [0, 1, 3, 4, 7, 16]) {
    expect(allFinite(new Float32Array(length).fill(-3e38))).toBe(true);
    for (let at = 0; at < length; at++) {
      for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
        const values = new Float32Array(length);
        values[at] = value;
        expect(allFinite(values), `${value} at ${at} of ${length}`).toBe(false);
      }
    }
  }
});

it("names the parameter, the value and its place, and what to do", () => {
  expect(() => expectFinite("stem.weight", Float32Array.of(0, Number.NaN, 1))).toThrow(
    "invalid parameter stem.weight at 1: got NaN, expected a finite number; take weights from before their training diverged, or train anew at a lower learning rate",
  );
});
