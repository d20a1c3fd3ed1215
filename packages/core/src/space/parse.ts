import { parseDocument as parseYaml } from "yaml";
import { parseDocument } from "../document.js";
import { RegnetError } from "../errors.js";
import { candidateOf } from "./candidates/index.js";
import { type SpaceDocument, spaceSchema } from "./schema.js";

/** Most characters of a space's text. */
const TEXT_LIMIT = 1 << 20;
/** A space needs no aliases; a few do no harm, many are an attack. */
const ALIASES = 100;

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
  const document = parseYaml(text, { prettyErrors: true, logLevel: "error" });
  const [problem] = document.errors;
  if (problem) throw new RegnetError(`invalid space: ${problem.message.split("\n")[0]}`);
  return parseSpace(toPlain(document));
}

function toPlain(document: ReturnType<typeof parseYaml>): unknown {
  try {
    return document.toJS({ maxAliasCount: ALIASES });
  } catch (error) {
    throw new RegnetError(`invalid space: ${(error as Error).message}`);
  }
}
