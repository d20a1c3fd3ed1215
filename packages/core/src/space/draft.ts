import { type CountedInput, countedInput } from "../families/input.js";
import type { ModelSpec } from "../families/model.js";
import type { Complexity } from "../graph/complexity.js";
import type { Random } from "../random/random.js";
import { type Candidate, candidateOf } from "./candidates/index.js";
import { brokenBound, type LimitedQuantity, limitedQuantities, outside } from "./limits.js";
import type { DrawOptions } from "./sample.js";
import { boundScale } from "./scale.js";
import type { SpaceDocument } from "./schema.js";

/** The network drawn last from a space, and whether it satisfies every limit. */
export class NetworkDraft {
  /** Least and greatest value of each quantity among the networks that were looked at. */
  readonly seen: Partial<Record<LimitedQuantity, [least: number, greatest: number]>> = {};
  private readonly candidate: Candidate;
  private readonly input: CountedInput;
  private readonly scale: number;
  private counted: Complexity = { flops: 0, params: 0, acts: 0 };

  /** @throws RegnetError for a space or an image that makes no sense */
  constructor(
    private readonly space: SpaceDocument,
    private readonly options: DrawOptions,
  ) {
    this.candidate = candidateOf(space);
    this.input = countedInput(options);
    this.scale = boundScale(this.input, space.network?.stem ?? (space.family === "convnext" ? "patchify" : "simple"));
  }

  /** Draws a network, with one random number a parameter. @returns why it is none, or breaks a limit */
  draw(random: Random): string | undefined {
    return this.candidate.draw(random) ?? this.rejectShape() ?? this.rejectCost(this.candidate.count(this.input));
  }

  /** The same for two networks that are the same, whatever parameters made them. */
  key(): string {
    return this.candidate.key();
  }

  spec(): ModelSpec {
    return this.candidate.spec();
  }

  /** Of the network drawn last, where it satisfied every limit. */
  get complexity(): Complexity {
    return this.counted;
  }

  private rejectShape(): string | undefined {
    const { stages, depth } = this.candidate;
    const asked = this.space.family === "regnet" ? this.space.stages : undefined;
    const range = typeof asked === "number" ? { min: asked, max: asked } : asked;
    const side = outside(stages, range);
    return (side && `stages ${side}`) ?? this.rejectBy("stages", stages) ?? this.rejectBy("depth", depth);
  }

  private rejectCost({ flops, params, acts }: Complexity): string | undefined {
    const reason = this.rejectBy("flops", flops) ?? this.rejectBy("params", params) ?? this.rejectBy("acts", acts);
    if (reason) return reason;
    this.counted = { flops, params, acts };
    const bound = this.space.bounds && brokenBound(this.counted, this.space.bounds, this.scale);
    return bound && `${bound} bound`;
  }

  private rejectBy(quantity: LimitedQuantity, value: number): string | undefined {
    const seen = this.seen[quantity];
    if (!seen) this.seen[quantity] = [value, value];
    else if (value < seen[0]) seen[0] = value;
    else if (value > seen[1]) seen[1] = value;
    const side = outside(value, this.options.limits?.[quantity]);
    return side && REASONS[quantity][side];
  }
}

const REASONS = Object.fromEntries(
  limitedQuantities.map((quantity) => [quantity, { below: `${quantity} below`, above: `${quantity} above` }]),
) as Record<LimitedQuantity, { below: string; above: string }>;
