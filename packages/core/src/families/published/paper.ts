import type { RegNetParameters } from "../../rule/parameters.js";
import type { PublishedFacts, PublishedModel } from "./model.js";

/** A network of the RegNet paper; `alias` is timm's name for it. */
export function paper(
  name: string,
  alias: string,
  parameters: RegNetParameters,
  facts: Omit<PublishedFacts, "source">,
): PublishedModel {
  return {
    name,
    aliases: [alias],
    spec: { family: "regnet", ...parameters },
    published: { source: "Designing Network Design Spaces (arXiv 2003.13678) and pycls, dds_baselines", ...facts },
  };
}
