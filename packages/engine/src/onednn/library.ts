import type { Dnn } from "./binding/dnn.js";
import { openDnn } from "./binding/library.js";
import { Dnn2 } from "./binding/v2.js";

let loaded: Dnn | undefined;

/**
 * The library, loaded once a thread.
 *
 * @throws RegnetError when it is missing, broken or too old
 */
export function library(): Dnn {
  loaded ??= new Dnn2(openDnn());
  return loaded;
}
