import { readFile, stat } from "node:fs/promises";
import { invalid, missing, parseDocument, RegnetError, unknown } from "@regnet/core";
import { convnext } from "./convnext.js";
import { dds } from "./dds.js";
import { quick, quickFor, type Situation } from "./quick.js";
import { type Recipe, type RecipeInput, recipeSchema } from "./schema.js";

/** The recipes that have a name. */
export const namedRecipes: Readonly<Record<string, Recipe>> = { dds, convnext, quick };

const FILE = /\.(json|ya?ml)$/i;
const FILE_LIMIT = 1 << 20;

/**
 * A recipe by its name, from a `.json`, `.yaml` or `.yml` file, or as an object. A document with the field `base` (a
 * name) changes that recipe: what it does not mention stays, within its parts too. A part of another `kind` replaces the
 * whole part, and `null` takes one away.
 * @param situation what `quick`, and a document based on it, is fitted to; default: small images and its own epochs
 * @throws RegnetError for an unknown name, or a document whose fields are wrong
 */
export async function readRecipe(
  recipe: string | RecipeInput | Record<string, unknown>,
  situation?: Situation,
): Promise<Recipe> {
  if (typeof recipe !== "string") return complete(recipe, situation);
  return FILE.test(recipe) ? complete(await readDocument(recipe), situation) : named(recipe, situation);
}

/**
 * The document in a recipe's file as it stands there, to be fitted later.
 * @throws as `readRecipe`
 */
export async function readRecipeDocument(path: string): Promise<Record<string, unknown>> {
  const document = await readDocument(path);
  complete(document, undefined);
  return document as Record<string, unknown>;
}

function named(name: string, situation: Situation | undefined): Recipe {
  if (!Object.hasOwn(namedRecipes, name)) throw unknown("recipe", name, Object.keys(namedRecipes));
  return name === quick.name && situation ? quickFor(situation) : namedRecipes[name];
}

function complete(document: unknown, situation: Situation | undefined): Recipe {
  if (!isRecord(document)) throw invalid("recipe", document, "an object with the fields of a recipe");
  const { base, ...own } = document;
  if (base === undefined) return parseDocument(recipeSchema, own, "recipe");
  if (typeof base !== "string") throw invalid("recipe.base", base, "the name of a recipe");
  return parseDocument(recipeSchema, merge({ ...named(base, situation), name: `${base}, changed` }, own), "recipe");
}

/** A part of a recipe with the changes to it. */
function merge(part: unknown, changes: unknown): unknown {
  if (!isRecord(part) || !isRecord(changes)) return changes;
  if (changes.kind !== undefined && changes.kind !== part.kind) return changes;
  const merged = Object.entries(changes).map(([field, value]) => [field, merge(part[field], value)] as const);
  return Object.fromEntries([...Object.entries(part), ...merged].filter(([field]) => changes[field] !== null));
}

async function readDocument(path: string): Promise<unknown> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile())
    throw missing(`recipe file ${path}`, `give a file, or one of ${Object.keys(namedRecipes).join(", ")}`);
  if (found.size > FILE_LIMIT) throw invalid("recipe", path, "a file of at most 1 MiB");
  const text = await readFile(path, "utf8");
  const { parseYaml } = await import("@regnet/core");
  try {
    return path.toLowerCase().endsWith(".json") ? JSON.parse(text) : parseYaml(text);
  } catch (error) {
    throw new RegnetError(`invalid recipe: ${path} cannot be parsed: ${(error as Error).message.split("\n")[0]}`);
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
