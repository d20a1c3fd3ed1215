import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { findSpace, spaces } from "./named/index.js";
import { parseSpaceText } from "./parse.js";
import { samplePopulation } from "./sample.js";
import { samplers } from "./samplers.js";
import { spaceJsonSchema } from "./schema.js";

const guide = readFileSync(new URL("../../../../docs/spaces.md", import.meta.url), "utf8");
const documents = [...guide.matchAll(/```yaml\n(.*?)```/gs)].map(([, text]) => text);

describe("docs/spaces.md", () => {
  it("has examples that work", () => {
    expect(documents).toHaveLength(3);
    for (const text of documents) expect(samplePopulation(parseSpaceText(text), { count: 3 }).networks).toHaveLength(3);
    expect(parseSpaceText(documents[1])).toEqual({ ...findSpace("AnyNetXE"), summary: undefined });
  });

  it("names every space, sampler and field", () => {
    for (const { name } of [...spaces, ...samplers]) expect(guide).toContain(`\`${name}\``);
    for (const branch of (spaceJsonSchema() as { oneOf: { properties: object }[] }).oneOf) {
      for (const field of Object.keys(branch.properties)) expect(guide).toContain(`\`${field}\``);
    }
  });
});
