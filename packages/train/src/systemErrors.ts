import { RegnetError } from "@regnet/core";

const PERMISSIONS: ReadonlySet<string | undefined> = new Set(["EACCES", "EPERM"]);

/** Why the operating system refuses to write, by its code. */
const REFUSALS = {
  ENOSPC: "no space is left on the disk",
  EDQUOT: "the disk quota is used up",
  EROFS: "the file system is read-only",
  EACCES: "there is no permission",
  EPERM: "there is no permission",
  ENOENT: "its folder is not there, and cannot be made",
  ENOTDIR: "a part of its path is a file",
  EISDIR: "it is a folder",
} as const;

export type RefusalCode = keyof typeof REFUSALS;

/** The code of a system error, or undefined. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

/** Why the operating system refuses to write, or undefined where an error says something else. */
export function refusalOf(error: unknown): { readonly code: RefusalCode; readonly reason: string } | undefined {
  const code = systemCode(error);
  if (code === undefined || !Object.hasOwn(REFUSALS, code)) return undefined;
  return { code: code as RefusalCode, reason: REFUSALS[code as RefusalCode] };
}

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
