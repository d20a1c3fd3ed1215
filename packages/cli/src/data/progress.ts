import type { BuildProgress } from "@regnet/train";

const INTERVAL = 100;
const BAR = 24;

const words: Readonly<Record<BuildProgress["phase"], string>> = {
  list: "listing files",
  check: "checking whether the images are known",
  wait: "waiting for another process that decodes the same images",
  download: "downloading",
  decode: "decoding images",
};

/** A live line on the standard error, on a terminal only, for as long as a data set is being opened. */
export class DataProgress {
  private shown = 0;
  private open = false;

  constructor(private readonly terminal = process.stderr.isTTY === true) {}

  readonly report = ({ phase, done, total }: BuildProgress): void => {
    if (!this.terminal || performance.now() - this.shown < INTERVAL) return;
    this.shown = performance.now();
    this.open = true;
    const parts = [words[phase], total ? bar(done / total) : "", done > 0 ? count(done, total) : ""];
    process.stderr.write(
      `\r${parts
        .filter(Boolean)
        .join("  ")
        .slice(0, (process.stderr.columns ?? 80) - 1)}\x1b[K`,
    );
  };

  /** Removes the line. */
  end(): void {
    if (this.open) process.stderr.write("\r\x1b[K");
    this.open = false;
  }
}

function bar(share: number): string {
  const full = Math.round(BAR * Math.min(1, share));
  return `${"█".repeat(full)}${"░".repeat(BAR - full)}`;
}

function count(done: number, total: number | undefined): string {
  const shown = done.toLocaleString("en");
  return total ? `${shown} of ${total.toLocaleString("en")}` : shown;
}
