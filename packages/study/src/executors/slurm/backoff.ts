/** A wait that every failure doubles, and a success ends. */
export class Backoff {
  private failed = 0;
  private from = 0;

  /** @param first seconds, doubled by the first failure already @param longest seconds */
  constructor(
    private readonly first: number,
    private readonly longest: number,
  ) {}

  /** In a row. */
  get failures(): number {
    return this.failed;
  }

  /** On the monotonic clock. */
  get isOver(): boolean {
    return performance.now() >= this.from;
  }

  fail(): void {
    this.failed++;
    this.from = performance.now() + 1000 * Math.min(this.longest, this.first * 2 ** this.failed);
  }

  succeed(): void {
    [this.failed, this.from] = [0, 0];
  }
}
