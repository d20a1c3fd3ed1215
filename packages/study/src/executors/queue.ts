/** Trials to hand out: new ones in order, and those to be tried again after a pause. */
export class TrialQueue {
  private next = 0;
  private readonly again: { readonly id: number; readonly at: number }[] = [];
  private open: number;

  constructor(
    private readonly ids: readonly number[],
    private readonly now: () => number = () => performance.now(),
  ) {
    this.open = ids.length;
  }

  /** Trials without a result. */
  get unfinished(): number {
    return this.open;
  }

  /** Whether at least so many trials were never handed out. */
  plenty(count: number): boolean {
    return this.ids.length - this.next >= count;
  }

  /** The next trial to run, or undefined where none is due. */
  take(): number | undefined {
    if (this.next < this.ids.length) return this.ids[this.next++];
    const now = this.now();
    const due = this.again.findIndex(({ at }) => at <= now);
    return due < 0 ? undefined : this.again.splice(due, 1)[0].id;
  }

  /** To be run again, not before `pause` milliseconds have gone by. */
  giveBack(id: number, pause = 0): void {
    this.again.push({ id, at: this.now() + pause });
  }

  finish(): void {
    this.open--;
  }

  /** Milliseconds until a trial is due, or undefined where none waits. */
  get pause(): number | undefined {
    if (this.next < this.ids.length) return 0;
    if (this.again.length === 0) return undefined;
    return Math.max(0, Math.min(...this.again.map(({ at }) => at)) - this.now());
  }
}
