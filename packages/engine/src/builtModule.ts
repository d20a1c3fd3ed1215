/**
 * The entry of a thread or process of this package, bundled (scripts/bundle.mjs). It is found by the package's name, since
 * this code may run from its source, in tests, or out of a bundle.
 */
export function builtModule(path: string): URL {
  return new URL(`bundle/${path}`, import.meta.resolve("@regnet/engine/package.json"));
}
