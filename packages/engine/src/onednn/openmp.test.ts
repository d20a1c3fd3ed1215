import { afterEach, describe, expect, it } from "vitest";
import { openDnn } from "./binding/library.js";
import type { NativeLibrary } from "./binding/native.js";
import { setThreadsOf, useThreads } from "./openmp.js";

const { library: dnn } = openDnn();
afterEach(() => setThreadsOf(dnn));

const most = dnn.function("int omp_get_max_threads()");

describe("the number of threads", () => {
  it("is set in the runtime that oneDNN is linked against, found through oneDNN itself", () => {
    setThreadsOf(dnn);
    for (const count of [3, 1]) {
      expect(useThreads(count)).toBe(true);
      expect(most()).toBe(count);
    }
  });

  it("is not set in another runtime that is there, too", () => {
    const set: unknown[] = [];
    const declared: string[] = [];
    const other: NativeLibrary = {
      path: "libdnnl of another compiler",
      function: (declaration) => {
        declared.push(declaration);
        return (count) => set.push(count);
      },
    };
    useThreads(1);
    setThreadsOf(other);
    expect(useThreads(2)).toBe(true);
    expect(declared).toEqual([
      "void omp_set_num_threads(int count)",
      "void GOMP_parallel(uintptr_t code, uintptr_t argument, uint threads, uint flags)",
    ]);
    expect(set).toEqual([2]);
    expect(most()).toBe(1);
  });

  it("is set in a runtime of a usual name where the library leads to none", () => {
    const alone: NativeLibrary = {
      path: "libdnnl",
      function: () => {
        throw new Error("cannot find function");
      },
    };
    setThreadsOf(alone);
    expect(useThreads(2)).toBe(true);
    expect(most()).toBe(2);
  });
});
