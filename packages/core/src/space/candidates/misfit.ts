import { RegnetError } from "../../errors.js";
import type { Misdraw } from "./candidate.js";

/** For a bottleneck and a group width that no width satisfies; any other error is passed on. */
export function makesNoNetwork(error: unknown): Misdraw {
  if (error instanceof RegnetError) return "parameters";
  throw error;
}
