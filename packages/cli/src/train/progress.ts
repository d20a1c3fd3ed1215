import type { EpochMetrics, TrainHooks } from "@regnet/train";
import { duration, percent } from "../commands/study/format.js";
import { dataProgressText } from "../data/progress.js";
import { bar, LiveLine } from "../liveLine.js";

/** Milliseconds between two plain lines within an epoch. */
const PLAIN_INTERVAL = 30_000;

/** Tells how a training goes: a line an epoch; between them a live line on a terminal, else a plain one now and then. */
export class TrainProgress {
  readonly hooks: TrainHooks = {
    onDataProgress: (progress) => this.live.show(dataProgressText(progress)),
    onNote: (note) => this.live.line(`note: ${note}`),
    onStart: ({ engine, batch, resolution, steps, step, stepsPerEpoch, best }) => {
      this.epochs = Math.ceil(steps / stepsPerEpoch);
      this.best = best;
      const from = step > 0 ? `, from step ${step}` : "";
      this.live.line(
        `${steps} steps of ${batch} images at ${resolution}², ${stepsPerEpoch} an epoch, on ${engine}${from}`,
      );
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
      this.live.show(`${bar(step.step / step.steps)} ${parts.filter(Boolean).join("  ")}`);
    },
    onEpoch: (metrics, best) => this.epoch(metrics, best),
  };
  private best: EpochMetrics | undefined;
  private last: EpochMetrics | undefined;
  private epochs = 0;
  private readonly live = new LiveLine(undefined, PLAIN_INTERVAL);

  /** Removes the live line. */
  end(): void {
    this.live.end();
  }

  private epoch(metrics: EpochMetrics, best: boolean): void {
    this.last = metrics;
    if (best) this.best = metrics;
    const { epoch, loss, top1, imagesPerSecond, seconds } = metrics;
    this.live.line(
      [
        `epoch ${String(epoch).padStart(String(this.epochs).length)}/${this.epochs}`,
        `loss ${loss.toFixed(3)}`,
        `top-1 ${percent(top1)}${best ? " (best)" : "       "}`,
        `${Math.round(imagesPerSecond)} images/s`,
        duration(seconds),
      ].join("  "),
    );
  }
}
