import { type Mapping, mapMemory, useHugePages } from "./mapping.js";

/** Large mappings get whole huge pages. */
const PAGE = 2 ** 21;

/** A block of memory for the tensors of a plan. */
export type Arena = Mapping;

/**
 * Maps an arena.
 *
 * @throws RegnetError when the system refuses it
 */
export function mapArena(wanted: number): Arena {
  const arena = mapMemory(Math.max(1, Math.ceil(wanted / PAGE)) * PAGE);
  useHugePages(arena);
  return arena;
}
