import { readFile, stat } from "node:fs/promises";
import { findSpace, parseSpaceText, type SpaceDocument } from "@regnet/core";
import { UsageError } from "../errors.js";

const LIMIT = 1 << 20;

/**
 * The design space that an argument names: a published one, or the path of a .yaml, .yml or .json file.
 *
 * @throws UsageError or RegnetError that names what is wrong
 */
export async function chooseSpace(space: string): Promise<SpaceDocument> {
  if (!/\.(ya?ml|json)$/i.test(space)) return findSpace(space);
  if ((await stat(space)).size > LIMIT) throw new UsageError(`invalid space: ${space} is larger than 1 MiB`);
  return parseSpaceText(await readFile(space, "utf8"));
}
