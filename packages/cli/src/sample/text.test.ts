import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { familyFor, findSpace, samplePopulation, spaces } from "@regnet/core";
import { describe, expect, it } from "vitest";
import { formatFamily } from "../family/text.js";
import { drawPopulation } from "./draw.js";
import { chooseSpace } from "./space.js";
import { formatSpace, formatSpaces } from "./spaces.js";
import { formatPopulation } from "./text.js";

describe("formatPopulation", () => {
  it("prints a row a network, for every family, and how many draws it took", async () => {
    for (const space of spaces) {
      const population = await drawPopulation(space, { count: 4, seed: 1 });
      expect(population).toEqual(samplePopulation(space, { count: 4, seed: 1 }));
      const [title, ...rows] = formatPopulation(space, population).split("\n");
      expect(title).toMatch(/widths +depths .* flops +params +acts$/);
      expect(rows.slice(0, 4).every((row) => /\d+-\d+/.test(row))).toBe(true);
      expect(rows[5]).toMatch(/^4 networks of .* from [\d,]+ draws \(.* % accepted\)/);
    }
  });
});

describe("spaces", () => {
  it("are listed with their sizes beside the paper's", () => {
    expect(formatSpaces()).toMatch(/\nAnyNetXA +1\.8e18 +1\.8e18 /);
    expect(formatSpaces().split("\n")).toHaveLength(1 + spaces.length);
  });

  it("show how they draw their parameters", () => {
    const text = formatSpace(findSpace("AnyNetXE"));
    expect(text).toMatch(/\ndepth +logUniform +16 +1 +3 +16 +█/);
    expect(text).toMatch(/4 stages, one bottleneck and one groupWidth for all stages, width and depth never falling$/);
    for (const space of spaces) expect(formatSpace(space)).toContain(space.name);
  });

  it("come from files too", async () => {
    const folder = mkdtempSync(join(tmpdir(), "regnet-space-"));
    try {
      const path = join(folder, "mine.yaml");
      writeFileSync(path, JSON.stringify(findSpace("ConvNeXt")));
      expect(await chooseSpace(path)).toEqual(findSpace("ConvNeXt"));
      writeFileSync(path, "x".repeat(2 ** 21));
      await expect(chooseSpace(path)).rejects.toThrow("larger than 1 MiB");
      await expect(chooseSpace("RegNetQ")).rejects.toThrow('unknown space: "RegNetQ" (did you mean "RegNetX"?)');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe("formatFamily", () => {
  it("gives each network as options, and says why", () => {
    const text = formatFamily(familyFor([50e6, 200e6], { space: "RegNetY" }));
    expect(text).toMatch(/^budget +flops +off by/);
    expect(text).toMatch(/\n200M: --w0 \d+ --wa [\d.]+ --wm [\d.]+ --depth \d+ --group-width \d+ --se 0\.25\n/);
    expect(text).toMatch(/\n {2}acts +[\d.]+M +the 12 published RegNetY point to .* of the authors' limit/);
  });
});
