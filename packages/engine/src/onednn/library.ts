import type { Dnn } from "./binding/dnn.js";
import { type DnnLibrary, openDnn } from "./binding/library.js";
import { Dnn2 } from "./binding/v2.js";
import { Dnn3 } from "./binding/v3.js";
import { setThreadsOf, withShortSpins } from "./openmp.js";

let loaded: Dnn | undefined;

/**
 * The library, loaded once a thread.
 *
 * @throws RegnetError when it is missing, broken or too old
 */
export function library(): Dnn {
  loaded ??= bind(withShortSpins(openDnn));
  return loaded;
}

function bind(opened: DnnLibrary): Dnn {
  setThreadsOf(opened.library);
  return opened.major === 2 ? new Dnn2(opened) : new Dnn3(opened);
}
