import type { RegNetParameters } from "../../rule/parameters.js";
import type { PublishedFacts, PublishedModel } from "./model.js";

/** The fifteen RegNets of torchvision, in its convention; errors are those of the first weights (`IMAGENET1K_V1`). */
export const torchvisionRegnets: readonly PublishedModel[] = [
  torchvision(
    "regnet_x_400mf",
    "regnetx_004_tv",
    { w0: 24, wa: 24.48, wm: 2.54, depth: 22, groupWidth: 16 },
    {
      widths: [32, 64, 160, 400],
      depths: [1, 2, 7, 12],
      groupWidths: [16, 16, 16, 16],
      params: 5495976,
      top1Error: 27.166,
    },
  ),
  torchvision(
    "regnet_x_800mf",
    "regnetx_008_tv",
    { w0: 56, wa: 35.73, wm: 2.28, depth: 16, groupWidth: 16 },
    {
      widths: [64, 128, 288, 672],
      depths: [1, 3, 7, 5],
      groupWidths: [16, 16, 16, 16],
      params: 7259656,
      top1Error: 24.788,
    },
  ),
  torchvision(
    "regnet_x_1_6gf",
    "regnetx_016_tv",
    { w0: 80, wa: 34.01, wm: 2.25, depth: 18, groupWidth: 24 },
    {
      widths: [72, 168, 408, 912],
      depths: [2, 4, 10, 2],
      groupWidths: [24, 24, 24, 24],
      params: 9190136,
      top1Error: 22.96,
    },
  ),
  torchvision(
    "regnet_x_3_2gf",
    "regnetx_032_tv",
    { w0: 88, wa: 26.31, wm: 2.25, depth: 25, groupWidth: 48 },
    {
      widths: [96, 192, 432, 1008],
      depths: [2, 6, 15, 2],
      groupWidths: [48, 48, 48, 48],
      params: 15296552,
      top1Error: 21.636,
    },
  ),
  torchvision(
    "regnet_x_8gf",
    "regnetx_080_tv",
    { w0: 80, wa: 49.56, wm: 2.88, depth: 23, groupWidth: 120 },
    {
      widths: [80, 240, 720, 1920],
      depths: [2, 5, 15, 1],
      groupWidths: [80, 120, 120, 120],
      params: 39572648,
      top1Error: 20.656,
    },
  ),
  torchvision(
    "regnet_x_16gf",
    "regnetx_160_tv",
    { w0: 216, wa: 55.59, wm: 2.1, depth: 22, groupWidth: 128 },
    {
      widths: [256, 512, 896, 2048],
      depths: [2, 6, 13, 1],
      groupWidths: [128, 128, 128, 128],
      params: 54278536,
      top1Error: 19.942,
    },
  ),
  torchvision(
    "regnet_x_32gf",
    "regnetx_320_tv",
    { w0: 320, wa: 69.86, wm: 2.0, depth: 23, groupWidth: 168 },
    {
      widths: [336, 672, 1344, 2520],
      depths: [2, 7, 13, 1],
      groupWidths: [168, 168, 168, 168],
      params: 107811560,
      top1Error: 19.378,
    },
  ),
  torchvision(
    "regnet_y_400mf",
    "regnety_004_tv",
    { w0: 48, wa: 27.89, wm: 2.09, depth: 16, groupWidth: 8, se: 0.25 },
    {
      widths: [48, 104, 208, 440],
      depths: [1, 3, 6, 6],
      groupWidths: [8, 8, 8, 8],
      params: 4344144,
      top1Error: 25.954,
    },
  ),
  torchvision(
    "regnet_y_800mf",
    "regnety_008_tv",
    { w0: 56, wa: 38.84, wm: 2.4, depth: 14, groupWidth: 16, se: 0.25 },
    {
      widths: [64, 144, 320, 784],
      depths: [1, 3, 8, 2],
      groupWidths: [16, 16, 16, 16],
      params: 6432512,
      top1Error: 23.58,
    },
  ),
  torchvision(
    "regnet_y_1_6gf",
    "regnety_016_tv",
    { w0: 48, wa: 20.71, wm: 2.65, depth: 27, groupWidth: 24, se: 0.25 },
    {
      widths: [48, 120, 336, 888],
      depths: [2, 6, 17, 2],
      groupWidths: [24, 24, 24, 24],
      params: 11202430,
      top1Error: 22.05,
    },
  ),
  torchvision(
    "regnet_y_3_2gf",
    "regnety_032_tv",
    { w0: 80, wa: 42.63, wm: 2.66, depth: 21, groupWidth: 24, se: 0.25 },
    {
      widths: [72, 216, 576, 1512],
      depths: [2, 5, 13, 1],
      groupWidths: [24, 24, 24, 24],
      params: 19436338,
      top1Error: 21.052,
    },
  ),
  torchvision(
    "regnet_y_8gf",
    "regnety_080_tv",
    { w0: 192, wa: 76.82, wm: 2.19, depth: 17, groupWidth: 56, se: 0.25 },
    {
      widths: [224, 448, 896, 2016],
      depths: [2, 4, 10, 1],
      groupWidths: [56, 56, 56, 56],
      params: 39381472,
      top1Error: 19.968,
    },
  ),
  torchvision(
    "regnet_y_16gf",
    "regnety_160_tv",
    { w0: 200, wa: 106.23, wm: 2.48, depth: 18, groupWidth: 112, se: 0.25 },
    {
      widths: [224, 448, 1232, 3024],
      depths: [2, 4, 11, 1],
      groupWidths: [112, 112, 112, 112],
      params: 83590140,
      top1Error: 19.576,
    },
  ),
  torchvision(
    "regnet_y_32gf",
    "regnety_320_tv",
    { w0: 232, wa: 115.89, wm: 2.53, depth: 20, groupWidth: 232, se: 0.25 },
    {
      widths: [232, 696, 1392, 3712],
      depths: [2, 5, 12, 1],
      groupWidths: [232, 232, 232, 232],
      params: 145046770,
      top1Error: 19.122,
    },
  ),
  torchvision(
    "regnet_y_128gf",
    "regnety_1280_tv",
    { w0: 456, wa: 160.83, wm: 2.52, depth: 27, groupWidth: 264, se: 0.25 },
    {
      widths: [528, 1056, 2904, 7392],
      depths: [2, 7, 17, 1],
      groupWidths: [264, 264, 264, 264],
      params: 644812894,
    },
  ),
];

function torchvision(
  name: string,
  alias: string,
  parameters: RegNetParameters,
  facts: Omit<PublishedFacts, "source">,
): PublishedModel {
  return {
    name,
    aliases: [alias],
    spec: { family: "regnet", ...parameters, convention: "torchvision" },
    published: { source: "torchvision, torchvision/models/regnet.py", ...facts },
  };
}
