import type { ConvNeXtSpace } from "../schema.js";

const few = { sampler: "logUniform", min: 1, max: 6 };
const many = { sampler: "logUniform", min: 2, max: 32 };

/** ConvNeXts around the published ones, all of which (atto to XL) are in it. */
export const convnextSpaces: readonly ConvNeXtSpace[] = [
  {
    name: "ConvNeXt",
    summary: "four stages, the third the deepest; widths grow by one factor, 2 in the published ones",
    family: "convnext",
    stages: 4,
    parameters: {
      width: { sampler: "logUniform", min: 16, max: 256, quantum: 8 },
      growth: { sampler: "uniform", min: 1.5, max: 2.5, quantum: 0.125 },
      depth: { each: [few, few, many, few] },
    },
  },
  {
    name: "ConvNeXt-small",
    summary: "two or three stages after a stem of stride 1, for small images",
    family: "convnext",
    stages: { min: 2, max: 3 },
    parameters: {
      width: { sampler: "logUniform", min: 8, max: 128, quantum: 8 },
      growth: { sampler: "uniform", min: 1.5, max: 2.5, quantum: 0.125 },
      depth: { sampler: "logUniform", min: 1, max: 9 },
    },
    network: { stem: "cifar" },
  },
];
