/**
 * The compiled module of this package at a path from `dist`, for threads and processes of its own. It is found by the
 * package's name, since this code may run from its source, in tests, or out of a bundle.
 */
export function builtModule(path: string): URL {
  return new URL(`dist/${path}`, import.meta.resolve("@regnet/train/package.json"));
}
