export { createLoader } from "./createLoader.js";
export type { Batch, Loader, LoaderOptions } from "./loader.js";
export { type Augmentation, type AugmentationInput, augmentationSchema, evaluationCrop } from "./schema.js";
