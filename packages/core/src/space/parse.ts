import { parseDocument } from "../document.js";
import { RegnetError } from "../errors.js";
import { candidateOf } from "./candidates/index.js";
import { type SpaceDocument, spaceSchema } from "./schema.js";

/**
 * A design space from a parsed JSON or YAML document. See `spaceSchema` and docs/spaces.md.
 *
 * @throws RegnetError that names the fields that are wrong
 */
export function parseSpace(document: unknown): SpaceDocument {
  const space = parseDocument(spaceSchema, document, "space");
  try {
    candidateOf(space);
  } catch (error) {
    if (error instanceof RegnetError) throw new RegnetError(`invalid space: ${error.message}`, error.code, error.path);
    throw error;
  }
  return space;
}
