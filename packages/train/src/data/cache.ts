import { RegnetError } from "@regnet/core";
import { type RefusalCode, refusalOf } from "../systemErrors.js";

const ELSEWHERE = "set REGNET_CACHE to another folder";
const REMEDIES: Readonly<Partial<Record<RefusalCode, string>>> = {
  ENOSPC: `free some, or ${ELSEWHERE}`,
  EDQUOT: `free some space, or ${ELSEWHERE}`,
  EACCES: `make it writable, or ${ELSEWHERE}`,
  EPERM: `make it writable, or ${ELSEWHERE}`,
};

/**
 * Does what writes into the image cache.
 * @throws RegnetError that names the cache and the remedy where the system refuses to write; any other error as it is
 */
export async function writingCache<T>(directory: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const refusal = refusalOf(error);
    if (!refusal) throw error;
    const message = `cannot write the image cache ${directory}: ${refusal.reason}; ${REMEDIES[refusal.code] ?? ELSEWHERE}`;
    throw Object.assign(new RegnetError(message, "invalid", directory), { cause: error });
  }
}
