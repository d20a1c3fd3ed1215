export { CARD_KEY, cardMetadata, type NetworkCard, networkCard, readCard } from "./card.js";
export type { ClassFigures } from "./confusion.js";
export { type EvaluateOptions, type Evaluation, evaluate } from "./evaluate.js";
export { type Classifier, type ImageInput, load, type Prediction } from "./load.js";
export { openNetwork, type StoredNetwork } from "./network.js";
export type { Predictor, RunningOptions } from "./predictor.js";
export { type QuantiseOptions, quantise } from "./quantise.js";
export type { SaliencyMap } from "./saliency.js";
export { saliencyPicture } from "./saliencyPicture.js";
