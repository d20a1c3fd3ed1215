import { countModel } from "../../families/countModel.js";
import type { CountedInput } from "../../families/input.js";
import type { ConvNeXtModel } from "../../families/model.js";
import type { Complexity } from "../../graph/complexity.js";
import type { Random } from "../../random/random.js";
import { WIDTH_QUANTUM } from "../../rule/parameters.js";
import { roundHalfEven } from "../../rule/rounding.js";
import { Draw } from "../distribution.js";
import { distributionOf } from "../parameter.js";
import type { ConvNeXtSpace } from "../schema.js";
import type { Candidate, Misdraw } from "./candidate.js";
import { stageRange } from "./stageDraw.js";

/** Draws the first width, the growth of the widths and every stage's depth of a ConvNeXt. */
export class ConvNeXtCandidate implements Candidate {
  private readonly width: Draw;
  private readonly growth: Draw;
  private readonly depths: readonly Draw[];
  private readonly stageCounts: readonly [number, number];
  private network: { depths: number[]; widths: number[] } = { depths: [], widths: [] };

  constructor(private readonly space: ConvNeXtSpace) {
    const { width, growth = 2, depth } = space.parameters;
    this.width = new Draw(distributionOf("width", width, "parameters.width"));
    this.growth = new Draw(distributionOf("growth", growth, "parameters.growth"));
    this.stageCounts = stageRange(space.stages);
    const each = depthSamplers(depth);
    this.depths = Array.from({ length: this.stageCounts[1] }, (_, i) => {
      const sampler = each[Math.min(i, each.length - 1)];
      return new Draw(distributionOf("depth", sampler, "parameters.depth"));
    });
  }

  get stages(): number {
    return this.network.depths.length;
  }

  get depth(): number {
    return this.network.depths.reduce((sum, depth) => sum + depth, 0);
  }

  draw(random: Random): Misdraw | undefined {
    const [least, most] = this.stageCounts;
    const stages = least === most ? least : least + ((random.next() >>> 0) % (most - least + 1));
    const [width, growth] = [this.width.next(random), this.growth.next(random)];
    const widths = Array.from({ length: stages }, (_, i) => quantise(width * growth ** i));
    this.network = { widths, depths: widths.map((_, i) => this.depths[i].next(random)) };
    return undefined;
  }

  count({ height, width, channels, classes }: CountedInput): Complexity {
    return countModel(this.spec(), { resolution: [height, width], channels, classes });
  }

  key(): string {
    return `${this.network.widths}/${this.network.depths}`;
  }

  spec(): ConvNeXtModel {
    return { family: "convnext", ...this.network, ...this.space.network };
  }
}

/** The samplers of the stages' depths; the last holds for all that follow. */
export function depthSamplers(depth: ConvNeXtSpace["parameters"]["depth"]) {
  return typeof depth === "object" && "each" in depth ? depth.each : [depth];
}

function quantise(width: number): number {
  return Math.max(WIDTH_QUANTUM, roundHalfEven(width / WIDTH_QUANTUM) * WIDTH_QUANTUM);
}
