import type { NamePairs } from "./naming.js";

const BLOCK = "stages.{i}.blocks.{j}";

/** Our names for what a ConvNeXt has, in the order of the tables below. */
const OURS = [
  "stem.0",
  "stem.1",
  "stages.{i}.downsample.0",
  "stages.{i}.downsample.1",
  `${BLOCK}.conv_dw`,
  `${BLOCK}.norm`,
  `${BLOCK}.mlp.fc1`,
  `${BLOCK}.mlp.fc2`,
  `${BLOCK}.gamma`,
  "head.norm",
  "head.fc",
];

/** timm's names are ours. */
export const timm: NamePairs = pairs(OURS);

export const torchvision: NamePairs = pairs([
  "features.0.0",
  "features.0.1",
  "features.{2i}.0",
  "features.{2i}.1",
  "features.{2i+1}.{j}.block.0",
  "features.{2i+1}.{j}.block.2",
  "features.{2i+1}.{j}.block.3",
  "features.{2i+1}.{j}.block.5",
  "features.{2i+1}.{j}.layer_scale",
  "classifier.0",
  "classifier.2",
]);

export const hf: NamePairs = pairs([
  "convnext.embeddings.patch_embeddings",
  "convnext.embeddings.layernorm",
  "convnext.encoder.stages.{i}.downsampling_layer.0",
  "convnext.encoder.stages.{i}.downsampling_layer.1",
  "convnext.encoder.stages.{i}.layers.{j}.dwconv",
  "convnext.encoder.stages.{i}.layers.{j}.layernorm",
  "convnext.encoder.stages.{i}.layers.{j}.pwconv1",
  "convnext.encoder.stages.{i}.layers.{j}.pwconv2",
  "convnext.encoder.stages.{i}.layers.{j}.layer_scale_parameter",
  "convnext.layernorm",
  "classifier",
]);

export const official: NamePairs = pairs([
  "downsample_layers.0.0",
  "downsample_layers.0.1",
  "downsample_layers.{i}.0",
  "downsample_layers.{i}.1",
  "stages.{i}.{j}.dwconv",
  "stages.{i}.{j}.norm",
  "stages.{i}.{j}.pwconv1",
  "stages.{i}.{j}.pwconv2",
  "stages.{i}.{j}.gamma",
  "norm",
  "head",
]);

function pairs(theirs: readonly string[]): NamePairs {
  return OURS.map((ours, i) => [ours, theirs[i]]);
}
