/** Which steps a loader takes. */
export interface Steps {
  readonly first: number;
  /** The one after the last; infinite in training without an end. */
  readonly end: number;
  readonly perEpoch: number;
  /** After the last, and one `undefined`, the first comes again. */
  readonly repeat: boolean;
}

/** Counts a loader's steps, once or time and again. */
export class StepCounter {
  private step: number;
  private stopped = false;

  constructor(private readonly steps: Steps) {
    this.step = steps.first;
  }

  /** Undefined after the last. */
  next(): number | undefined {
    if (this.stopped) return undefined;
    if (this.step < this.steps.end) return this.step++;
    if (this.steps.repeat) this.step = this.steps.first;
    return undefined;
  }

  stop(): void {
    this.stopped = true;
  }
}
