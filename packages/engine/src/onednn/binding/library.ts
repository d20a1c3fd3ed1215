import { RegnetError } from "@regnet/core";
import { int32sAt, type NativeLibrary, openLibrary } from "./native.js";

/** A loaded oneDNN and what it says of itself. */
export interface DnnLibrary {
  readonly library: NativeLibrary;
  readonly major: number;
  /** For instance "2.6.3". */
  readonly version: string;
  /** True where threads are OpenMP's. */
  readonly openmp: boolean;
}

const OPENMP_RUNTIME = 2;
const OLDEST = [2, 6];
/** Debian 13 names its library by the minor version alone. */
const MINORS = Array.from({ length: 20 }, (_, i) => 19 - i);

/** The command that installs the library here, for people. */
export const installHint =
  process.platform === "darwin"
    ? "brew install onednn"
    : "apt-get install libdnnl2 (Debian 12) or libdnnl3.6 (Debian 13)";

/**
 * The names tried, in order: the environment's REGNET_ONEDNN alone if it is set, else the system's library by its
 * usual names.
 */
export function libraryNames(environment = process.env): readonly string[] {
  if (environment.REGNET_ONEDNN) return [environment.REGNET_ONEDNN];
  switch (process.platform) {
    case "darwin":
      return ["", "/opt/homebrew/lib/", "/usr/local/lib/"].flatMap((folder) => [
        `${folder}libdnnl.3.dylib`,
        `${folder}libdnnl.dylib`,
      ]);
    case "win32":
      return ["dnnl.dll"];
    default:
      return ["libdnnl.so.3", ...MINORS.map((minor) => `libdnnl.so.3.${minor}`), "libdnnl.so.2", "libdnnl.so"];
  }
}

/**
 * Loads oneDNN.
 *
 * @throws RegnetError when no library is found, it is broken, or older than 2.6 (the message says which was tried), and
 * without koffi
 */
export function openDnn(names = libraryNames()): DnnLibrary {
  const absent: string[] = [];
  const failures: string[] = [];
  for (const name of names) {
    try {
      return identify(openLibrary(name));
    } catch (error) {
      // What opens libraries is missing, whatever they are called.
      if (error instanceof RegnetError && error.code === "missing") throw error;
      const reason = error instanceof Error ? error.message.split("\n")[0] : String(error);
      if (reason.includes("No such file")) absent.push(name);
      else failures.push(`${name}: ${reason}`);
    }
  }
  const tried = absent.length > 0 ? [`found no ${[...new Set([absent[0], absent.at(-1)])].join(" … ")}`] : [];
  const text = [...failures, ...tried].join("; ");
  throw new RegnetError(`missing oneDNN; ${text}; install it with: ${installHint}`, "missing", "onednn");
}

function identify(library: NativeLibrary): DnnLibrary {
  const pointer = library.function("void *dnnl_version()")();
  const { 0: major, 1: minor, 2: patch, 6: cpuRuntime } = int32sAt(pointer, 7);
  const version = `${major}.${minor}.${patch}`;
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]) || major > 3) {
    throw new RegnetError(`unsupported oneDNN ${version}, expected 2.6 to 3.x`, "unsupported", "onednn");
  }
  return { library, major, version, openmp: cpuRuntime === OPENMP_RUNTIME };
}
