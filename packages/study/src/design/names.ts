import type { ModelSpec } from "@regnet/core";

/** A network's name for people: `RegNetY-2.95MF`, after its family and its flops. */
export function networkName(spec: ModelSpec, flops: number): string {
  return `${familyName(spec)}-${shortFlops(flops)}F`;
}

function familyName(spec: ModelSpec): string {
  if (spec.family === "convnext") return "ConvNeXt";
  const se = (spec.se ?? 0) > 0;
  if (spec.family === "anynet") return se ? "AnyNetY" : "AnyNetX";
  return spec.linear ? "RegNetZ" : se ? "RegNetY" : "RegNetX";
}

function shortFlops(flops: number): string {
  for (const [unit, letter] of [
    [1e9, "G"],
    [1e6, "M"],
  ] as const) {
    if (flops >= unit) return `${Number((flops / unit).toPrecision(3))}${letter}`;
  }
  return `${Number((flops / 1e3).toPrecision(3))}K`;
}
