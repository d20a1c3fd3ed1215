import { invalid } from "../errors.js";

/** What a network is built for. */
export interface NetworkOptions {
  /** Images a run takes; default 1. */
  readonly batch?: number;
  /** Pixels a side, or [height, width]; default 224. */
  readonly resolution?: number | readonly [number, number];
  /** Channels of an image; default 3. */
  readonly channels?: number;
  /** Default 1000. */
  readonly classes?: number;
}

/** What images a network is counted for. */
export interface CountedInput {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly classes: number;
}

/** Most pixels a side, channels of an image, and classes: bounds against nonsense. */
export const SIDE_LIMIT = 1 << 16;
export const CHANNELS_LIMIT = 1 << 16;
export const CLASSES_LIMIT = 1 << 24;

/** The input that options ask for, with the defaults filled in. @throws RegnetError for what is no size */
export function countedInput({ resolution = 224, channels = 3, classes = 1000 }: NetworkOptions): CountedInput {
  const [height, width] = typeof resolution === "number" ? [resolution, resolution] : resolution;
  return {
    height: expectCount("resolution", height, SIDE_LIMIT),
    width: expectCount("resolution", width, SIDE_LIMIT),
    channels: expectCount("channels", channels, CHANNELS_LIMIT),
    classes: expectCount("classes", classes, CLASSES_LIMIT),
  };
}

/** The value, if it is an integer from 1 to `most`. @throws RegnetError */
export function expectCount(what: string, value: unknown, most: number): number {
  if (Number.isInteger(value) && (value as number) >= 1 && (value as number) <= most) return value as number;
  throw invalid(what, value, `an integer from 1 to ${most}`);
}
