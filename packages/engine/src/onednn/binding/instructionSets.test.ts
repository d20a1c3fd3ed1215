import { expect, it } from "vitest";
import { instructionSet } from "./instructionSets.js";

it.each([
  [231, 2, "avx512_core_bf16", true, false],
  [0x1e7, 2, "avx512_core_fp16", true, false],
  [495, 3, "avx512_core_fp16", true, false],
  [999, 2, "avx512_core_amx", true, true],
  [39, 3, "avx512_core", false, false],
  [7, 2, "avx2", false, false],
])("knows code %i of oneDNN %i as %s", (code, major, name, bf16, tiles) => {
  expect(instructionSet(code, major)).toMatchObject({ name, bf16, tiles });
});

it.runIf(process.arch === "x64").each([
  [0x23fef, 3, "avx512_core_amx_fp16", 16],
  [0x7e7, 2, "avx512_core_amx", 16],
  [0x67, 2, "avx512_core_vnni", 16],
  [0x807, 2, "avx2", 8],
  [0x800, 2, "x64 (2048)", 8],
])("takes code %i of oneDNN %i, which it does not know, for %s", (code, major, name, block) => {
  const { name: found, channelBlocks } = instructionSet(code, major);
  expect([found, channelBlocks[0]]).toEqual([name, block]);
});
