import type { RegNetModel } from "../model.js";
import type { PublishedModel } from "./model.js";

const source = "timm, timm/models/regnet.py";

/** RegNetZ blocks as timm builds them: inverted bottleneck of 4, no projection, no activation after the sum, SiLU. */
const z = { family: "regnet", bottleneck: 0.25, se: 0.25, linear: true, activation: "silu" } as const;
const z040 = { ...z, w0: 48, wa: 14.5, wm: 2.226, depth: 28, groupWidth: 8 };

/** The RegNets of timm that neither the paper nor torchvision has: RegNetZ, and the largest RegNetY (SEER's). */
export const timmRegnets: readonly PublishedModel[] = [
  timm("regnetz_005", { ...z, w0: 16, wa: 10.7, wm: 2.51, depth: 21, groupWidth: 4, headWidth: 1024 }),
  timm("regnetz_040", z040),
  timm("regnetz_040_h", { ...z040, headWidth: 1536 }),
  timm("regnety_640", { family: "regnet", w0: 352, wa: 147.48, wm: 2.4, depth: 20, groupWidth: 328, se: 0.25 }),
  timm("regnety_1280", { family: "regnet", w0: 456, wa: 160.83, wm: 2.52, depth: 27, groupWidth: 264, se: 0.25 }),
  timm("regnety_2560", { family: "regnet", w0: 640, wa: 230.83, wm: 2.53, depth: 27, groupWidth: 373, se: 0.25 }),
];

function timm(name: string, spec: RegNetModel): PublishedModel {
  return { name, aliases: [], spec, published: { source } };
}
