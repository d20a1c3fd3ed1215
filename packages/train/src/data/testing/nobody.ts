import { execFileSync } from "node:child_process";

const NOBODY = 65534;

/**
 * Does something as a user who is bound by the permissions of files, which root is not. To root's nobody the folder is
 * given first.
 */
export async function asNobody(folder: string, work: () => Promise<void>): Promise<void> {
  if (process.getuid?.() !== 0) return work();
  execFileSync("chown", ["-R", String(NOBODY), folder]);
  process.seteuid!(NOBODY);
  try {
    await work();
  } finally {
    process.seteuid!(0);
  }
}
