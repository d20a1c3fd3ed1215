import * as z from "zod";
import { readJson, writeAtomically } from "../study/storage.js";

const clockSchema = z.strictObject({ seconds: z.number().nonnegative() });
/** Seconds of work that may go uncounted where a process is killed. */
const KEEP_EVERY = 2;

/** The time a design has used, over all attempts: what it was given does not start again when it is resumed. */
export class Clock {
  private readonly before: number;
  private kept = 0;

  private constructor(
    private readonly path: string,
    /** Seconds for all of it. */
    readonly budget: number,
    private readonly now: () => number,
  ) {
    const parsed = clockSchema.safeParse(readJson(path));
    this.before = parsed.success ? parsed.data.seconds : 0;
    this.start = now();
  }

  private readonly start: number;

  static open(path: string, budget: number, now: () => number = () => performance.now() / 1000): Clock {
    return new Clock(path, budget, now);
  }

  get spent(): number {
    return this.before + this.now() - this.start;
  }

  get left(): number {
    return this.budget - this.spent;
  }

  /** Writes the time down, at most every other second unless `always`. */
  keep(always = false): void {
    const { spent } = this;
    if (!always && spent - this.kept < KEEP_EVERY) return;
    this.kept = spent;
    writeAtomically(this.path, `${JSON.stringify({ seconds: Math.round(spent * 1000) / 1000 })}\n`);
  }
}
