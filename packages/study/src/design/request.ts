import { existsSync } from "node:fs";
import { RegnetError, unknown } from "@regnet/core";
import { namedRecipes, readRecipeDocument } from "@regnet/train";
import { canonical } from "../study/spec.js";
import { readJson, readText, writeAtomically } from "../study/storage.js";
import { designSteps } from "./hooks.js";
import type { DesignLayout } from "./layout.js";
import { type DesignRequest, DESIGN_VERSION, type DesignRequestInput, designRequestSchema } from "./options.js";

/**
 * The request with its recipe's document in place of the file that it is read from, so that a changed file is another
 * request. Recipes that have a name keep it.
 *
 * @throws RegnetError for an unknown name, a file that cannot be read, or a recipe that makes no sense
 */
export async function withRecipe(input: DesignRequestInput): Promise<DesignRequestInput> {
  const { recipe } = input;
  if (typeof recipe !== "string" || Object.hasOwn(namedRecipes, recipe)) return input;
  if (!RECIPE_FILE.test(recipe)) throw unknown("recipe", recipe, Object.keys(namedRecipes));
  return { ...input, recipe: await readRecipeDocument(recipe) };
}

const RECIPE_FILE = /\.(json|ya?ml)$/i;

/** Fields that may differ when a design is gone on with: they change nothing that was found. */
const FREE: ReadonlySet<string> = new Set(["workers", "threads"]);

/**
 * Writes the request of a new design, or makes sure that it is the one that the folder was begun with. A design of which
 * no step is done yet may become another, and one that is not planned yet may get another time. Hold the folder's claim.
 *
 * @throws RegnetError where the folder holds another design
 */
export function keepRequest(layout: DesignLayout, request: DesignRequest): void {
  const text = readText(layout.request);
  if (text !== undefined && designSteps.some((step) => existsSync(layout.step(step)))) expectSame(layout, request);
  const kept = `${JSON.stringify(request, undefined, 2)}\n`;
  if (kept !== text) writeAtomically(layout.request, kept);
}

function expectSame(layout: DesignLayout, request: DesignRequest): void {
  const document = readJson(layout.request) as { version?: unknown } | undefined;
  if (typeof document?.version === "number" && document.version !== DESIGN_VERSION) {
    const remedy = "give another folder with -o, or remove it";
    throw new RegnetError(`${layout.request} was left by another version of regnet; ${remedy}`, "unsupported");
  }
  const parsed = designRequestSchema.safeParse(document);
  if (!parsed.success) {
    throw new RegnetError(`corrupt ${layout.request}; remove the folder, or give another with -o`, "corrupt");
  }
  const planned = existsSync(layout.step("plan"));
  const changed = changedFields(parsed.data, request).filter((field) => planned || field !== "time");
  if (changed.length === 0) return;
  const what = `${layout.folder} holds another design: ${changed.join(", ")} differ${changed.length > 1 ? "" : "s"}`;
  throw new RegnetError(`${what}; give another folder with -o, or remove it`, "invalid", changed[0]);
}

function changedFields(before: DesignRequest, now: DesignRequest): string[] {
  const fields = new Set([...Object.keys(before), ...Object.keys(now)] as (keyof DesignRequest)[]);
  return [...fields].filter((field) => !FREE.has(field) && canonical(before[field]) !== canonical(now[field]));
}
