import type { EpochMetrics, TrainHooks } from "@regnet/train";
import { duration, percent } from "../commands/study/format.js";

/** Milliseconds between two states of the live line, and between two plain lines within an epoch. */
const LIVE_INTERVAL = 100;
const PLAIN_INTERVAL = 30_000;
const BAR = 20;

/** Tells how a training goes: a line an epoch; between them a live line on a terminal, else a plain one now and then. */
export class TrainProgress {
  readonly hooks: TrainHooks = {
    onDataProgress: ({ phase, done, total }) => this.live(`${phase} ${done}${total ? ` of ${total}` : ""}`),
    onNote: (note) => this.line(`note: ${note}`),
    onStart: ({ engine, batch, resolution, steps, step, stepsPerEpoch, best }) => {
      this.epochs = Math.ceil(steps / stepsPerEpoch);
      this.best = best;
      const from = step > 0 ? `, from step ${step}` : "";
      this.line(`${steps} steps of ${batch} images at ${resolution}², ${stepsPerEpoch} an epoch, on ${engine}${from}`);
    },
    onStep: (step) => {
      this.epochs = step.epochs;
      const { loss, learningRate, imagesPerSecond, secondsLeft } = step;
      const parts = [
        `epoch ${step.epoch}/${step.epochs}`,
        `loss ${loss.toFixed(3)}`,
        this.last && `top-1 ${percent(this.last.top1)}`,
        `${Math.round(imagesPerSecond)} images/s`,
        `lr ${learningRate.toPrecision(2)}`,
        `${duration(secondsLeft)} left`,
        this.best && `best ${percent(this.best.top1)}`,
      ];
      this.live(`${bar(step.step / step.steps)} ${parts.filter(Boolean).join("  ")}`);
    },
    onEpoch: (metrics) => this.epoch(metrics),
  };
  private best: EpochMetrics | undefined;
  private last: EpochMetrics | undefined;
  private epochs = 0;
  private shown = performance.now();
  private open = false;

  constructor(private readonly terminal: boolean) {}

  /** Removes the live line. */
  end(): void {
    if (this.open) process.stderr.write("\r\x1b[K");
    this.open = false;
  }

  private epoch(metrics: EpochMetrics): void {
    this.last = metrics;
    const better = !this.best || metrics.error < this.best.error;
    if (better) this.best = metrics;
    const { epoch, loss, top1, imagesPerSecond, seconds } = metrics;
    this.line(
      [
        `epoch ${String(epoch).padStart(String(this.epochs).length)}/${this.epochs}`,
        `loss ${loss.toFixed(3)}`,
        `top-1 ${percent(top1)}${better ? " (best)" : "       "}`,
        `${Math.round(imagesPerSecond)} images/s`,
        duration(seconds),
      ].join("  "),
    );
  }

  private live(text: string): void {
    if (performance.now() - this.shown < (this.terminal ? LIVE_INTERVAL : PLAIN_INTERVAL)) return;
    this.shown = performance.now();
    if (!this.terminal) return void process.stderr.write(`${text}\n`);
    process.stderr.write(`\r${text.slice(0, (process.stderr.columns ?? 80) - 1)}\x1b[K`);
    this.open = true;
  }

  private line(text: string): void {
    this.end();
    this.shown = performance.now();
    process.stderr.write(`${text}\n`);
  }
}

function bar(share: number): string {
  const full = Math.round(BAR * Math.min(1, share));
  return `${"█".repeat(full)}${"░".repeat(BAR - full)}`;
}
