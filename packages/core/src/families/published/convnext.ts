import type { PublishedFacts, PublishedModel } from "./model.js";

const LIU = "A ConvNet for the 2020s (arXiv 2201.03545) and facebookresearch/ConvNeXt";
const TIMM = "timm, timm/models/convnext.py";

/** ConvNeXt atto to XL: T to XL are the paper's, the four smaller ones timm's. */
export const convnexts: readonly PublishedModel[] = [
  convnext("Atto", "A", [2, 2, 6, 2], 40, { source: TIMM }),
  convnext("Femto", "F", [2, 2, 6, 2], 48, { source: TIMM }),
  convnext("Pico", "P", [2, 2, 6, 2], 64, { source: TIMM }),
  convnext("Nano", "N", [2, 2, 8, 2], 80, { source: TIMM }),
  convnext("Tiny", "T", [3, 3, 9, 3], 96, { source: LIU, params: 28589128, top1Error: 17.9 }),
  convnext("Small", "S", [3, 3, 27, 3], 96, { source: LIU, params: 50223688, top1Error: 16.9 }),
  convnext("Base", "B", [3, 3, 27, 3], 128, { source: LIU, params: 88591464, top1Error: 16.2 }),
  convnext("Large", "L", [3, 3, 27, 3], 192, { source: LIU, params: 197767336, top1Error: 15.7 }),
  convnext("XLarge", "XL", [3, 3, 27, 3], 256, { source: LIU, params: 350196968 }),
];

/** Widths double from stage to stage. */
function convnext(
  size: string,
  letters: string,
  depths: readonly number[],
  width: number,
  published: PublishedFacts,
): PublishedModel {
  const widths = depths.map((_, i) => width * 2 ** i);
  return {
    name: `ConvNeXt-${size}`,
    aliases: [`convnext_${size.toLowerCase()}`, `ConvNeXt-${letters}`],
    spec: { family: "convnext", depths, widths },
    published: { depths, widths, ...published },
  };
}
