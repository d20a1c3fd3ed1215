/** Numbers that depend on the seed and the case alone, so that any case can be made again. */
export class Draw {
  constructor(seed, index) {
    this.state = (Math.imul(seed ^ 0x5bd1e995, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b)) >>> 0;
  }

  next() {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  }

  /** An integer in [0, count). */
  below(count) {
    return this.next() % Math.max(1, count);
  }

  pick(items) {
    return items[this.below(items.length)];
  }
}
