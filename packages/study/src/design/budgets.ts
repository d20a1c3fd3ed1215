import { type Recipe, readRecipe } from "@regnet/train";
import type { LatencyFit } from "../latency/model.js";
import { type DesignContext, type DesignImages, workersOf } from "./context.js";
import { openImages } from "./data.js";
import { draw } from "./draw.js";
import { chooseEntrants, type Field } from "./entrants.js";
import { exportFinished } from "./exportNetwork.js";
import { type Finished, finishTraining } from "./finish.js";
import { fitLatencyHere } from "./latency.js";
import { type Candidate, measureFrontHere } from "./measure.js";
import { budgetsOf } from "./options.js";
import { type Plan, planDesign } from "./plan.js";
import type { DesignOutcome, FinishedRace } from "./report.js";
import { type DesignRace, type RaceOutcome, runRace } from "./rungs.js";
import { chooseSpace, type DesignSpace } from "./space.js";
import type { MeasuredSpeed } from "./speed.js";
import type { StepResult } from "./steps.js";

/** What is known before the first network is trained. */
interface Prepared {
  readonly images: DesignImages;
  readonly space: DesignSpace;
  readonly latency?: LatencyFit;
  readonly speeds: readonly MeasuredSpeed[];
  readonly plan: PlanWithRecipes;
}

/** The recipe of each budget's race, fitted to what its winner is expected to see. */
interface PlanWithRecipes extends Plan {
  readonly recipes: readonly Recipe[];
}

/** A race for every budget, one after the other; a network each. */
export async function runBudgets(context: DesignContext): Promise<DesignOutcome> {
  const { steps } = context;
  const prepared = await prepare(context);
  const { images, space, latency, plan } = prepared;
  const races: FinishedRace[] = [];
  const finished: Finished[] = [];
  for (const index of plan.budgets.keys()) {
    const race = await raceOf(context, prepared, index);
    const outcome = await runRace(context, race);
    const measure = () => measureFrontHere(context, images, latency?.model, candidatesOf(race, outcome));
    const measured = await steps.once("measure", measure, `${race.prefix}measure`);
    const step = `${race.prefix}finish`;
    const seconds = () => secondsFor(context, plan, index);
    finished.push(await steps.once("finish", () => finishTraining(context, race, outcome, seconds()), step));
    races.push({ ...race, outcome, measured });
  }
  const exported = await steps.once("export", () => exportFinished(context, images, finished));
  return { images, space, latency, races, finished, exported };
}

/** The entrants as the first rung left them. */
function candidatesOf({ entrants }: DesignRace, { seen }: RaceOutcome): Candidate[] {
  return seen.flatMap(({ rung, entrant, error }) => {
    const { id, spec, complexity } = entrants[entrant];
    return rung === 0 && error !== undefined ? [{ id, error, spec, complexity }] : [];
  });
}

/** What is left of the time for a budget's last training: those that follow get their shares. */
function secondsFor({ clock }: DesignContext, { budgets, reserve }: Plan, index: number): number {
  const later = budgets.slice(index + 1).reduce((sum, { seconds }) => sum + seconds, 0);
  return clock.left - reserve - later;
}

/** Looks at the images, the space and the machine, and plans with what they say. */
async function prepare(context: DesignContext): Promise<Prepared> {
  const { steps } = context;
  const images = await steps.once("data", () => openImages(context));
  const space = await steps.once("space", () => chooseSpace(context, images));
  const latency = space.latency ?? (await steps.once("latency", () => fitLatencyHere(context, images, space)));
  const speeds = await steps.once("speed", () => measureSpeeds(context, images, space, latency));
  const plan = await steps.once("plan", () => planned(context, images, speeds));
  return { images, space, ...(latency && { latency }), speeds, plan };
}

/** Of the first network drawn for each budget. */
async function measureSpeeds(
  context: DesignContext,
  images: DesignImages,
  { space, limits }: DesignSpace,
  latency: LatencyFit | undefined,
): Promise<StepResult<MeasuredSpeed[]>> {
  const { request, tools } = context;
  const budgets = budgetsOf(request);
  const value: MeasuredSpeed[] = [];
  const decisions = [];
  for (const [i, one] of limits.entries()) {
    const [first] = await draw(
      context,
      space,
      { images, limits: one, latency: latency?.model },
      { count: 1, seed: request.seed },
    );
    const speed = await tools.speed(request, images, first.spec);
    const { engine, precision, imagesPerSecond } = speed;
    const { flops } = first.complexity;
    value.push(speed);
    decisions.push({
      ...{ step: "speed" as const, engine, precision, imagesPerSecond, flops },
      ...(budgets && { budget: budgets[i] }),
    });
  }
  return { value, decisions };
}

async function planned(
  { request, clock }: DesignContext,
  images: DesignImages,
  speeds: readonly MeasuredSpeed[],
): Promise<StepResult<PlanWithRecipes>> {
  const { resolution } = images;
  const { batch } = await readRecipe(request.recipe, { resolution, epochs: 1 });
  const plan = planDesign({
    budget: clock.budget,
    left: clock.left,
    steps: request.steps,
    speeds: speeds.map(({ imagesPerSecond }) => imagesPerSecond),
    processes: workersOf(request),
    train: images.train,
    entrants: request.entrants,
    batch: Math.min(batch, images.train),
  });
  const fitted = plan.budgets.map(({ epochs }) => readRecipe(request.recipe, { resolution, epochs }));
  const [first] = plan.budgets;
  const seconds = plan.budgets.reduce((sum, one) => sum + one.seconds, 0);
  const exploring = plan.budgets.reduce((sum, one) => sum + one.exploring, 0);
  return {
    value: { ...plan, recipes: await Promise.all(fitted) },
    decisions: [
      {
        step: "plan",
        ...(plan.budgets.length > 1 && { budgets: plan.budgets.length }),
        rungs: first.race.rungs.map(({ entrants }) => entrants),
        exploring: request.steps === undefined ? exploring / seconds : exploring / request.steps,
        epochs: first.epochs,
        ...(request.steps === undefined ? { budget: request.time } : { steps: request.steps }),
      },
    ],
  };
}

async function raceOf(context: DesignContext, prepared: Prepared, index: number): Promise<DesignRace> {
  const { images, space, latency, speeds, plan } = prepared;
  const prefix = plan.budgets.length > 1 ? `${index + 1}-` : "";
  const planned = plan.budgets[index];
  const field: Field = { images, space: space.space, limits: space.limits[index], latency: latency?.model };
  const places = planned.race.rungs[0]?.entrants ?? 1;
  const choose = () => chooseEntrants(context, field, places);
  const entrants = await context.steps.once("entrants", choose, `${prefix}entrants`);
  return {
    prefix,
    planned,
    entrants,
    images,
    space: space.space,
    precision: speeds[index].precision,
    recipe: plan.recipes[index],
  };
}
