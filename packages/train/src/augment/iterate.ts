import type { Batch, Loader } from "./loader.js";

/** All batches of a loader, which is closed at the end, also where the caller leaves the loop early. */
export async function* iterate(loader: Loader): AsyncGenerator<Batch, void> {
  try {
    for (let batch = await loader.next(); batch; batch = await loader.next()) yield batch;
  } finally {
    await loader.close();
  }
}
