import { readFile, stat } from "node:fs/promises";
import { extname } from "node:path";
import { UsageError } from "../../errors.js";

const LIMIT = 1 << 20;

/** The content of a JSON or YAML file, not checked any further. @throws UsageError where it is too large or neither */
export async function readDocument(path: string, what: string): Promise<Record<string, unknown>> {
  if ((await stat(path)).size > LIMIT) throw new UsageError(`invalid ${what}: ${path} is larger than 1 MiB`);
  const text = await readFile(path, "utf8");
  const { parseYaml } = await import("@regnet/core");
  let document: unknown;
  try {
    document = extname(path) === ".json" ? JSON.parse(text) : parseYaml(text);
  } catch (error) {
    throw new UsageError(`invalid ${what}: ${path} cannot be read (${(error as Error).message.split("\n")[0]})`);
  }
  if (typeof document !== "object" || document === null || Array.isArray(document)) {
    throw new UsageError(`invalid ${what}: ${path} holds no object`);
  }
  return document as Record<string, unknown>;
}

/** A name as it stands, or the document of a .json, .yaml or .yml file. */
export async function nameOrDocument(text: string, what: string): Promise<string | Record<string, unknown>> {
  return /\.(json|ya?ml)$/i.test(text) ? readDocument(text, what) : text;
}
