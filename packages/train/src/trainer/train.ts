import type { Graph } from "@regnet/core";
import type { Executable } from "@regnet/engine";
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
import { dropPathInputs } from "./dropPath.js";
import { Feeder } from "./feeder.js";
import { startingWeights } from "./fineTune.js";
import type { EpochMetrics, RunResult, TrainHooks, TrainOptions } from "./options.js";
import { planSteps } from "./plan.js";
import { inferenceGraph, type Setup, setUp, trainingGraph } from "./setup.js";
import { specOf } from "./specOf.js";
import { plannedSteps, probeStep, startingPoint } from "./start.js";
import { Stepper } from "./stepper.js";
import { Training } from "./training.js";

/** From one checkpoint to the next, unless asked for otherwise. */
const CHECKPOINT_EPOCHS = 1;

/**
 * Trains a network on images. Everything random depends on the seed and the step alone, so a run that was killed and is
 * resumed on the same machine with as many threads ends with the same weights, bit for bit (with `time`, only as long as
 * the same number of steps is taken).
 *
 * @returns the run, `finished`, or `stopped` when the signal was aborted
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
  const { engine, threads, precision } = setup;
  const executable = await engine.compile(graph, { threads, precision, state: start.state });
  executable.notes.forEach(note);
  const opened = new Opened(options, hooks, setup, layout, started ?? spec, graph, executable, clock);
  try {
    if (!started) beginRun(options.folder, spec);
    return await opened.train(start);
  } finally {
    await opened.close();
  }
}

/** What must be closed when a training ends, however it ends. */
class Opened {
  private feeder: Feeder | undefined;
  private assessor: Assessor | undefined;

  constructor(
    private readonly options: TrainOptions,
    private readonly hooks: TrainHooks,
    private readonly setup: Setup,
    private readonly layout: RunLayout,
    private readonly spec: RunSpec,
    private readonly graph: Graph,
    private readonly executable: Executable,
    private readonly clock: Clock,
  ) {}

  async train(start: Checkpoint): Promise<RunResult> {
    const { setup, layout, executable, clock, hooks, options, spec } = this;
    const epochs = rewindMetrics(layout.metrics, start.progress.step);
    const planned = await this.fitToTime(start);
    this.assessor = await Assessor.create(setup, start.state);
    this.feeder = new Feeder(executable, setup, start.progress.step);
    const dropPaths = dropPathInputs(this.graph, inferenceGraph(setup, setup.recipe.batch));
    const events = this.events();
    events?.rewrite(epochs);
    this.announce(planned, bestEpoch(epochs));
    const parts = {
      ...{ setup, layout, executable, clock, events, hooks, assessor: this.assessor },
      stepper: new Stepper(executable, this.feeder, setup, dropPaths),
      signal: options.signal,
      checkpointSeconds: options.checkpointSeconds ?? 60,
      checkpointEpochs: options.checkpointEpochs ?? CHECKPOINT_EPOCHS,
      keepWeights: options.keepWeights ?? true,
      evaluationBatches: this.evaluationBatches(),
      card: cardOf(spec),
    };
    return await new Training(parts, planned, epochs).run();
  }

  async close(): Promise<void> {
    await this.feeder?.close();
    await this.assessor?.close();
    this.executable.dispose();
  }

  private events(): EventFile | undefined {
    if (this.options.tensorBoard === false) return undefined;
    return new EventFile(this.layout.folder, Date.parse(this.spec.created));
  }

  /** With a time instead of epochs: the plan of as many steps as a measurement says it affords. */
  private async fitToTime(start: Checkpoint): Promise<Checkpoint> {
    const { setup, executable, clock } = this;
    if (setup.time === undefined || start.progress.step > 0) return start;
    const feeder = new Feeder(executable, { ...setup, workers: 0 }, 0);
    await feeder.fill();
    await feeder.close();
    const cost = await probeStep(executable);
    for (const [name, values] of Object.entries(start.state)) executable.write(name, values);
    const steps = plannedSteps(setup.time - clock.seconds, cost, this.evaluationBatches(), setup);
    return { ...start, progress: { ...start.progress, plan: planSteps(steps) } };
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
