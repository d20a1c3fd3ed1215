import { messagesFor } from "../report/messages/index.js";
import { candidatesOf, type NumberedRound } from "./candidates.js";
import type { DesignContext } from "./context.js";
import { type Exploration, explore, narrow, refine, roundTrials } from "./explore.js";
import { exportWinner } from "./exportNetwork.js";
import { chooseFinalists } from "./finalists.js";
import { measureFrontHere, withMeasured } from "./measure.js";
import { prepare } from "./prepare.js";
import type { DesignOutcome } from "./report.js";
import { chooseWinner, trainFinalists } from "./trainFinalists.js";

/** One budget, one network. */
export async function singleOutcome(context: DesignContext): Promise<DesignOutcome> {
  const { steps, language } = context;
  const { narrowed: narrowedName } = messagesFor(language).design;
  const { images, space, latency, plan } = await prepare(context);
  const exploration: Exploration = {
    ...{ images, plan, space: space.space, limits: space.limits[0], name: "explore" },
    ...(latency && { latency: latency.model }),
  };
  await steps.once("explore", () => explore(context, exploration, plan.exploreSeconds[0]));
  const narrowed = await steps.once("narrow", () => narrow(context, exploration));
  const refined = await steps.once("refine", () => refine(context, exploration, narrowed.space));
  const rounds: (NumberedRound & { readonly population: string })[] = [
    { name: "explore", firstId: 0, population: space.space.name },
  ];
  if (refined.trained > 0)
    rounds.push({ name: "refine", firstId: plan.networks, population: narrowedName(space.space.name) });
  const candidates = candidatesOf(context, rounds);
  const measured = await steps.once("measure", () => measureFrontHere(context, images, latency?.model, candidates));
  const finalists = await steps.once("finalists", () => chooseFinalists(context, exploration, candidates));
  const trained = await steps.once("train", () => trainFinalists(context, images, finalists));
  const { name } = await steps.once("choose", () => chooseWinner(images, trained));
  const winner = trained.find((one) => one.name === name) ?? trained[0];
  const exported = await steps.once("export", () => exportWinner(context, images, winner));
  const trials = rounds.flatMap((round) =>
    roundTrials(context, round.name, exploration, round.population, round.firstId),
  );
  const again = finalists.flatMap(({ trial, latency: ms }) =>
    trial === undefined || ms === undefined ? [] : [[trial, ms] as const],
  );
  return {
    ...{ images, space, latency, trained, winner: name, exported: [exported] },
    trials: withMeasured(trials, [...measured, ...again]),
  };
}
