import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import type { RandomGenerator } from "pure-rand/types/RandomGenerator";

/** A source of random 32-bit integers, always handed in by the caller. */
export type Random = RandomGenerator;

const WARM_UP = 16;

/** A generator whose values depend on the seed and on what they are for, and on nothing else. */
export function randomFor(seed: number, purpose = ""): Random {
  let hash = 0x811c9dc5;
  for (let i = 0; i < purpose.length; i++) hash = Math.imul(hash ^ purpose.charCodeAt(i), 0x01000193);
  const high = Math.floor(seed / 2 ** 32) | 0;
  const random = xoroshiro128plus(scramble(scramble((seed | 0) ^ hash) ^ high));
  for (let i = 0; i < WARM_UP; i++) random.next();
  return random;
}

/** A number in [0, 1), of 32 random bits. */
export function uniform(random: Random): number {
  return (random.next() >>> 0) / 2 ** 32;
}

/** An integer in [0, count). The bias for counts below 2²⁰ is under 2⁻¹². */
export function below(random: Random, count: number): number {
  return Math.floor(uniform(random) * count);
}

/** Murmur's finaliser: neighbouring seeds become unrelated. */
function scramble(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
