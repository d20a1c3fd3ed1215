import { type Population, type PopulationOptions, PopulationSampler, type SpaceDocument } from "@regnet/core";
import { formatGrouped } from "../quantities.js";

/** Draws between two looks at the clock. */
const PART = 5000;
const QUIET = 500;

/** Draws a population; on a terminal it shows how far it is once that takes longer than half a second. */
export async function drawPopulation(space: SpaceDocument, options: PopulationOptions): Promise<Population> {
  const sampler = new PopulationSampler(space, options);
  const start = performance.now();
  let shown = false;
  while (!sampler.advance(PART)) {
    if (!process.stderr.isTTY || performance.now() - start < QUIET) continue;
    const { drawn, accepted } = sampler.acceptance;
    process.stderr.write(`\r${accepted} of ${options.count} networks, ${formatGrouped(drawn)} drawn `);
    shown = true;
  }
  if (shown) process.stderr.write("\r\x1b[K");
  return sampler.population();
}
