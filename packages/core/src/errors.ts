/** Why a call was refused. The code is for callers that branch; the message is for people. */
export type ErrorCode = "invalid" | "missing" | "unknown" | "unsupported" | "corrupt" | "unsatisfiable";

/**
 * An error a person can act on: the message names the value, what was expected and the remedy.
 * Anything that is not a `RegnetError` is a defect of regnet itself.
 */
export class RegnetError extends Error {
  override readonly name: string = "RegnetError";
  constructor(
    message: string,
    readonly code: ErrorCode = "invalid",
    /** What the message is about: an option, a file, a path inside a document. */
    readonly path?: string,
  ) {
    super(message);
  }
}

/** `invalid X: got …, expected …` */
export function invalid(what: string, got: unknown, expected: string, remedy?: string): RegnetError {
  const text = `invalid ${what}: got ${show(got)}, expected ${expected}`;
  return new RegnetError(remedy ? `${text}; ${remedy}` : text, "invalid", what);
}

/** `missing X` */
export function missing(what: string, remedy?: string): RegnetError {
  return new RegnetError(remedy ? `missing ${what}; ${remedy}` : `missing ${what}`, "missing", what);
}

/** `unknown X: "…" (did you mean "…"?)` */
export function unknown(what: string, got: string, known: readonly string[]): RegnetError {
  const near = closest(got, known);
  const hint = near ? ` (did you mean "${near}"?)` : known.length <= 24 ? ` (known: ${known.join(", ")})` : "";
  return new RegnetError(`unknown ${what}: "${got}"${hint}`, "unknown", what);
}

/**
 * The candidate within a third of the word's length of edits, or undefined; of equal ones, one that begins with the word.
 * Case and punctuation are ignored.
 */
export function closest(word: string, candidates: readonly string[]): string | undefined {
  const plain = (text: string) => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
  const target = plain(word);
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(target.length / 3)) + 1;
  for (const candidate of candidates) {
    const name = plain(candidate);
    const distance = editDistance(target, name) - (name.startsWith(target) ? 0.5 : 0);
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitute = row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitute, row[j] + 1, next[j - 1] + 1));
    }
    row = next;
  }
  return row[b.length];
}

/** A value for a message, shortened. */
export function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 80 ? `${value.slice(0, 77)}...` : value);
  if (typeof value === "number" || typeof value === "bigint") return String(value);
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}
