import { expect, it } from "vitest";
import { isMadeForThePurpose, isReference } from "./kernels.js";

it.each(["ref:any", "bnorm_ref:any", "ref_blocked:any"])("knows %s as a reference", (kernel) => {
  expect(isReference(kernel)).toBe(true);
});

it.each(["jit:avx2", "bnorm_jit:avx512_core", "brgconv:avx512_core", "x64:gemm:jit"])("knows %s as none", (kernel) => {
  expect(isReference(kernel)).toBe(false);
});

it.each(["nspc_bnorm:any", "ncsp_bnorm:any", "x64:gemm:jit"])("knows %s as not made for the purpose", (kernel) => {
  expect(isMadeForThePurpose(kernel)).toBe(false);
});

it.each(["bnorm_jit:avx2", "brgemm:avx512_core", "jit_dw:avx2"])("knows %s as made for the purpose", (kernel) => {
  expect(isMadeForThePurpose(kernel)).toBe(true);
});
