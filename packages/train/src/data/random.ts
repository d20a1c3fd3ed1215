/**
 * A random generator keyed by what it is for: the same keys give the same numbers, whatever was drawn before and in
 * whichever thread. Four 32-bit words of state (Chris Doty-Humphrey's sfc32), seeded by a mix of the keys.
 */
export class Random {
  private a = 0;
  private b = 0;
  private c = 0;
  private counter = 0;
  private spare: number | undefined;

  /** @param keys integers; those beyond 32 bits are folded */
  constructor(...keys: readonly number[]) {
    this.rekey(...keys);
  }

  /** Starts again under other keys. */
  rekey(...keys: readonly number[]): this {
    let [h, g] = [0x9e3779b9, 0x243f6a88];
    for (const key of keys) {
      h = mix(h ^ (key | 0));
      g = mix(g + h + Math.floor(key / 2 ** 32));
    }
    this.a = h;
    this.b = g;
    this.c = mix(h ^ g);
    this.counter = 1;
    this.spare = undefined;
    for (let i = 0; i < 12; i++) this.next();
    return this;
  }

  /** 32 random bits, as an unsigned integer. */
  next(): number {
    const t = (this.a + this.b + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = ((this.c << 21) | (this.c >>> 11)) + t;
    return t >>> 0;
  }

  /** Uniform in [low, high). */
  uniform(low = 0, high = 1): number {
    return low + (high - low) * (this.next() * 2 ** -32);
  }

  /** A uniform integer in [0, count). */
  integer(count: number): number {
    return Math.floor(this.next() * 2 ** -32 * count);
  }

  chance(probability: number): boolean {
    return this.uniform() < probability;
  }

  pick<T>(from: readonly T[]): T {
    return from[this.integer(from.length)];
  }

  /** A standard normal number (Marsaglia's polar method). */
  normal(): number {
    if (this.spare !== undefined) {
      const kept = this.spare;
      this.spare = undefined;
      return kept;
    }
    let [x, y, s] = [0, 0, 0];
    do {
      x = this.uniform(-1, 1);
      y = this.uniform(-1, 1);
      s = x * x + y * y;
    } while (s >= 1 || s === 0);
    const factor = Math.sqrt((-2 * Math.log(s)) / s);
    this.spare = y * factor;
    return x * factor;
  }

  /** Beta(α, α), as mixup and cutmix draw their share. */
  symmetricBeta(alpha: number): number {
    const x = this.gamma(alpha);
    const y = this.gamma(alpha);
    return x + y === 0 ? 0.5 : x / (x + y);
  }

  /** Gamma(shape, 1) (Marsaglia and Tsang, 2000). */
  private gamma(shape: number): number {
    if (shape < 1) return this.gamma(shape + 1) * (1 - this.uniform()) ** (1 / shape);
    const d = shape - 1 / 3;
    const c = 1 / Math.sqrt(9 * d);
    for (;;) {
      const x = this.normal();
      const v = (1 + c * x) ** 3;
      if (v > 0 && Math.log(1 - this.uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
    }
  }

  /** Puts the values in random order, in place. */
  shuffle<T extends Int32Array | unknown[]>(values: T): T {
    for (let i = values.length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      const kept = values[i];
      values[i] = values[j];
      values[j] = kept;
    }
    return values;
  }
}

/** Murmur3's finaliser. */
function mix(h: number): number {
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
