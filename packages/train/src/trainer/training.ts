import { allFinite, NotFiniteError } from "@regnet/engine";
import { meanCostAhead, sideAt } from "../recipe/resizing.js";
import { type Checkpoint, type EpochSums, type Plan, writeCheckpoint, writeWeights } from "../run/checkpoint.js";
import type { EventFile } from "../run/events.js";
import type { RunLayout } from "../run/layout.js";
import { appendMetrics } from "../run/metrics.js";
import { isBetter } from "../run/read.js";
import type { Score } from "./accuracy.js";
import type { Assessed, Assessor } from "./assessor.js";
import type { Clock } from "./clock.js";
import { diverged } from "./divergence.js";
import { readState } from "./evaluator.js";
import type { EpochMetrics, Pause, RunResult, TrainHooks } from "./options.js";
import { affordableSteps, evaluationInterval, replan, shareAt } from "./plan.js";
import type { Setup } from "./setup.js";
import type { Sized } from "./sized.js";
import type { StepResult } from "./stepper.js";

/** What a training works with. */
export interface TrainingParts {
  readonly setup: Setup;
  readonly layout: RunLayout;
  readonly assessor: Assessor;
  readonly clock: Clock;
  readonly events: EventFile | undefined;
  readonly hooks: TrainHooks;
  readonly signal: AbortSignal | undefined;
  readonly pause: Pause | undefined;
  readonly checkpointSeconds: number;
  readonly checkpointEpochs: number;
  readonly keepWeights: boolean;
  /** Batches of an evaluation, precise statistics included. */
  readonly evaluationBatches: number;
  /** Batches of the images held out, which the best weights are judged by at the end. */
  readonly heldOutBatches: number;
  /** What the best weights' file says of itself. */
  readonly card: Record<string, string>;
}

/** Share of a given time after which the schedule is fitted anew, at the latest. */
const REPLAN_SHARE = 0.05;
/** The same of what is left of the time: towards the end, a moment's slowness counts. */
const REPLAN_SHARE_LEFT = 0.2;

/** The loop from one checkpoint to the end: steps, evaluations, checkpoints. */
export class Training {
  private step: number;
  private plan: Plan;
  private sums: EpochSums;
  private best: Checkpoint["progress"]["best"];
  private finished: boolean;
  private checkpointed: number;
  private lastCheckpoint = performance.now();
  private lastPlan = performance.now();
  private images = 0;
  private trainSeconds = 0;
  /** Seconds spent in steps, over all attempts and the runs before. */
  private trained: number;
  /** Step of the last evaluation. */
  private evaluated: number;

  /** @param sized what takes the first step; whoever made the training closes the `sized` that it ends with */
  constructor(
    private readonly parts: TrainingParts,
    public sized: Sized,
    { progress }: Checkpoint,
    private readonly epochs: EpochMetrics[],
  ) {
    this.step = progress.step;
    this.plan = progress.plan;
    this.sums = progress.sums;
    this.best = progress.best;
    this.finished = progress.finished;
    this.checkpointed = progress.step;
    this.trained = progress.trained;
    this.evaluated = epochs.at(-1)?.step ?? progress.step - Math.round(progress.sums.images / parts.setup.recipe.batch);
  }

  /** Trains to the end, or until the signal is aborted. */
  async run(): Promise<RunResult> {
    const { signal } = this.parts;
    while (!this.finished) {
      if (signal?.aborted) return this.stop();
      if (this.atPause()) {
        if (this.sums.images > 0 && !(await this.endEpoch())) return this.stop();
        this.save();
        return this.result("paused");
      }
      if (this.atEvaluation()) {
        if (!(await this.endEpoch())) return this.stop();
      } else {
        await this.takeStep();
        this.saveInTime();
      }
    }
    return this.result("finished");
  }

  private stop(): RunResult {
    if (this.step > this.checkpointed) this.save();
    return this.result("stopped");
  }

  /** Steps from one evaluation to the next: whole epochs, as many as keep evaluations within their share of a given time. */
  private get evaluationSteps(): number {
    const { setup, clock, evaluationBatches } = this.parts;
    const least = setup.stepsPerEpoch * setup.evaluateEpochs;
    if (setup.time === undefined) return least;
    // A training that rests is evaluated there.
    if (this.parts.pause) return Number.MAX_SAFE_INTEGER;
    // The first one comes soon: until then what it costs is a guess.
    if (!clock.hasEvaluated) return least;
    return evaluationInterval({ step: clock.stepCost, evaluation: clock.evaluationSeconds(evaluationBatches) }, least);
  }

  private atPause(): boolean {
    const { steps = Number.POSITIVE_INFINITY, seconds = Number.POSITIVE_INFINITY } = this.parts.pause ?? {};
    return this.step < this.plan.steps && (this.step >= steps || this.trained >= seconds);
  }

  private get epoch(): number {
    return Math.max(1, Math.ceil(this.step / this.parts.setup.stepsPerEpoch));
  }

  private atEvaluation(): boolean {
    if (this.step >= this.plan.steps) return true;
    if (this.sums.images === 0 || this.step % this.parts.setup.stepsPerEpoch !== 0) return false;
    const since = this.step - this.evaluated;
    return this.parts.setup.time === undefined ? this.step % this.evaluationSteps === 0 : since >= this.evaluationSteps;
  }

  private async takeStep(): Promise<void> {
    await this.resizeInTime();
    const { stepper } = this.sized;
    const learningRate = stepper.learningRate(this.step, this.plan);
    const result = await stepper.take(this.step, learningRate, this.step + 1 < this.plan.steps);
    this.step++;
    if (!Number.isFinite(result.loss)) throw this.divergence(result.loss, learningRate);
    this.count(result);
    this.replanInTime();
    await this.tell(result.loss, learningRate);
  }

  private async resizeInTime(): Promise<void> {
    const { setup, clock } = this.parts;
    const side = sideAt(setup.recipe, setup.resolution, shareAt(this.plan, this.step));
    const before = this.sized.side;
    if (side === before) return;
    this.sized = await this.sized.resized(setup, side, this.step);
    clock.rescale((side / before) ** 2);
  }

  private count({ loss, right, seconds, waited }: StepResult): void {
    const { batch } = this.parts.setup.recipe;
    this.parts.clock.step(seconds);
    this.sums = {
      loss: this.sums.loss + loss * batch,
      right: this.sums.right + right,
      images: this.sums.images + batch,
      seconds: this.sums.seconds + seconds,
      waited: this.sums.waited + waited,
    };
    this.images += batch;
    this.trainSeconds += seconds;
    this.trained += seconds;
  }

  private async tell(loss: number, learningRate: number): Promise<void> {
    const { hooks, clock, setup, evaluationBatches } = this.parts;
    if (!hooks.onStep) return;
    const left = this.plan.steps - this.step;
    const evaluations = Math.ceil(left / this.evaluationSteps);
    await hooks.onStep({
      step: this.step,
      steps: this.plan.steps,
      epoch: this.epoch,
      epochs: Math.ceil(this.plan.steps / setup.stepsPerEpoch),
      loss,
      learningRate,
      imagesPerSecond: setup.recipe.batch / clock.stepCost,
      secondsLeft: left * clock.stepCost + evaluations * clock.evaluationSeconds(evaluationBatches),
    });
  }

  private saveInTime(): void {
    if (performance.now() - this.lastCheckpoint < this.parts.checkpointSeconds * 1000) return;
    if (!this.atEvaluation()) this.save();
  }

  /** Fits the rest of the schedule to the rest of the time, now and then. */
  private replanInTime(now = false): void {
    const { clock, evaluationBatches, heldOutBatches, setup, keepWeights } = this.parts;
    const time = setup.time;
    const heldOut = keepWeights ? (clock.evaluationSeconds(evaluationBatches) * heldOutBatches) / evaluationBatches : 0;
    // A plan that has come to its end is not made longer by the one step that a new one has at least.
    if (time === undefined || this.step >= this.plan.steps) return;
    const seconds = Math.min(REPLAN_SHARE * time, REPLAN_SHARE_LEFT * (time - clock.seconds));
    if (!now && performance.now() - this.lastPlan < 1000 * seconds) return;
    this.lastPlan = performance.now();
    const ahead = meanCostAhead(setup.recipe, setup.resolution, shareAt(this.plan, this.step), this.sized.side);
    const costs = { step: clock.stepCost * ahead, evaluation: clock.evaluationSeconds(evaluationBatches) };
    const more = affordableSteps(
      time - clock.seconds - clock.reserve - heldOut,
      costs,
      this.evaluationSteps,
      this.step - this.evaluated,
    );
    this.plan = replan(this.plan, this.step, this.step + more);
  }

  /** Evaluates and writes what there is to write. @returns false when the signal was aborted meanwhile */
  private async endEpoch(): Promise<boolean> {
    const assessed = await this.assess();
    if (!assessed) return false;
    const { score, weights, seconds } = assessed;
    const { layout, assessor, card, events, hooks, checkpointEpochs, keepWeights } = this.parts;
    const metrics = this.metrics(score, seconds);
    if (!Number.isFinite(metrics.valLoss)) throw this.divergence(metrics.valLoss, metrics.learningRate);
    const best = !this.best || isBetter(metrics, this.best);
    if (best) {
      const { epoch, error, valLoss } = metrics;
      this.best = { epoch, error, valLoss };
      const told = { ...card, "regnet.epoch": String(metrics.epoch), "regnet.top1": String(metrics.top1) };
      if (keepWeights) writeWeights(layout.best, assessor.graph, weights, told);
    }
    appendMetrics(layout.metrics, metrics);
    events?.append(metrics);
    this.epochs.push(metrics);
    this.evaluated = this.step;
    this.sums = { loss: 0, right: 0, images: 0, seconds: 0, waited: 0 };
    this.finished = this.step >= this.plan.steps;
    if (!this.finished) this.replanInTime(true);
    if (this.finished || metrics.epoch % checkpointEpochs === 0) this.save();
    hooks.onEpoch?.(metrics, best);
    return true;
  }

  private async assess(): Promise<(Assessed & { readonly seconds: number }) | undefined> {
    const { assessor, signal, clock } = this.parts;
    const started = performance.now();
    try {
      const assessed = await assessor.assess(this.sized.executable, signal);
      const seconds = (performance.now() - started) / 1000;
      clock.evaluation(seconds);
      return { ...assessed, seconds };
    } catch (error) {
      if (signal?.aborted) return undefined;
      // The last step's loss was a number, but no longer the weights that the step left.
      if (error instanceof NotFiniteError) throw this.divergence(Number.NaN, this.lastRate);
      throw error;
    }
  }

  /** Learning rate of the last step. */
  private get lastRate(): number {
    return this.sized.stepper.learningRate(Math.max(0, this.step - 1), this.plan);
  }

  private metrics(score: Score, evaluation: number): EpochMetrics {
    const { sums, parts } = this;
    const images = Math.max(1, sums.images);
    return {
      epoch: this.epoch,
      step: this.step,
      loss: sums.loss / images,
      trainTop1: sums.right / images,
      error: 1 - score.top1 / score.images,
      top1: score.top1 / score.images,
      top5: score.top5 / score.images,
      valLoss: score.loss / score.images,
      learningRate: this.lastRate,
      imagesPerSecond: sums.seconds > 0 ? sums.images / sums.seconds : 0,
      seconds: parts.clock.seconds,
      waited: sums.waited,
      evaluation,
    };
  }

  private divergence(loss: number, learningRate: number): Error {
    const { recipe } = this.parts.setup;
    const { step, epoch, checkpointed: checkpoint } = this;
    return diverged({ step, epoch, loss, learningRate, clipped: recipe.clipNorm !== undefined, checkpoint });
  }

  private save(): void {
    const { layout, clock, keepWeights } = this.parts;
    const { executable } = this.sized;
    const { step, plan, sums, best, finished, trained } = this;
    const progress = { version: 1, step, plan, sums, best, finished, trained, seconds: clock.seconds } as const;
    const state = finished && !keepWeights ? undefined : readState(executable);
    // The last step's loss may have been a number, but not what the step left: nothing could go on from that.
    if (state && !Object.values(state).every(allFinite)) throw this.divergence(Number.NaN, this.lastRate);
    writeCheckpoint(layout.last, executable.graph, { progress, state });
    this.checkpointed = step;
    this.lastCheckpoint = performance.now();
  }

  private result(state: RunResult["state"]): RunResult {
    const { layout, clock } = this.parts;
    const best = this.epochs.findLast(({ epoch }) => epoch === this.best?.epoch);
    return {
      folder: layout.folder,
      state,
      epochs: [...this.epochs],
      best,
      step: this.step,
      seconds: clock.seconds,
      trained: this.trained,
      imagesPerSecond: this.trainSeconds > 0 ? this.images / this.trainSeconds : 0,
      memory: this.sized.executable.memory.total,
    };
  }
}
