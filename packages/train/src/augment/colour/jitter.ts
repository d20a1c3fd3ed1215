import type { Random } from "../../data/random.js";
import type { Canvas } from "../canvas.js";
import type { Augmentation } from "../schema.js";
import { brightness, contrast, saturation } from "./blend.js";
import { hue } from "./hue.js";

type ColourJitter = NonNullable<Augmentation["colourJitter"]>;
type Adjust = (canvas: Canvas, amount: number) => void;

/** Brightness, contrast, saturation and hue in random order, each by an amount drawn within its strength. */
export function colourJitter(strengths: ColourJitter): (canvas: Canvas, random: Random) => void {
  const factors: readonly (readonly [Adjust, number, number])[] = [
    [brightness, strengths.brightness, 1],
    [contrast, strengths.contrast, 1],
    [saturation, strengths.saturation, 1],
    [hue, strengths.hue, 0],
  ];
  const active = factors.filter(([, strength]) => strength > 0);
  return (canvas, random) => {
    for (const [adjust, strength, middle] of random.shuffle([...active])) {
      adjust(canvas, random.uniform(middle - strength, middle + strength));
    }
  };
}
