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
  if (error instanceof RegnetError) return error.message;
  if (isSystemError(error)) return systemMessage(error);
  return `unexpected: ${error.stack ?? error.message}`;
}

/** `missing.json: no such file or directory` */
function systemMessage({ message, path, dest }: NodeJS.ErrnoException & { dest?: string }): string {
  const what = /^[A-Z0-9_]+: (.*?)(?:, \w+.*)?$/.exec(message)?.[1];
  return path && what ? `${dest ?? path}: ${what}` : message;
}

function isSystemError(error: Error): error is NodeJS.ErrnoException {
  return "code" in error && typeof error.code === "string" && "syscall" in error;
}
