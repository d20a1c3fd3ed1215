/** A moment between two steps: when, in milliseconds, and how many steps came before it. */
interface Moment {
  readonly at: number;
  readonly steps: number;
}

interface Gate {
  readonly opened: Promise<void>;
  open(): void;
}

/** Steps that would have fitted into a time without any: the trial evaluates, or the next one gets ready. */
const MISSING_STEPS = 10;

/** The steps of the trials that a process runs: counted, timed, and held up for as long as it is told to. */
export class Pace {
  private last: Moment | undefined;
  /** Milliseconds of the last step. */
  private duration = 0;
  private waiting: ((moment?: Moment) => void)[] = [];
  private gate: Gate | undefined;

  /** @param signal nothing is held up once it is aborted */
  constructor(private readonly signal: AbortSignal) {
    signal.addEventListener("abort", () => this.resume(), { once: true });
  }

  /** To be called after every step. The next one may begin once the promise is kept. */
  step(): Promise<void> | undefined {
    const moment = { at: performance.now(), steps: (this.last?.steps ?? 0) + 1 };
    this.duration = this.last ? moment.at - this.last.at : 0;
    this.last = moment;
    for (const tell of this.waiting.splice(0)) tell(moment);
    return this.gate?.opened;
  }

  /** Holds the steps up. @returns whether they stand still before long */
  async pause(): Promise<boolean> {
    if (this.signal.aborted) return false;
    this.gate ??= closedGate();
    return (await this.nextStep()) !== undefined;
  }

  resume(): void {
    this.gate?.open();
    this.gate = undefined;
  }

  /** Steps a second, from the end of one to the end of another at least so many seconds later; 0 where none come. */
  async measure(seconds: number): Promise<number> {
    const first = await this.nextStep();
    let last = first;
    while (first && last && last.at - first.at < 1000 * seconds) last = await this.nextStep();
    return first && last ? (1000 * (last.steps - first.steps)) / (last.at - first.at) : 0;
  }

  /** The end of the step at work, or undefined where none is. */
  private nextStep(): Promise<Moment | undefined> {
    return new Promise((resolve) => {
      const timer = setTimeout(
        () => {
          this.waiting = this.waiting.filter((other) => other !== tell);
          resolve(undefined);
        },
        1000 + MISSING_STEPS * this.duration,
      );
      const tell = (moment?: Moment) => {
        clearTimeout(timer);
        resolve(moment);
      };
      this.waiting.push(tell);
    });
  }
}

function closedGate(): Gate {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}
