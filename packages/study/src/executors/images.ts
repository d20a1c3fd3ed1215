import type { DataSetHandle } from "@regnet/train";
import type { Study } from "../study/study.js";

/** Where the images of a study are, found once for all its workers; undefined for trials that train nothing. */
export async function imagesOf(study: Study): Promise<DataSetHandle | undefined> {
  if (study.spec.task !== "train") return undefined;
  const { findImages } = await import("../study/images.js");
  return findImages(study);
}
