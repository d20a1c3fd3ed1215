/**
 * The compiled module of this package at a path from its root, for threads and processes of its own. Tests run this
 * package from its source, which only a loader of theirs can read: they get the build.
 */
export function builtModule(path: string): URL {
  const root = import.meta.url.endsWith(".ts") ? "../dist/" : "./";
  return new URL(`${root}${path}`, import.meta.url);
}
