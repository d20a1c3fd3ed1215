import { countModel, type ModelSpec } from "@regnet/core";
import type { FamilyRule } from "../analysis/decision.js";
import type { FinishedTrial } from "../analysis/trial.js";
import { inputOf } from "../study/spec.js";
import { candidatesOf } from "./candidates.js";
import { type DesignContext, workersOf } from "./context.js";
import { draw } from "./draw.js";
import { type Exploration, explore, roundTrials } from "./explore.js";
import { type ExportedNetwork, exportNetwork } from "./exportNetwork.js";
import { type Finalist, NOISE } from "./finalists.js";
import { latencyHere, measureFrontHere, withMeasured } from "./measure.js";
import { networkName } from "./names.js";
import { budgetsOf } from "./options.js";
import { batchFor, fullSecondsNow } from "./plan.js";
import { type Prepared, prepare } from "./prepare.js";
import type { DesignOutcome } from "./report.js";
import { findRule, nearestFirst } from "./rule.js";
import type { StepResult } from "./steps.js";
import { folderName, type TrainedFinalist, trainFinalists } from "./trainFinalists.js";

/** Networks of a budget from which the one nearest to the rule is taken. */
const DRAWN = 400;
/** Of these, the nearest that are measured until one keeps to the latency. */
const MEASURED = 12;

/** Several budgets: one network each, by the rule that the populations of all of them show. */
export async function familyOutcome(context: DesignContext): Promise<DesignOutcome> {
  const { steps, request } = context;
  const prepared = await prepare(context);
  const { images, space, latency } = prepared;
  const budgets = budgetsOf(request) ?? [];
  const explorations = explorationsOf(prepared, budgets);
  await steps.once("explore", () => exploreAll(context, explorations));
  const rounds = explorations.map(({ name, plan }, i) => ({ name, firstId: i * plan.networks }));
  const candidates = candidatesOf(context, rounds);
  const measured = await steps.once("measure", () => measureFrontHere(context, images, latency?.model, candidates));
  const trials = withMeasured(
    explorations.flatMap((exploration, i) => {
      const { name, firstId } = rounds[i];
      return roundTrials(context, name, exploration, populationOf(budgets[i]), firstId);
    }),
    measured,
  );
  const rule = await steps.once("narrow", () => ruleOf(trials, request.seed));
  const members = await steps.once("finalists", () => chooseMembers(context, explorations, rule, budgets));
  const trained = await steps.once("train", () => trainFinalists(context, images, members));
  const family = budgets.map((budget, i) => ({ budget, name: members[i].name }));
  await steps.once("choose", () => tellFamily(trained, family));
  const exported = await steps.once("export", () => exportAll(context, prepared, trained));
  return { images, space, latency, trials, trained, exported, family };
}

function explorationsOf({ images, space, latency, plan }: Prepared, budgets: readonly number[]): Exploration[] {
  return space.limits.map((limits, i) => ({
    ...{ images, plan, limits, budget: budgets[i], space: space.space, name: `explore-${i + 1}` },
    ...(latency && { latency: latency.model }),
  }));
}

async function exploreAll(
  context: DesignContext,
  explorations: readonly Exploration[],
): Promise<StepResult<{ readonly trained: number }>> {
  const results = [];
  for (const [i, exploration] of explorations.entries()) {
    results.push(await explore(context, exploration, exploration.plan.exploreSeconds[i]));
  }
  const trained = results.reduce((sum, { value }) => sum + value.trained, 0);
  return { value: { trained }, decisions: results.flatMap(({ decisions }) => decisions) };
}

function populationOf(budget: number): string {
  return `${Number((budget / 1e6).toPrecision(3))}MF`;
}

function ruleOf(trials: readonly FinishedTrial[], seed: number): StepResult<FamilyRule> {
  const rule = findRule(trials, seed);
  return { value: rule, decisions: [{ step: "rule", ...rule }] };
}

async function chooseMembers(
  context: DesignContext,
  explorations: readonly Exploration[],
  rule: FamilyRule,
  budgets: readonly number[],
): Promise<StepResult<readonly Finalist[]>> {
  const members: Member[] = [];
  for (const [i, exploration] of explorations.entries())
    members.push(await chooseMember(context, exploration, rule, budgets[i]));
  const [{ plan, images }] = explorations;
  const batch = batchFor(plan.fullEpochs * images.train);
  const seconds = fullSecondsNow(plan, context.clock.left, members.length, workersOf(context.request));
  const value = members.map(({ network }, i) => ({ ...network, seconds: seconds[i], batch }));
  const facts = members.map(({ network: { name, latency }, passed, slow }, i) => ({
    ...{ budget: budgets[i], name, latency, passed, slow },
  }));
  return { value, decisions: [{ step: "members", members: facts }] };
}

/** A budget's network, and how many that are nearer to the rule were too slow. */
interface Member {
  readonly network: Omit<Finalist, "seconds" | "batch">;
  readonly passed: number;
  /** Whether it is itself too slow, as all that were measured. */
  readonly slow: boolean;
}

/** The network nearest to the rule that keeps to the latency when it is measured; the fastest, where none does. */
async function chooseMember(
  context: DesignContext,
  exploration: Exploration,
  rule: FamilyRule,
  budget: number,
): Promise<Member> {
  const { images, space, limits } = exploration;
  const most = (limits.latency?.max ?? Number.POSITIVE_INFINITY) * NOISE;
  const drawn = await draw(context, space, exploration, { count: DRAWN, seed: context.request.seed + 2 });
  const tried: { spec: ModelSpec; latency: number }[] = [];
  for (const { spec } of nearestFirst(drawn, rule, budget).slice(0, MEASURED)) {
    tried.push({ spec, latency: await latencyHere(context, images, spec) });
    if (tried[tried.length - 1].latency <= most) break;
  }
  const { spec, latency } = tried.reduce((a, b) => (b.latency < a.latency ? b : a));
  const complexity = countModel(spec, inputOf(images));
  const name = networkName(spec, complexity.flops);
  const slow = latency > most;
  return { network: { name, role: "finalist", spec, complexity, latency }, passed: tried.length - 1, slow };
}

function tellFamily(
  trained: readonly TrainedFinalist[],
  family: readonly { readonly budget: number; readonly name: string }[],
): StepResult<null> {
  const members = family.flatMap(({ budget, name }) => {
    const one = trained.find((network) => network.name === name);
    return one ? [{ budget, name, accuracy: one.result.accuracy }] : [];
  });
  return { value: null, decisions: [{ step: "family", members }] };
}

async function exportAll(
  context: DesignContext,
  { images }: Prepared,
  trained: readonly TrainedFinalist[],
): Promise<StepResult<readonly ExportedNetwork[]>> {
  const exported: ExportedNetwork[] = [];
  for (const [i, one] of trained.entries()) {
    const folder = context.layout.exported(folderName(one.name));
    exported.push(await exportNetwork(context, images, one, folder, trained.length - i));
  }
  return { value: exported };
}
