import { describe, expect, it } from "vitest";
import { leastOfTakes, measureInTurns } from "./takes.js";

/** A measurement that is disturbed at some of the times it is asked for. */
function disturbedAt(times: readonly number[]) {
  const asked: number[] = [];
  const measure = async (milliseconds: number) => {
    asked.push(milliseconds);
    return times.includes(asked.length) ? 10 * milliseconds : milliseconds;
  };
  return { asked, measure };
}

describe("takes", () => {
  it("give what a thing takes undisturbed, if any of them was", async () => {
    const { measure } = disturbedAt([1, 2]);
    expect(await leastOfTakes(() => measure(3))).toBe(3);
  });

  it("of several things go round, so that a slow moment meets each of them once", async () => {
    const { asked, measure } = disturbedAt([2, 3, 4, 5]);
    const told: string[] = [];
    const onMeasured = (done: number, total: number) => told.push(`${done}/${total}`);
    expect(await measureInTurns([1, 2, 3, 4], measure, { onMeasured })).toEqual([1, 2, 3, 4]);
    expect(asked).toEqual([1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4]);
    expect(told.at(3)).toBe("4/12");
    expect(told.at(-1)).toBe("12/12");
  });

  it("leave out the things after those that suffice", async () => {
    const { asked, measure } = disturbedAt([]);
    const enough = (milliseconds: readonly number[]) => milliseconds.length > 0 && milliseconds.at(-1)! > 2;
    expect(await measureInTurns([1, 2, 3, 4], measure, { enough })).toEqual([1, 2, 3]);
    expect(asked).toEqual([1, 2, 3, 1, 2, 3, 1, 2, 3]);
    expect(await measureInTurns([], measure)).toEqual([]);
  });
});
