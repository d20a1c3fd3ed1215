/**
 * A file that was built to stand by itself: the bundled entry of a thread, or WebAssembly (scripts/). It is found by the
 * package's name, since this code may run from its source, in tests, or out of a bundle.
 */
export function builtModule(path: string): URL {
  return new URL(`bundle/${path}`, import.meta.resolve("@regnet/train/package.json"));
}
