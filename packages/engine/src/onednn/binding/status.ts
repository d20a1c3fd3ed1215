import { RegnetError } from "@regnet/core";
import { statusNames, UNIMPLEMENTED } from "./constants.js";
import type { NativeFunction, Pointer } from "./native.js";

/** @throws RegnetError unless `status` is 0 */
export function check(status: unknown, what: string): void {
  if (status !== 0) throw failure(Number(status), what);
}

/** The pointer that a constructor function writes through its first argument. */
export function create(function_: NativeFunction, what: string, ...args: readonly unknown[]): Pointer {
  const slot: (Pointer | null)[] = [null];
  check(function_(slot, ...args), what);
  return slot[0]!;
}

/** `create`, but undefined where the library has no implementation. */
export function createIfImplemented(
  function_: NativeFunction,
  what: string,
  ...args: readonly unknown[]
): Pointer | undefined {
  const slot: (Pointer | null)[] = [null];
  const status = function_(slot, ...args);
  if (status === UNIMPLEMENTED) return undefined;
  check(status, what);
  return slot[0]!;
}

function failure(status: number, what: string): RegnetError {
  const reason = statusNames[status] ?? `status ${status}`;
  if (status === 1) {
    return new RegnetError(`out of memory in oneDNN while making ${what}; use a smaller batch or network`, "invalid");
  }
  return new RegnetError(`oneDNN failed on ${what}: ${reason}`, status === UNIMPLEMENTED ? "unsupported" : "invalid");
}
