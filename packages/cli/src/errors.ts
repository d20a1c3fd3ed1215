import { RegnetError } from "@regnet/core";

/** A mistake in how a command was called: exit code 2. */
export class UsageError extends RegnetError {
  override readonly name = "UsageError";
}

/** Whether the caller can mend it by calling otherwise. */
export function isMisuse(error: unknown): boolean {
  return error instanceof UsageError || (error instanceof RegnetError && error.code === "unknown");
}

/** What to tell people; the stack only where nobody foresaw the error. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return `unexpected: ${String(error)}`;
  if (error instanceof RegnetError || isSystemError(error)) return error.message;
  return `unexpected: ${error.stack ?? error.message}`;
}

function isSystemError(error: Error): error is NodeJS.ErrnoException {
  return "code" in error && typeof error.code === "string" && "syscall" in error;
}
