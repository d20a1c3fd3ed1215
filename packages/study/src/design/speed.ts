import { measureTraining } from "@regnet/train";
import type { DesignTools } from "./context.js";

/** How fast one network trains with the whole machine. */
export interface MeasuredSpeed {
  readonly engine: string;
  readonly precision: "fp32" | "bf16";
  /** Training images a second, at the resolution itself. */
  readonly imagesPerSecond: number;
}

/** Takes a few steps of the training that is to come. */
export const measureSpeed: DesignTools["speed"] = ({ recipe, engine, precision }, images, model) => {
  const { resolution, channels, classes } = images;
  return measureTraining({ model, recipe, engine, precision, resolution, channels, classes, images: images.train });
};
