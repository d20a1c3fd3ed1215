import type { SpaceDocument } from "../schema.js";
import { AnyNetCandidate } from "./anynet.js";
import type { Candidate } from "./candidate.js";
import { ConvNeXtCandidate } from "./convnext.js";
import { RegNetCandidate } from "./regnet.js";

export type { Candidate, Misdraw } from "./candidate.js";

/** What draws networks from a space. @throws RegnetError when a parameter's values can make no network */
export function candidateOf(space: SpaceDocument): Candidate {
  switch (space.family) {
    case "regnet":
      return new RegNetCandidate(space);
    case "anynet":
      return new AnyNetCandidate(space);
    case "convnext":
      return new ConvNeXtCandidate(space);
    default:
      throw new TypeError(`unreachable family: ${JSON.stringify(space satisfies never)}`);
  }
}
