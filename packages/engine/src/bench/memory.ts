import { readFileSync, writeFileSync } from "node:fs";

/** Bytes of memory this process holds now. */
export function resident(): number {
  return process.memoryUsage.rss();
}

/** The most bytes this process has held (since `resetPeak`, where the system allows that); undefined where it does not tell. */
export function peakResident(): number | undefined {
  try {
    const found = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync("/proc/self/status", "utf8"));
    return found ? Number(found[1]) * 1024 : undefined;
  } catch {
    return undefined;
  }
}

/** Starts the count of `peakResident` again from what is held now. */
export function resetPeak(): void {
  try {
    writeFileSync("/proc/self/clear_refs", "5");
  } catch {
    // Not Linux, or not allowed: the peak then counts from the start of the process.
  }
}
