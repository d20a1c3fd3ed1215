import type { NamePairs } from "./naming.js";

const BLOCK = "s{s}.b{b}";
const TORCHVISION = "trunk_output.block{s}.block{s}-{b-1}";
const HF = "regnet.encoder.stages.{s-1}.layers.{b-1}";

/** timm's names are ours. */
export const timm: NamePairs = identical([
  ...["stem", `${BLOCK}.conv1`, `${BLOCK}.conv2`, `${BLOCK}.conv3`, `${BLOCK}.downsample`, "final_conv"].flatMap(
    (name) => [`${name}.conv`, `${name}.bn`],
  ),
  `${BLOCK}.se.fc1`,
  `${BLOCK}.se.fc2`,
  "head.fc",
]);

export const torchvision: NamePairs = [
  ["stem.conv", "stem.0"],
  ["stem.bn", "stem.1"],
  ...["a", "b", "c"].flatMap(
    (letter, i): NamePairs => [
      [`${BLOCK}.conv${i + 1}.conv`, `${TORCHVISION}.f.${letter}.0`],
      [`${BLOCK}.conv${i + 1}.bn`, `${TORCHVISION}.f.${letter}.1`],
    ],
  ),
  [`${BLOCK}.se.fc1`, `${TORCHVISION}.f.se.fc1`],
  [`${BLOCK}.se.fc2`, `${TORCHVISION}.f.se.fc2`],
  [`${BLOCK}.downsample.conv`, `${TORCHVISION}.proj.0`],
  [`${BLOCK}.downsample.bn`, `${TORCHVISION}.proj.1`],
  ["head.fc", "fc"],
];

export const pycls: NamePairs = [
  ["stem.conv", "stem.conv"],
  ["stem.bn", "stem.bn"],
  ...["a", "b", "c"].flatMap(
    (letter, i): NamePairs => [
      [`${BLOCK}.conv${i + 1}.conv`, `${BLOCK}.f.${letter}`],
      [`${BLOCK}.conv${i + 1}.bn`, `${BLOCK}.f.${letter}_bn`],
    ],
  ),
  [`${BLOCK}.se.fc1`, `${BLOCK}.f.se.f_ex.0`],
  [`${BLOCK}.se.fc2`, `${BLOCK}.f.se.f_ex.2`],
  [`${BLOCK}.downsample.conv`, `${BLOCK}.proj`],
  [`${BLOCK}.downsample.bn`, `${BLOCK}.bn`],
  ["final_conv.conv", "head.conv"],
  ["final_conv.bn", "head.bn"],
  ["head.fc", "head.fc"],
];

/** The layers of a block are counted: with squeeze-excitation, the last convolution is the fourth layer. */
export function hf(squeezeExcitation: boolean): NamePairs {
  const layers = squeezeExcitation ? [0, 1, 3] : [0, 1, 2];
  return [
    ["stem.conv", "regnet.embedder.embedder.convolution"],
    ["stem.bn", "regnet.embedder.embedder.normalization"],
    ...layers.flatMap(
      (layer, i): NamePairs => [
        [`${BLOCK}.conv${i + 1}.conv`, `${HF}.layer.${layer}.convolution`],
        [`${BLOCK}.conv${i + 1}.bn`, `${HF}.layer.${layer}.normalization`],
      ],
    ),
    [`${BLOCK}.se.fc1`, `${HF}.layer.2.attention.0`],
    [`${BLOCK}.se.fc2`, `${HF}.layer.2.attention.2`],
    [`${BLOCK}.downsample.conv`, `${HF}.shortcut.convolution`],
    [`${BLOCK}.downsample.bn`, `${HF}.shortcut.normalization`],
    ["head.fc", "classifier.1"],
  ];
}

function identical(names: readonly string[]): NamePairs {
  return names.map((name) => [name, name]);
}
