import { unknown } from "../../errors.js";
import { convnexts } from "./convnext.js";
import type { PublishedModel } from "./model.js";
import { regnetX } from "./regnetx.js";
import { regnetY } from "./regnety.js";
import { timmRegnets } from "./timm.js";
import { torchvisionRegnets } from "./torchvision.js";

export type { PublishedFacts, PublishedModel } from "./model.js";

/** Every network that goes by a name. */
export const publishedModels: readonly PublishedModel[] = [
  ...regnetX,
  ...regnetY,
  ...torchvisionRegnets,
  ...timmRegnets,
  ...convnexts,
];

const byName = new Map<string, PublishedModel>();
for (const model of publishedModels) for (const name of [model.name, ...model.aliases]) byName.set(plain(name), model);

/**
 * The network of that name or alias. Upper and lower case are the same, and so are `-`, `_` and the space.
 *
 * @throws RegnetError (code "unknown") with the nearest name
 */
export function findModel(name: string): PublishedModel {
  const model = byName.get(plain(name));
  if (!model) throw unknown("model", name, modelNames());
  return model;
}

/** Every name and alias. */
export function modelNames(): string[] {
  return publishedModels.flatMap(({ name, aliases }) => [name, ...aliases]);
}

function plain(name: string): string {
  return name.trim().toLowerCase().replace(/[-\s]/g, "_");
}
