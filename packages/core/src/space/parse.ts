import { parseDocument } from "../document.js";
import { RegnetError } from "../errors.js";
import { parseYaml } from "../yaml.js";
import { candidateOf } from "./candidates/index.js";
import { type SpaceDocument, spaceSchema } from "./schema.js";

/** Most characters of a space's text. */
const TEXT_LIMIT = 1 << 20;

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

/**
 * A design space from the text of a YAML or JSON file (JSON is YAML).
 *
 * @throws RegnetError that names the line of a syntax error, or the fields that are wrong
 */
export function parseSpaceText(text: string): SpaceDocument {
  if (text.length > TEXT_LIMIT)
    throw new RegnetError(`invalid space: got ${text.length} characters, expected at most 1 MiB`);
  return parseSpace(parsed(text));
}

function parsed(text: string): unknown {
  try {
    return parseYaml(text);
  } catch (error) {
    throw new RegnetError(`invalid space: ${(error as Error).message}`);
  }
}
