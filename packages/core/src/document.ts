import type { ZodType } from "zod";
import type { $ZodIssue } from "zod/v4/core";
import { RegnetError, show } from "./errors.js";

const SHOWN = 5;

/**
 * Checks something that came from outside (a parsed JSON or YAML document) against a zod schema.
 *
 * @param what what the document is, for the message: "model", "space", "recipe"
 * @throws RegnetError (code "invalid") that names every field that is wrong, the first five of them, what was got and
 * what was expected
 */
export function parseDocument<T>(schema: ZodType<T>, document: unknown, what: string): T {
  const result = schema.safeParse(document);
  if (result.success) return result.data;
  const { issues } = result.error;
  const problems = issues.slice(0, SHOWN).map((issue) => problemOf(issue, document));
  if (issues.length > SHOWN) problems.push(`and ${issues.length - SHOWN} more`);
  throw new RegnetError(`invalid ${what}: ${problems.join("; ")}`, "invalid", issues[0]?.path.map(String).join("."));
}

function problemOf(issue: $ZodIssue, document: unknown): string {
  const within = innerIssue(issue);
  if (within) return problemOf(within, document);
  const field = issue.path.map(String).join(".");
  const got = issue.path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown>)?.[key], document);
  if (issue.code === "unrecognized_keys")
    return `${field ? `${field}: ` : ""}unknown field ${issue.keys.map(show).join(", ")}`;
  const expected = expectedBy(issue);
  if (expected === undefined) return field ? `${field}: ${issue.message}` : issue.message;
  if (got === undefined) return `missing ${field}, expected ${expected}`;
  return `${field ? `${field}: ` : ""}got ${show(got)}, expected ${expected}`;
}

/** Where one of several forms is allowed and the value has the type of one of them: what is wrong in that form. */
function innerIssue(issue: $ZodIssue): $ZodIssue | undefined {
  if (issue.code !== "invalid_union") return undefined;
  const [inner] = issue.errors.find((issues) => issues.every(({ path }) => path.length > 0)) ?? [];
  return inner && { ...inner, path: [...issue.path, ...inner.path] };
}

/** What a field should be, in the words of our own errors; undefined where zod's message has to do. */
function expectedBy(issue: $ZodIssue): string | undefined {
  switch (issue.code) {
    case "invalid_type":
      return TYPES[issue.expected] ?? issue.expected;
    case "too_small":
      return `${issue.inclusive === false ? "more than" : "at least"} ${amount(issue.minimum, issue.origin)}`;
    case "too_big":
      return `${issue.inclusive === false ? "less than" : "at most"} ${amount(issue.maximum, issue.origin)}`;
    case "invalid_value":
      return oneOf(issue.values.map(show));
    case "invalid_union":
      return "options" in issue && issue.options ? oneOf(issue.options.map(show)) : alternatives(issue.errors);
    default:
      return undefined;
  }
}

function alternatives(errors: readonly (readonly $ZodIssue[])[]): string | undefined {
  const forms = errors.map(([first]) => first && expectedBy(first));
  return forms.every((form) => form !== undefined) ? oneOf([...new Set(forms)]) : undefined;
}

/** `a, b or c` */
function oneOf(forms: readonly string[]): string {
  return forms.length > 1 ? `${forms.slice(0, -1).join(", ")} or ${forms.at(-1)}` : forms.join();
}

const TYPES: Readonly<Record<string, string>> = {
  int: "an integer",
  number: "a number",
  string: "a text",
  boolean: "true or false",
  array: "a list",
  tuple: "a list",
  object: "an object",
  record: "an object",
};

/** `3`, or `3 items` of a list, `1 character` of a text */
function amount(limit: number | bigint, origin: string): string {
  const unit = origin === "array" ? " item" : origin === "string" ? " character" : "";
  return `${limit}${unit}${unit && limit !== 1 ? "s" : ""}`;
}
