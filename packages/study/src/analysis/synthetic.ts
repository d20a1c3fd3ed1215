import { applyRule, type Random, randomFor, type StageTable, uniform } from "@regnet/core";
import type { FinishedTrial } from "./trial.js";

/** The optimum that synthetic populations are made with. */
export const SYNTHETIC_BEST = { d: 14, wm: 2.4, g: 16 } as const;

/**
 * A made-up population with a known answer, for tests and measurements: errors are least at `SYNTHETIC_BEST`, fall with
 * flops, and scatter by `noise`. `shift` is added to every error.
 */
export function syntheticPopulation(
  population: string,
  count: number,
  { seed = 0, shift = 0, noise = 0.01, firstId = 0, flops = [2e6, 4e6] as readonly [number, number] } = {},
): FinishedTrial[] {
  const random = randomFor(seed, population);
  return Array.from({ length: count }, (_, i) => {
    const parameters = drawParameters(random);
    const stages = stagesOf(parameters);
    const cost = flops[0] * (flops[1] / flops[0]) ** uniform(random);
    const miss =
      0.02 * ((parameters.d - SYNTHETIC_BEST.d) / 8) ** 2 +
      0.03 * ((parameters.wm - SYNTHETIC_BEST.wm) / 0.5) ** 2 +
      0.01 * Math.log2(parameters.g / SYNTHETIC_BEST.g) ** 2;
    const error = 0.3 + shift + miss - 0.03 * Math.log2(cost / flops[0]) + noise * gaussian(random);
    return {
      id: firstId + i,
      population,
      parameters,
      stages,
      complexity: { flops: cost, params: cost / 12 + 1e4 * uniform(random), acts: 120 * Math.sqrt(cost) },
      error: Math.min(0.95, Math.max(0.02, error)),
      curve: [0.25, 0.1, 0.03, 0].map((more) => Math.min(1, error + more)),
      seconds: 3 + cost / 1e6,
      latency: { milliseconds: 0.05 + cost / 4e7 + 0.002 * parameters.d, from: "measured" },
    };
  });
}

function drawParameters(random: Random): Record<"d" | "w0" | "wa" | "wm" | "b" | "g", number> {
  return {
    d: 6 + Math.floor(uniform(random) * 18),
    w0: 8 * (1 + Math.floor(uniform(random) * 5)),
    wa: Math.round(10 * 4 * 8 ** uniform(random)) / 10,
    wm: Math.round(1000 * (1.5 + 1.5 * uniform(random))) / 1000,
    b: 1,
    g: 2 ** Math.floor(uniform(random) * 6),
  };
}

function stagesOf({ d, w0, wa, wm, g }: Record<"d" | "w0" | "wa" | "wm" | "g", number>): StageTable {
  const { widths, depths, groupWidths } = applyRule({ depth: d, w0, wa, wm, groupWidth: g });
  return { widths, depths, groupWidths };
}

function gaussian(random: Random): number {
  const radius = Math.sqrt(-2 * Math.log(1 - uniform(random)));
  return radius * Math.cos(2 * Math.PI * uniform(random));
}
