import type { Cursor } from "./cursor.js";
import { Machine } from "./machine.js";
import { opcode } from "./opcodes.js";
import type { Storage } from "./values.js";

/** What a pickle held. */
export interface Unpickled {
  readonly value: unknown;
  /** Every storage that was mentioned, by its key. */
  readonly storages: ReadonlyMap<string, Storage>;
}

/**
 * Reads one pickle, protocols 0 to 5, from the cursor on. It is a description of data here, not a program: opcodes and
 * names that are not on the lists are refused, calls give plain descriptions, and time and memory are linear in the bytes.
 *
 * @throws RegnetError (`corrupt`, or `unsupported` with the name of what was refused)
 */
export function unpickle(cursor: Cursor): Unpickled {
  const machine = new Machine();
  for (;;) {
    const code = cursor.uint8();
    if (code === STOP) return { value: machine.pop(), storages: machine.storages };
    opcode(code)(machine, cursor);
  }
}

const STOP = 0x2e;
