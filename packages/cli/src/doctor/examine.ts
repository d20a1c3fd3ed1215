import { access, constants, readdir, stat } from "node:fs/promises";
import { availableParallelism, cpus, totalmem } from "node:os";
import { dirname, join } from "node:path";
import { type Availability, defaultThreads, engines } from "@regnet/engine";
import { defaultCacheDirectory } from "@regnet/train";

/** What regnet finds on this machine. */
export interface Diagnosis {
  readonly node: string;
  readonly platform: string;
  readonly processor: string;
  /** Processors this process may use, and the threads a network gets by default. */
  readonly processors: number;
  readonly threads: number;
  /** Bytes. */
  readonly memory: number;
  /** Fastest first. */
  readonly engines: readonly Availability[];
  /** The engine that `--engine auto` takes; undefined where none can run. */
  readonly chosen?: string;
  readonly cache: CacheState;
  /** The one thing that would make regnet faster here, or undefined. */
  readonly remedy?: string;
}

/** The folder of decoded data sets. */
export interface CacheState {
  readonly folder: string;
  readonly bytes: number;
  readonly entries: number;
  readonly writable: boolean;
}

/** Looks at engines, processor and data cache. Never throws for what it does not find. */
export async function examine(): Promise<Diagnosis> {
  const probed = engines.map((engine) => engine.probe());
  const chosen = probed.find(({ available }) => available)?.engine;
  return {
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    processor: cpus()[0]?.model.trim() ?? "unknown",
    processors: availableParallelism(),
    threads: defaultThreads(),
    memory: totalmem(),
    engines: probed,
    chosen,
    cache: await cacheState(defaultCacheDirectory()),
    remedy: remedyFor(probed),
  };
}

/** The remedy of the fastest engine that cannot run here. */
export function remedyFor(probed: readonly Availability[]): string | undefined {
  const first = probed.find(({ available }) => !available);
  const chosen = probed.findIndex(({ available }) => available);
  if (!first || first.available || (chosen >= 0 && probed.indexOf(first) > chosen)) return undefined;
  return first.remedy;
}

async function cacheState(folder: string): Promise<CacheState> {
  try {
    const names = await readdir(folder, { recursive: true });
    const stats = await Promise.all(names.map((name) => stat(join(folder, name)).catch(() => undefined)));
    const files = stats.filter((entry) => entry?.isFile());
    const bytes = files.reduce((sum, entry) => sum + (entry?.size ?? 0), 0);
    return { folder, bytes, entries: files.length, writable: await writable(folder) };
  } catch {
    return { folder, bytes: 0, entries: 0, writable: await writable(folder) };
  }
}

/** Whether the folder, or the nearest one above it that exists, can be written. */
async function writable(folder: string): Promise<boolean> {
  try {
    await access(folder, constants.W_OK);
    return true;
  } catch (error) {
    const absent = (error as NodeJS.ErrnoException).code === "ENOENT";
    return absent && dirname(folder) !== folder ? writable(dirname(folder)) : false;
  }
}
