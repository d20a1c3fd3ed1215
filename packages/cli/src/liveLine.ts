const INTERVAL = 100;

/** A line on the standard error that tells how something goes: written over again on a terminal, else now and then anew. */
export class LiveLine {
  private shown = performance.now();
  private open = false;

  /** @param plainInterval milliseconds between two lines where there is no terminal; none are written by default */
  constructor(
    private readonly terminal = process.stderr.isTTY === true,
    private readonly plainInterval = Number.POSITIVE_INFINITY,
  ) {}

  show(text: string): void {
    const now = performance.now();
    if (now - this.shown < (this.terminal ? INTERVAL : this.plainInterval)) return;
    this.shown = now;
    if (!this.terminal) return void process.stderr.write(`${text}\n`);
    process.stderr.write(`\r${text.slice(0, (process.stderr.columns ?? 80) - 1)}\x1b[K`);
    this.open = true;
  }

  /** Writes a line that stays. */
  line(text: string): void {
    this.end();
    this.shown = performance.now();
    process.stderr.write(`${text}\n`);
  }

  /** Removes the live line. */
  end(): void {
    if (this.open) process.stderr.write("\r\x1b[K");
    this.open = false;
  }
}

const BAR = 20;

/** A bar of which a share is full. */
export function bar(share: number): string {
  const full = Math.round(BAR * Math.min(1, share));
  return `${"█".repeat(full)}${"░".repeat(BAR - full)}`;
}
