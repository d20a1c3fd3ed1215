import { describe, expect, it } from "vitest";
import { closest } from "./errors.js";

describe("the name that was meant", () => {
  const names = ["regnetx_004", "regnetx_040", "RegNetX-400MF", "convnext_tiny"];

  it.each([
    ["convnxt-tiny", "convnext_tiny"],
    ["RegNetX-400", "RegNetX-400MF"],
    ["regnetx_04", "regnetx_040"],
    ["xyzzy", undefined],
    ["", undefined],
  ])("of %j is %j", (word, meant) => expect(closest(word, names)).toBe(meant));
});
