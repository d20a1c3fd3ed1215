import type { Graph } from "../graph/graph.js";
import type { Convention, RegNetParameters } from "../rule/parameters.js";
import { applyRule } from "../rule/rule.js";
import { type AnyNetSpec, anynet } from "./anynet.js";
import type { NetworkOptions } from "./input.js";

/** Options of a RegNet beyond the rule's own parameters. */
export interface RegNetOptions extends NetworkOptions, Omit<AnyNetSpec, "stages" | "se"> {
  /** Default "pycls". */
  readonly convention?: Convention;
}

/** The stages that the rule makes of its parameters, as an AnyNet. */
export function regnetSpec(parameters: RegNetParameters, options: RegNetOptions = {}): AnyNetSpec {
  const { convention = "pycls", stem, stemWidth, activation, linear, headWidth } = options;
  const { widths, depths, groupWidths } = applyRule(parameters, convention);
  const { bottleneck = 1, se = 0 } = parameters;
  const stages = widths.map((width, i) => ({ width, depth: depths[i], groupWidth: groupWidths[i], bottleneck }));
  return { stages, se, stem, stemWidth, activation, linear, headWidth };
}

/** The inference graph of a RegNet: RegNetX, or RegNetY where `se` > 0, or RegNetZ where `linear` is set too. */
export function regnet(parameters: RegNetParameters, options: RegNetOptions = {}): Graph {
  return anynet(regnetSpec(parameters, options), options);
}
