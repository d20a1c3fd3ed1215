import { invalid } from "../errors.js";
import { countedInput } from "../families/input.js";
import type { Complexity } from "../graph/complexity.js";
import { type Random, randomFor } from "../random/random.js";
import { type Candidate, candidateOf } from "./candidates/index.js";
import { explainPopulation } from "./explain.js";
import { brokenBound, type LimitedQuantity, limitedQuantities, outside } from "./limits.js";
import type { Population, PopulationAcceptance, PopulationNetwork, PopulationOptions } from "./sample.js";
import { boundScale } from "./scale.js";
import type { SpaceDocument } from "./schema.js";

const PATIENCE = 1_000_000;

/**
 * Draws a population a part at a time, so that a caller can show progress, or stop. `samplePopulation` is the same in
 * one go.
 */
export class PopulationSampler {
  readonly networks: PopulationNetwork[] = [];
  /** Least and greatest value of each quantity among the networks that were looked at. */
  readonly seen: Partial<Record<LimitedQuantity, [least: number, greatest: number]>> = {};
  private drawn = 0;
  private sinceLast = 0;
  private readonly rejected = new Map<string, number>();
  private readonly keys = new Set<string>();
  private readonly candidate: Candidate;
  private readonly random: Random;
  private readonly input;
  private readonly scale: number;

  /** @throws RegnetError for a space, a count or an image that makes no sense */
  constructor(
    readonly space: SpaceDocument,
    readonly options: PopulationOptions,
  ) {
    const { count, seed = 0, patience = PATIENCE } = options;
    if (!Number.isInteger(count) || count < 1) throw invalid("count", count, "an integer of at least 1");
    if (!Number.isSafeInteger(seed)) throw invalid("seed", seed, "an integer");
    if (!(patience >= 1)) throw invalid("patience", patience, "at least 1");
    this.candidate = candidateOf(space);
    this.random = randomFor(seed, `population of ${space.name}`);
    this.input = countedInput(options);
    this.scale = boundScale(this.input, space.network?.stem ?? (space.family === "convnext" ? "patchify" : "simple"));
  }

  /** True once there are enough networks, or too many draws in a row gave none. */
  get finished(): boolean {
    const { count, patience = PATIENCE } = this.options;
    return this.networks.length >= count || this.sinceLast >= patience;
  }

  get acceptance(): PopulationAcceptance {
    return { drawn: this.drawn, accepted: this.networks.length, rejected: Object.fromEntries(this.rejected) };
  }

  /**
   * What was drawn.
   *
   * @throws RegnetError (code "unsatisfiable") with the limit that stands in the way, where it is less than was asked for
   */
  population(): Population {
    const { networks, acceptance } = this;
    if (networks.length < this.options.count) throw explainPopulation(this);
    return { networks, acceptance };
  }

  /** Draws at most so many networks more. @returns whether it is finished */
  advance(draws: number): boolean {
    for (let i = 0; i < draws && !this.finished; i++) {
      this.drawn++;
      this.sinceLast++;
      const reason = this.draw();
      if (reason === undefined) this.sinceLast = 0;
      else this.rejected.set(reason, (this.rejected.get(reason) ?? 0) + 1);
    }
    return this.finished;
  }

  private draw(): string | undefined {
    const { candidate } = this;
    return candidate.draw(this.random) ?? this.rejectShape() ?? this.rejectCost(candidate.count(this.input));
  }

  private rejectShape(): string | undefined {
    const { stages, depth } = this.candidate;
    const asked = this.space.family === "regnet" ? this.space.stages : undefined;
    const range = typeof asked === "number" ? { min: asked, max: asked } : asked;
    const side = outside(stages, range);
    return (side && `stages ${side}`) ?? this.rejectBy("stages", stages) ?? this.rejectBy("depth", depth);
  }

  private rejectCost(complexity: Complexity): string | undefined {
    const { flops, params, acts } = complexity;
    const reason = this.rejectBy("flops", flops) ?? this.rejectBy("params", params) ?? this.rejectBy("acts", acts);
    if (reason) return reason;
    const bound = this.space.bounds && brokenBound(complexity, this.space.bounds, this.scale);
    return bound ? `${bound} bound` : this.keep({ flops, params, acts });
  }

  private rejectBy(quantity: LimitedQuantity, value: number): string | undefined {
    const seen = this.seen[quantity];
    if (!seen) this.seen[quantity] = [value, value];
    else if (value < seen[0]) seen[0] = value;
    else if (value > seen[1]) seen[1] = value;
    const side = outside(value, this.options.limits?.[quantity]);
    return side && REASONS[quantity][side];
  }

  private keep(complexity: Complexity): string | undefined {
    const key = this.candidate.key();
    if (this.keys.has(key)) return "duplicate";
    const network = { spec: this.candidate.spec(), complexity };
    const reason = this.options.accept?.(network);
    if (reason !== undefined) return reason;
    this.keys.add(key);
    this.networks.push(network);
    return undefined;
  }
}

const REASONS = Object.fromEntries(
  limitedQuantities.map((quantity) => [quantity, { below: `${quantity} below`, above: `${quantity} above` }]),
) as Record<LimitedQuantity, { below: string; above: string }>;
