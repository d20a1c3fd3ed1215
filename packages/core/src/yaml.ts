import { parseDocument } from "yaml";

/** What we read needs no aliases; a few do no harm, many are an attack. */
const ALIASES = 100;

/**
 * The value that a YAML text describes (JSON is YAML).
 * @throws SyntaxError whose message names the line, and Error for more than a hundred aliases
 */
export function parseYaml(text: string): unknown {
  const document = parseDocument(text, { prettyErrors: true, logLevel: "error" });
  const [problem] = document.errors;
  if (problem) throw new SyntaxError(problem.message.split("\n")[0]);
  return document.toJS({ maxAliasCount: ALIASES });
}
