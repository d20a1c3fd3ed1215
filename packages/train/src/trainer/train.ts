import { meanCostAhead, sideAt } from "../recipe/resizing.js";
import type { Checkpoint } from "../run/checkpoint.js";
import { EventFile } from "../run/events.js";
import { holdRun } from "../run/hold.js";
import { RunLayout } from "../run/layout.js";
import { rewindMetrics } from "../run/metrics.js";
import { beginRun, startedRun } from "../run/prepare.js";
import { bestEpoch } from "../run/read.js";
import { changedMachine, type RunSpec } from "../run/spec.js";
import { cardOf } from "../use/card.js";
import { Assessor, evaluationBatch } from "./assessor.js";
import { Clock } from "./clock.js";
import { Feeder } from "./feeder.js";
import { startingWeights } from "./fineTune.js";
import { judgeHeldOut } from "./heldOut.js";
import type { EpochMetrics, RunResult, TrainHooks, TrainOptions } from "./options.js";
import { planSteps, shareAt } from "./plan.js";
import { type Setup, setUp, trainingGraph } from "./setup.js";
import { Sized } from "./sized.js";
import { specOf } from "./specOf.js";
import { plannedSteps, probeStep, type StartingPoint, startingPoint } from "./start.js";
import { Training } from "./training.js";

/** From one checkpoint to the next, unless asked for otherwise. */
const CHECKPOINT_EPOCHS = 1;

/**
 * Trains a network on images. Everything random depends on the seed and the step alone, so a run that was killed and is
 * resumed on the same machine with as many threads ends with the same weights, bit for bit (with `time`, only as long as
 * the same number of steps is taken).
 *
 * @returns the run: `finished`, `paused` where it was told to, or `stopped` when the signal was aborted
 * @throws RegnetError for options that do not fit, a folder that holds another run or is being trained in, or a training
 *   that diverged
 */
export async function train(options: TrainOptions, hooks: TrainHooks = {}): Promise<RunResult> {
  const work = () => trainAlone(options, hooks);
  return options.resume === "auto" ? work() : holdRun(options.folder, work);
}

async function trainAlone(options: TrainOptions, hooks: TrainHooks): Promise<RunResult> {
  const setup = await setUp(options, hooks.onDataProgress);
  const began = performance.now();
  const layout = new RunLayout(options.folder);
  const spec = specOf(setup);
  const { resume = false, checkpointEpochs = CHECKPOINT_EPOCHS } = options;
  const started = startedRun(options.folder, spec, { resume, checkpointEpochs });
  const graph = trainingGraph(setup);
  const note = (text: string) => hooks.onNote?.(text);
  const changed = started && changedMachine(started, spec);
  if (changed) note(changed);
  const start = await startingPoint(layout, graph, setup, started !== undefined, () => startingWeights(setup, note));
  const clock = new Clock(start.progress.seconds, began);
  const { step, plan } = start.progress;
  // A plan that is still to be fitted to the time tells no share: most such trainings are at their beginning.
  const share = start.fresh && setup.time !== undefined ? 0 : shareAt(plan, step);
  const side = sideAt(setup.recipe, setup.resolution, share);
  const sized = await Sized.create(setup, side, start.state, step);
  sized.executable.notes.forEach(note);
  const opened = new Opened(options, hooks, setup, layout, started ?? spec, clock);
  try {
    if (!started) beginRun(options.folder, spec);
    const result = await opened.train(sized, start);
    if (result.state !== "finished") return result;
    const test = await judgeHeldOut(setup, layout);
    return test ? { ...result, test, seconds: clock.seconds } : result;
  } finally {
    await opened.close();
  }
}

/** What must be closed when a training ends, however it ends. */
class Opened {
  private training: Training | undefined;
  private assessor: Assessor | undefined;
  private first: Sized | undefined;

  constructor(
    private readonly options: TrainOptions,
    private readonly hooks: TrainHooks,
    private readonly setup: Setup,
    private readonly layout: RunLayout,
    private readonly spec: RunSpec,
    private readonly clock: Clock,
  ) {}

  async train(sized: Sized, start: StartingPoint): Promise<RunResult> {
    this.first = sized;
    const { setup, layout, clock, hooks, options, spec } = this;
    const epochs = rewindMetrics(layout.metrics, start.progress.step);
    const planned = start.fresh ? await this.fitToTime(sized, start) : start;
    this.assessor = await Assessor.create(setup, start.state);
    const events = this.events();
    events?.rewrite(epochs);
    this.announce(planned, bestEpoch(epochs));
    const parts = {
      ...{ setup, layout, clock, events, hooks, assessor: this.assessor },
      signal: options.signal,
      pause: options.pause,
      checkpointSeconds: options.checkpointSeconds ?? 60,
      checkpointEpochs: options.checkpointEpochs ?? CHECKPOINT_EPOCHS,
      keepWeights: options.keepWeights ?? true,
      evaluationBatches: this.evaluationBatches(),
      heldOutBatches: setup.dataSet.splits.test.count / evaluationBatch(setup),
      card: cardOf(spec),
    };
    this.training = new Training(parts, sized, planned, epochs);
    return await this.training.run();
  }

  async close(): Promise<void> {
    await (this.training?.sized ?? this.first)?.close();
    await this.assessor?.close();
  }

  private events(): EventFile | undefined {
    if (this.options.tensorBoard === false) return undefined;
    return new EventFile(this.layout.folder, Date.parse(this.spec.created));
  }

  /** With a time instead of epochs: the plan of as many steps as a measurement says it affords. */
  private async fitToTime({ executable, side }: Sized, start: Checkpoint): Promise<Checkpoint> {
    const { setup, clock } = this;
    if (setup.time === undefined) return start;
    const feeder = new Feeder(executable, { ...setup, resolution: side, workers: 0 }, 0);
    await feeder.fill();
    await feeder.close();
    const cost = await probeStep(executable);
    for (const [name, values] of Object.entries(start.state)) executable.write(name, values);
    const { step } = start.progress;
    const left = setup.time - clock.seconds;
    let steps = 0;
    // What a step costs on the average depends on where in the training this one stands.
    for (let i = 0; i < FITTING_ROUNDS; i++) {
      const share = step === 0 ? 0 : step / (step + steps);
      const ahead = meanCostAhead(setup.recipe, setup.resolution, Math.min(share, 0.99), side);
      steps = plannedSteps(left, cost * ahead, this.evaluationBatches(), setup);
    }
    return { ...start, progress: { ...start.progress, plan: planSteps(step + steps) } };
  }

  private evaluationBatches(): number {
    const { setup } = this;
    const statistics = setup.recipe.preciseStatistics / setup.recipe.batch;
    return setup.dataSet.splits.val.count / evaluationBatch(setup) + statistics;
  }

  private announce({ progress }: Checkpoint, best: EpochMetrics | undefined): void {
    const { setup, layout } = this;
    this.hooks.onStart?.({
      folder: layout.folder,
      engine: setup.engine.id,
      recipe: setup.recipe,
      batch: setup.recipe.batch,
      resolution: setup.resolution,
      stepsPerEpoch: setup.stepsPerEpoch,
      steps: progress.plan.steps,
      step: progress.step,
      best,
    });
  }
}

const FITTING_ROUNDS = 4;
