import type { Random } from "../../data/random.js";
import type { Canvas } from "../canvas.js";
import type { Augmentation } from "../schema.js";
import { randOps } from "./ops.js";

type RandAugment = NonNullable<Augmentation["randAugment"]>;

const names = Object.keys(randOps);
const SCALE = 10;

/** A few ops drawn with replacement, each applied with some probability at a normally distributed severity. */
export function randAugment(options: RandAugment): (canvas: Canvas, random: Random) => void {
  return (canvas, random) => {
    for (let i = 0; i < options.operations; i++) {
      const op = randOps[random.pick(names)];
      if (!random.chance(options.probability)) continue;
      const magnitude = options.magnitude + options.deviation * (options.deviation > 0 ? random.normal() : 0);
      op(canvas, Math.max(0, Math.min(SCALE, magnitude)) / SCALE, random);
    }
  };
}
