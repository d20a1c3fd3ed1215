const RECENT = 50;

/** Measures what a training costs: seconds a step over the last steps, seconds an evaluation, seconds in all. */
export class Clock {
  private readonly recent: number[] = [];
  private evaluationCost: number | undefined;
  private longestEvaluation = 0;

  /**
   * @param before seconds that earlier attempts took
   * @param started when this one began, by `performance.now()`
   */
  constructor(
    private readonly before: number,
    private readonly started: number,
  ) {}

  get seconds(): number {
    return this.before + (performance.now() - this.started) / 1000;
  }

  /** Adds a step's seconds. */
  step(seconds: number): void {
    this.recent.push(seconds);
    if (this.recent.length > RECENT) this.recent.shift();
  }

  /** From now on a step costs so many times as much. */
  rescale(factor: number): void {
    const expected = this.stepCost * factor;
    this.recent.length = 0;
    if (expected > 0) this.recent.push(expected);
  }

  /** Adds an evaluation's seconds; the latest counts. */
  evaluation(seconds: number): void {
    this.evaluationCost = seconds;
    this.longestEvaluation = Math.max(this.longestEvaluation, seconds);
  }

  /** Seconds a step; 0 before the first. */
  get stepCost(): number {
    const { recent } = this;
    return recent.length === 0 ? 0 : recent.reduce((sum, seconds) => sum + seconds, 0) / recent.length;
  }

  get hasEvaluated(): boolean {
    return this.evaluationCost !== undefined;
  }

  /** Seconds an evaluation: the last one's, or a guess from the batches that it takes. */
  evaluationSeconds(batches: number): number {
    return this.evaluationCost ?? 0.4 * this.stepCost * batches;
  }

  /** Seconds by which an evaluation may take longer than the last one did: some have. */
  get reserve(): number {
    return this.longestEvaluation - (this.evaluationCost ?? 0);
  }
}
