import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { below, countModel, randomFor, uniform } from "@regnet/core";
import type { Population, SampledNetwork } from "./sample.js";
import type { StudySpec, StudySpecInput } from "./spec.js";

/** A study document whose trials take about a millisecond, for tests and measurements. */
export function simulatedSpec(changes: Partial<StudySpecInput> = {}): Omit<StudySpecInput, "version"> {
  return { name: "simulated", task: "simulate", space: "drawn", trials: 6, epochs: 4, ...changes };
}

/** Draws small RegNets, each by its own number, so that more of them begin with the same ones. */
export function drawRegNets(spec: StudySpec, trials: number): Population {
  const networks = Array.from({ length: trials }, (_, i) => drawRegNet(spec, i));
  return { networks, acceptance: { drawn: trials, accepted: trials, rejected: {} } };
}

/** Runs with the path of a folder that is removed afterwards. */
export async function inTemporaryFolder<T>(use: (folder: string) => Promise<T> | T, parent = tmpdir()): Promise<T> {
  const folder = mkdtempSync(join(parent, "regnet-study-"));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

const SIDE = 16;
/** What a study's document says of the images of {@link writeGreyImages}. */
export const GREY_IMAGES = { resolution: SIDE, channels: 1, classes: 2 } as const;

/** Writes classes of grey images, from dark to light, in the files of the MNIST family. @returns the folder */
export function writeGreyImages(folder: string, { classes = 2, train = 48, val = 16 } = {}): string {
  mkdirSync(folder, { recursive: true });
  for (const [name, count] of [
    ["train", train],
    ["t10k", val],
  ] as const) {
    const pixels = Buffer.alloc(count * SIDE * SIDE);
    for (let i = 0; i < pixels.length; i++) {
      const image = Math.floor(i / SIDE ** 2);
      pixels[i] = (image % classes) * (180 / classes) + ((i * 7 + image * 13) % 120);
    }
    const header = Buffer.alloc(16);
    [0x803, count, SIDE, SIDE].forEach((value, i) => {
      header.writeUInt32BE(value, 4 * i);
    });
    writeFileSync(join(folder, `${name}-images-idx3-ubyte`), Buffer.concat([header, pixels]));
    const labels = Buffer.from([
      0,
      0,
      8,
      1,
      0,
      0,
      count >> 8,
      count & 255,
      ...Array.from({ length: count }, (_, i) => i % classes),
    ]);
    writeFileSync(join(folder, `${name}-labels-idx1-ubyte`), labels);
  }
  return folder;
}

function drawRegNet({ seed, resolution, channels, classes }: StudySpec, i: number): SampledNetwork {
  const random = randomFor(seed, `network ${i}`);
  const model = {
    family: "regnet",
    depth: 4 + below(random, 12),
    w0: 8 * (1 + below(random, 4)),
    wa: Math.round(40 + 400 * uniform(random)) / 10,
    wm: Math.round(2000 + 900 * uniform(random)) / 1000,
    groupWidth: 8,
  } as const;
  const { flops, params, acts } = countModel(model, { resolution, channels, classes });
  return { model, complexity: { flops, params, acts } };
}
