import { RegNetCounter } from "../../families/countModel.js";
import type { CountedInput } from "../../families/input.js";
import type { RegNetModel } from "../../families/model.js";
import type { Complexity } from "../../graph/complexity.js";
import type { Random } from "../../random/random.js";
import { Draw } from "../distribution.js";
import { distributionOf } from "../parameter.js";
import type { RegNetSpace } from "../schema.js";
import type { Candidate, Misdraw } from "./candidate.js";
import { makesNoNetwork } from "./misfit.js";

const order = ["w0", "wa", "wm", "depth", "groupWidth", "bottleneck", "se"] as const;

/** Draws the rule's parameters. */
export class RegNetCandidate implements Candidate {
  private readonly draws: (Draw | undefined)[];
  private readonly counter = new RegNetCounter();
  private readonly drawn = { w0: 8, wa: 0, wm: 2, depth: 1, groupWidth: 1, bottleneck: 1, se: 0 };

  constructor(private readonly space: RegNetSpace) {
    const { parameters } = space;
    this.draws = order.map((name) => {
      const sampler = parameters[name];
      return sampler === undefined ? undefined : new Draw(distributionOf(name, sampler, `parameters.${name}`));
    });
  }

  get stages(): number {
    return this.counter.stages.count;
  }

  get depth(): number {
    return this.drawn.depth;
  }

  draw(random: Random): Misdraw | undefined {
    for (let i = 0; i < order.length; i++) {
      const draw = this.draws[i];
      if (draw) this.drawn[order[i]] = draw.next(random);
    }
    const { stages } = this.counter;
    try {
      stages.fill(this.drawn, this.space.network?.convention ?? "pycls");
    } catch (error) {
      return makesNoNetwork(error);
    }
    return stages.levels === stages.count ? undefined : "levels";
  }

  count(input: CountedInput): Complexity {
    this.counter.countStages(this.drawn, input, this.space.network);
    return this.counter;
  }

  key(): string {
    const { count, widths, depths, groupWidths } = this.counter.stages;
    const parts: number[] = [this.drawn.bottleneck, this.drawn.se];
    for (let i = 0; i < count; i++) parts.push(widths[i], depths[i], groupWidths[i]);
    return parts.join();
  }

  spec(): RegNetModel {
    const { bottleneck, se, ...rule } = this.drawn;
    const body = { ...(this.draws[5] && { bottleneck }), ...(se > 0 && { se }), ...this.space.network };
    return { family: "regnet", ...rule, ...body };
  }
}
