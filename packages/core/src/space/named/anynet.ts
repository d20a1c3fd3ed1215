import type { AnyNetSpace } from "../schema.js";

const parameters: AnyNetSpace["parameters"] = {
  depth: { sampler: "logUniform", min: 1, max: 16 },
  width: { sampler: "logUniform", min: 8, max: 1024, quantum: 8 },
  bottleneck: [1, 2, 4],
  groupWidth: { sampler: "powerOfTwo", min: 1, max: 32 },
};

/** The AnyNetX design spaces of the paper's §3.2, each a part of the one before. */
export const anynetSpaces: readonly AnyNetSpace[] = [
  anynet("AnyNetXA", "four stages, everything free (§3.2)"),
  anynet("AnyNetXB", "one bottleneck ratio for all stages", { shared: ["bottleneck"] }),
  anynet("AnyNetXC", "and one group width", { shared: ["bottleneck", "groupWidth"] }),
  anynet("AnyNetXD", "and widths that never fall", { shared: ["bottleneck", "groupWidth"], rising: ["width"] }),
  anynet("AnyNetXE", "and depths that never fall", {
    shared: ["bottleneck", "groupWidth"],
    rising: ["width", "depth"],
  }),
];

function anynet(name: string, summary: string, constraints: Pick<AnyNetSpace, "shared" | "rising"> = {}): AnyNetSpace {
  return { name, summary, family: "anynet", stages: 4, parameters, ...constraints };
}
