import { unknown } from "../../errors.js";
import type { SpaceDocument } from "../schema.js";
import { anynetSpaces } from "./anynet.js";
import { convnextSpaces } from "./convnext.js";
import { regnetSpaces } from "./regnet.js";

/** The design spaces that go by a name. */
export const spaces: readonly SpaceDocument[] = [...anynetSpaces, ...regnetSpaces, ...convnextSpaces];

/**
 * The design space of that name. Upper and lower case are the same, and so are `-`, `_` and the space.
 *
 * @throws RegnetError (code "unknown") with the nearest name
 */
export function findSpace(name: string): SpaceDocument {
  const space = spaces.find((candidate) => plain(candidate.name) === plain(name));
  if (space) return space;
  throw unknown(
    "space",
    name,
    spaces.map((candidate) => candidate.name),
  );
}

function plain(name: string): string {
  return name
    .trim()
    .toLowerCase()
    .replace(/[-_\s]/g, "");
}
