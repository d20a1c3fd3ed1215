import { AnyNetCounter, type CountedBody } from "../../families/count.js";
import type { CountedInput } from "../../families/input.js";
import type { AnyNetModel } from "../../families/model.js";
import type { Complexity } from "../../graph/complexity.js";
import type { Random } from "../../random/random.js";
import { bottleneckWidth, fitWidth } from "../../rule/groups.js";
import { roundHalfEven } from "../../rule/rounding.js";
import { Draw } from "../distribution.js";
import { distributionOf } from "../parameter.js";
import { type AnyNetSpace, SPACE_LIMITS } from "../schema.js";
import type { Candidate, Misdraw } from "./candidate.js";
import { makesNoNetwork } from "./misfit.js";
import { type StageDraw, stageDraw, stageRange } from "./stageDraw.js";

const perStage = ["depth", "width", "groupWidth", "bottleneck"] as const;

/** Draws every stage's depth, width, group width and bottleneck (paper §3.2). */
export class AnyNetCandidate implements Candidate {
  stages = 0;
  private readonly draws: Record<(typeof perStage)[number], StageDraw>;
  private readonly stageCounts: readonly [number, number];
  private readonly se: Draw;
  private readonly drawn = Object.fromEntries(
    perStage.map((name) => [name, new Float64Array(SPACE_LIMITS.stages)]),
  ) as Record<(typeof perStage)[number], Float64Array>;
  private ratio = 0;
  private readonly counter = new AnyNetCounter();

  constructor(private readonly space: AnyNetSpace) {
    const { parameters } = space;
    this.draws = Object.fromEntries(
      perStage.map((name) => [name, stageDraw(space, name, parameters[name] ?? 1)]),
    ) as typeof this.draws;
    this.stageCounts = stageRange(space.stages);
    this.se = new Draw(distributionOf("se", parameters.se ?? 0, "parameters.se"));
  }

  get depth(): number {
    let sum = 0;
    for (let i = 0; i < this.stages; i++) sum += this.drawn.depth[i];
    return sum;
  }

  draw(random: Random): Misdraw | undefined {
    const [least, most] = this.stageCounts;
    this.stages = least === most ? least : least + ((random.next() >>> 0) % (most - least + 1));
    for (const name of perStage) this.draws[name](random, this.stages, this.drawn[name]);
    this.ratio = this.se.next(random);
    try {
      this.fit();
    } catch (error) {
      return makesNoNetwork(error);
    }
    return undefined;
  }

  count(input: CountedInput): Complexity {
    const body = this.body();
    const { depth, width, groupWidth, bottleneck } = this.drawn;
    this.counter.start(input, body);
    for (let i = 0; i < this.stages; i++) {
      const inner = roundHalfEven(width[i] / bottleneck[i]);
      const stride = i === 0 && body.stem === "patchify" ? 1 : 2;
      this.counter.stage(depth[i], width[i], inner, groupWidth[i], stride, body);
    }
    this.counter.finish(input.classes, body);
    return this.counter;
  }

  key(): string {
    const parts: number[] = [this.ratio];
    for (let i = 0; i < this.stages; i++) for (const name of perStage) parts.push(this.drawn[name][i]);
    return parts.join();
  }

  spec(): AnyNetModel {
    const stages = Array.from({ length: this.stages }, (_, i) => ({
      depth: this.drawn.depth[i],
      width: this.drawn.width[i],
      groupWidth: this.drawn.groupWidth[i],
      bottleneck: this.drawn.bottleneck[i],
    }));
    return { family: "anynet", stages, ...(this.ratio > 0 && { se: this.ratio }), ...this.space.network };
  }

  /** Group widths are cut to the bottleneck width, widths moved to fit the groups, as in RegNets. */
  private fit(): void {
    const { width, groupWidth, bottleneck } = this.drawn;
    for (let i = 0; i < this.stages; i++) {
      groupWidth[i] = Math.min(groupWidth[i], bottleneckWidth(width[i], bottleneck[i]));
      width[i] = fitWidth(width[i], groupWidth[i], bottleneck[i], "pycls");
    }
  }

  private body(): CountedBody {
    const { stem = "simple", stemWidth = 32, headWidth = 0, linear = false } = this.space.network ?? {};
    return { stem, stemWidth, headWidth, linear, se: this.ratio };
  }
}
