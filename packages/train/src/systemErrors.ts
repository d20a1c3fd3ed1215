import { RegnetError } from "@regnet/core";

const PERMISSIONS: ReadonlySet<string | undefined> = new Set(["EACCES", "EPERM"]);

/** Whether an error is the operating system's. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "syscall" in error;
}

/** What the operating system says, without its code and call: `EIO: i/o error, read` → `i/o error`. */
export function systemReason({ message }: Error): string {
  return message.replace(/^[A-Z]\w+: (.*), \w+(?: '.*')?$/s, "$1");
}

/** Why something cannot be read, with the remedy; an error that is not the system's as it is. */
export function explainReading(error: unknown, place: string): unknown {
  if (!isSystemError(error)) return error;
  const path = error.path ?? place;
  const remedy = PERMISSIONS.has(error.code)
    ? "change its permission (chmod +r)"
    : "check that it is there and its disk is sound, or give a copy";
  const message = `cannot read "${path}": ${systemReason(error)}; ${remedy}`;
  return Object.assign(new RegnetError(message, "invalid", path), { cause: error });
}
