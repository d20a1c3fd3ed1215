import { RegnetError } from "@regnet/core";
import { makeFolder } from "@regnet/train/files";
import { canonical } from "../study/spec.js";
import { readJson, readText, writeAtomically } from "../study/storage.js";
import type { DesignLayout } from "./layout.js";
import { type DesignRequest, designRequestSchema } from "./options.js";

/** Fields that may differ when a design is gone on with: they change nothing that was found. */
const FREE: ReadonlySet<string> = new Set(["workers"]);

/**
 * Writes the request of a new design, or makes sure that it is the one that the folder was begun with.
 * @returns whether the design was begun before
 * @throws RegnetError where the folder holds another design
 */
export function keepRequest(layout: DesignLayout, request: DesignRequest): boolean {
  const text = readText(layout.request);
  if (text === undefined) {
    makeFolder(layout.folder);
    writeAtomically(layout.request, `${JSON.stringify(request, undefined, 2)}\n`);
    return false;
  }
  const parsed = designRequestSchema.safeParse(readJson(layout.request));
  if (!parsed.success) {
    throw new RegnetError(`corrupt ${layout.request}; remove the folder, or give another with -o`, "corrupt");
  }
  const changed = changedFields(parsed.data, request);
  if (changed.length === 0) return true;
  const text2 = `${layout.folder} holds another design: ${changed.join(", ")} differ${changed.length > 1 ? "" : "s"}`;
  throw new RegnetError(`${text2}; give another folder with -o, or remove it`, "invalid", changed[0]);
}

function changedFields(before: DesignRequest, now: DesignRequest): string[] {
  const fields = new Set([...Object.keys(before), ...Object.keys(now)] as (keyof DesignRequest)[]);
  return [...fields].filter((field) => !FREE.has(field) && canonical(before[field]) !== canonical(now[field]));
}
