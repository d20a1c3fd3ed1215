import { invalid, type ModelSpec, regnetSpec } from "@regnet/core";

/**
 * Which parameters stay as they are when the first `count` parts do: 1 is the stem, 2 the stem and the first stage, and
 * so on. The head always trains.
 * @throws RegnetError when the network has fewer parts
 */
export function frozenBy(model: ModelSpec, count: number): (name: string) => boolean {
  const stages = stageCount(model);
  if (!Number.isInteger(count) || count < 0 || count > stages + 1) {
    throw invalid("freeze", count, `an integer from 0 to ${stages + 1}: the stem and ${stages} stages`);
  }
  const prefixes = Array.from({ length: count }, (_, i) => (i === 0 ? "stem." : stagePrefix(model, i)));
  return (name) => prefixes.some((prefix) => name.startsWith(prefix));
}

function stagePrefix({ family }: ModelSpec, stage: number): string {
  return family === "convnext" ? `stages.${stage - 1}.` : `s${stage}.`;
}

function stageCount(model: ModelSpec): number {
  if (model.family === "convnext") return model.depths.length;
  return (model.family === "regnet" ? regnetSpec(model, model) : model).stages.length;
}
