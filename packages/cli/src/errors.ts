import { RegnetError } from "@regnet/core";

/** A mistake in how a command was called: exit code 2. */
export class UsageError extends RegnetError {
  override readonly name = "UsageError";
}
