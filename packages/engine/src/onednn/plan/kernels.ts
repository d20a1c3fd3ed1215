/** True for kernels that the library has for completeness, a hundred times slower than its others. */
export function isReference(kernel: string): boolean {
  return /(^|[:_])ref(:|$|_)/.test(kernel);
}

/** Kinds of kernels from slow to fast: reference, through a matrix product or loops in C++, made for the purpose. */
export function kernelRank(kernel: string): number {
  if (isReference(kernel)) return 0;
  return /gemm:(jit|ref|blas)|^x64:gemm|^gemm|^(nspc|ncsp)_bnorm/.test(kernel) && !kernel.startsWith("brg") ? 1 : 2;
}

/** True for kernels that are neither references nor ways through a matrix product or loops in C++. */
export function isMadeForThePurpose(kernel: string): boolean {
  return kernelRank(kernel) === 2;
}
