import type { ZodType } from "zod";
import { RegnetError } from "./errors.js";

const SHOWN = 5;

/**
 * Checks something that came from outside (a parsed JSON or YAML document) against a zod schema.
 *
 * @param what what the document is, for the message: "model", "space", "recipe"
 * @throws RegnetError (code "invalid") that names every field that is wrong, the first five of them, and what was expected
 */
export function parseDocument<T>(schema: ZodType<T>, document: unknown, what: string): T {
  const result = schema.safeParse(document);
  if (result.success) return result.data;
  const { issues } = result.error;
  const problems = issues.slice(0, SHOWN).map(({ path, message }) => {
    const field = path.map(String).join(".");
    return field ? `${field}: ${message}` : message;
  });
  if (issues.length > SHOWN) problems.push(`and ${issues.length - SHOWN} more`);
  throw new RegnetError(`invalid ${what}: ${problems.join("; ")}`, "invalid", issues[0]?.path.map(String).join("."));
}
