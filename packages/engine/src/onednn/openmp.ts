import {
  functionAddress,
  type NativeFunction,
  type NativeLibrary,
  openLibrary,
  type Pointer,
  processLibrary,
} from "./binding/native.js";

/** Runtimes to look for where the library does not lead to its own. */
const NAMES =
  process.platform === "darwin"
    ? ["libomp.dylib", "/opt/homebrew/opt/libomp/lib/libomp.dylib", "libgomp.1.dylib"]
    : process.platform === "win32"
      ? ["vcomp140.dll"]
      : ["libgomp.so.1", "libomp.so.5"];

const SPINS = "GOMP_SPINCOUNT";
/** About a tenth of a millisecond: longer than threads wait for each other within a step. GNU's default is 300,000. */
const SHORT = "10000";

const WITHOUT_EFFECT: NativeFunction = () => undefined;
let setter = WITHOUT_EFFECT;
let team: Team | undefined;
let current = 0;

/** The threads that `useThreads` has set, to run code of our own. */
export interface Team {
  /** Has all threads run machine code at once, a function of one argument. */
  run(code: number, argument: number): void;
  /** Where the function lies that tells a thread its number. */
  readonly threadNumber: Pointer;
}

/** Has `useThreads` set the threads of this library's kernels. */
export function setThreadsOf(library: NativeLibrary): void {
  const found = runtimeOf(library);
  setter = found?.setter ?? WITHOUT_EFFECT;
  team = found && teamOf(found.runtime);
  current = 0;
}

/**
 * Sets how many OpenMP threads the calling thread's kernels use from here on.
 *
 * @returns false where OpenMP is not found, so that there is no effect
 */
export function useThreads(count: number): boolean {
  if (count !== current) setter(count);
  current = count;
  return setter !== WITHOUT_EFFECT;
}

/** Undefined where OpenMP is not found, or another than those that GNU's compilers know. */
export function threadTeam(): Team | undefined {
  return team;
}

/**
 * The loader looks through a library and what it is linked against, so that the library itself leads to its own OpenMP
 * runtime, of whatever name. Setting the threads of another one would have no effect on it. (On Windows it does not.)
 */
function runtimeOf(library: NativeLibrary): { runtime: NativeLibrary; setter: NativeFunction } | undefined {
  for (const open of [() => library, ...NAMES.map((name) => () => openLibrary(name))]) {
    try {
      const runtime = open();
      return { runtime, setter: runtime.function("void omp_set_num_threads(int count)") };
    } catch {
      // the next one
    }
  }
  return undefined;
}

function teamOf(runtime: NativeLibrary): Team | undefined {
  try {
    const parallel = "void GOMP_parallel(uintptr_t code, uintptr_t argument, uint threads, uint flags)";
    const run = runtime.function(parallel);
    const threadNumber = functionAddress(runtime, "omp_get_thread_num");
    return threadNumber === undefined
      ? undefined
      : { run: (code, argument) => run(code, argument, 0, 0), threadNumber };
  } catch {
    return undefined;
  }
}

/**
 * Loads a library that brings GNU's OpenMP, whose threads then sleep after a short wait. By default they spin for
 * milliseconds, and beside another busy process that keeps the very thread from running that is waited for: a training
 * step of two threads took 1,700 ms beside another such training, and 500 ms so; 40 ms alone, either way. OpenMP reads
 * the environment once, when it is loaded; who has set OMP_WAIT_POLICY or GOMP_SPINCOUNT is not overruled, and processes
 * started later do not inherit it.
 */
export function withShortSpins<T>(load: () => T): T {
  if (process.platform !== "linux" || process.env[SPINS] || process.env.OMP_WAIT_POLICY) return load();
  const environment = processLibrary();
  environment.function("int setenv(str name, str value, int overwrite)")(SPINS, SHORT, 1);
  try {
    return load();
  } finally {
    environment.function("int unsetenv(str name)")(SPINS);
  }
}
