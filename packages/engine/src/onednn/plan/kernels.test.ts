import { expect, it } from "vitest";
import { isReference } from "./kernels.js";

it.each(["ref:any", "bnorm_ref:any", "ref_blocked:any"])("knows %s as a reference", (kernel) => {
  expect(isReference(kernel)).toBe(true);
});

it.each(["jit:avx2", "bnorm_jit:avx512_core", "brgconv:avx512_core", "x64:gemm:jit"])("knows %s as none", (kernel) => {
  expect(isReference(kernel)).toBe(false);
});
