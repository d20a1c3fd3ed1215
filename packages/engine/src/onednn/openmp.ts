import { type NativeFunction, openLibrary } from "./binding/native.js";

const NAMES =
  process.platform === "darwin"
    ? ["libomp.dylib", "/opt/homebrew/opt/libomp/lib/libomp.dylib", "libgomp.1.dylib"]
    : process.platform === "win32"
      ? ["vcomp140.dll"]
      : ["libgomp.so.1", "libomp.so.5"];

let setter: NativeFunction | undefined;
let current = 0;

/** Sets how many OpenMP threads the calling thread's kernels use from here on. No effect where OpenMP is not found. */
export function useThreads(count: number): void {
  if (count === current) return;
  setter ??= findSetter();
  setter(count);
  current = count;
}

function findSetter(): NativeFunction {
  for (const name of NAMES) {
    try {
      return openLibrary(name).function("void omp_set_num_threads(int count)");
    } catch {
      // the next name
    }
  }
  return () => undefined;
}
