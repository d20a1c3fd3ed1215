import { describe, expect, it } from "vitest";
import { namedRecipes, readRecipe } from "./read.js";
import { peakLearningRate, scheduleFactor, warmupShare } from "./schedule.js";
import { recipeSchema } from "./schema.js";

const dds = namedRecipes.dds;
const at = (epoch: number) => scheduleFactor(dds, { share: epoch / 100, warmup: warmupShare(dds, 100) });

describe("schedule", () => {
  it("follows pycls: half a cosine, whose first five epochs are climbed from a tenth", () => {
    const cosine = (epoch: number) => 0.5 * (1 + Math.cos((Math.PI * epoch) / 100));
    expect(at(0)).toBeCloseTo(0.1, 12);
    expect(at(2.5)).toBeCloseTo(cosine(2.5) * 0.55, 12);
    expect(at(5)).toBeCloseTo(cosine(5), 12);
    expect(at(50)).toBeCloseTo(0.5, 12);
    expect(at(100)).toBeCloseTo(0, 12);
  });

  it("scales the learning rate with the batch", () => {
    expect(peakLearningRate(dds, 1024)).toBeCloseTo(0.8, 12);
    expect(peakLearningRate({ ...dds, referenceBatch: undefined }, 1024)).toBe(0.1);
  });

  it("keeps the warm-up of a short training within its share", () => {
    expect(warmupShare(dds, 6)).toBe(0.5);
    expect(warmupShare(dds, 50)).toBe(0.1);
  });

  it.each([
    [{ kind: "linear", final: 0.2 }, 0.5, 0.6],
    [{ kind: "steps", at: [0.5, 0.75], factor: 0.1 }, 0.8, 0.01],
    [{ kind: "constant" }, 0.9, 1],
    [{ kind: "trapezoid", cooldown: 0.5 }, 0.5, 1],
    [{ kind: "trapezoid", cooldown: 0.5, final: 0.2 }, 0.75, 0.6],
  ] as const)("%j at %d is %d", (schedule, share, expected) => {
    const recipe = recipeSchema.parse({ ...dds, warmup: undefined, schedule });
    expect(scheduleFactor(recipe, { share, warmup: 0 })).toBeCloseTo(expected, 12);
  });
});

describe("readRecipe", () => {
  it("knows the named ones and suggests the nearest", async () => {
    expect((await readRecipe("convnext")).optimiser.kind).toBe("adamw");
    await expect(readRecipe("quik")).rejects.toThrow('unknown recipe: "quik" (did you mean "quick"?)');
  });

  it("changes a named one", async () => {
    const recipe = await readRecipe({ base: "dds", epochs: 10 });
    expect(recipe).toEqual({ ...dds, name: "dds, changed", epochs: 10 });
  });

  it("keeps what a change does not mention within the parts of the recipe", async () => {
    const { convnext } = namedRecipes;
    const { augmentation, optimiser } = await readRecipe({
      base: "convnext",
      augmentation: { flip: 0, randAugment: { magnitude: 5 }, erasing: null, colourJitter: { hue: 0.1 } },
      optimiser: { weightDecay: 0.1 },
    });
    const { erasing: _, ...kept } = convnext.augmentation;
    expect(augmentation).toEqual({
      ...kept,
      flip: 0,
      randAugment: { ...kept.randAugment, magnitude: 5 },
      colourJitter: { brightness: 0, contrast: 0, saturation: 0, hue: 0.1 },
    });
    expect(optimiser).toEqual({ ...convnext.optimiser, weightDecay: 0.1 });
  });

  it("replaces a part by one of another kind", async () => {
    const { optimiser, schedule, clipNorm, warmup, augmentation } = await readRecipe({
      base: "quick",
      optimiser: { kind: "adamw" },
      schedule: { kind: "steps", at: [0.5] },
      clipNorm: null,
      augmentation: { crop: { kind: "padAndCrop", fill: "black" } },
    });
    expect(optimiser).toEqual({ kind: "adamw", beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.05 });
    expect(schedule).toEqual({ kind: "steps", at: [0.5], factor: 0.1 });
    expect([clipNorm, warmup]).toEqual([undefined, namedRecipes.quick.warmup]);
    expect(augmentation.crop).toEqual({ kind: "padAndCrop", padding: 2, fill: "black" });
  });

  it("names the field that is wrong", async () => {
    await expect(readRecipe({ base: "dds", epochs: 0 })).rejects.toThrow(/invalid recipe: epochs/);
    await expect(readRecipe({ base: "dds", augmentation: null })).rejects.toThrow(/missing augmentation/);
    await expect(readRecipe({ base: "dds", learningRat: 1 })).rejects.toThrow(/learningRat/);
    await expect(readRecipe("none.yaml")).rejects.toThrow("missing recipe file none.yaml; give a file, or one of dds,");
  });
});
