import type { DesignContext } from "./context.js";
import { type Exploration, explore, narrow, refine, roundTrials } from "./explore.js";
import { exportWinner } from "./exportNetwork.js";
import { chooseFinalists } from "./finalists.js";
import { prepare } from "./prepare.js";
import type { DesignOutcome } from "./report.js";
import { chooseWinner, trainFinalists } from "./trainFinalists.js";

/** One budget, one network. */
export async function singleOutcome(context: DesignContext): Promise<DesignOutcome> {
  const { steps } = context;
  const { images, space, latency, plan } = await prepare(context);
  const exploration: Exploration = {
    ...{ images, plan, space: space.space, limits: space.limits[0], name: "explore" },
    ...(latency && { latency: latency.model }),
  };
  await steps.once("explore", () => explore(context, exploration, plan.exploreSeconds));
  const narrowed = await steps.once("narrow", () => narrow(context, exploration));
  const refined = await steps.once("refine", () => refine(context, exploration, narrowed.space));
  const finalists = await steps.once("finalists", () => chooseFinalists(context, exploration, refined.trained > 0));
  const trained = await steps.once("train", () => trainFinalists(context, images, finalists));
  const { name } = await steps.once("choose", () => chooseWinner(images, trained));
  const winner = trained.find((one) => one.name === name) ?? trained[0];
  const exported = await steps.once("export", () => exportWinner(context, images, winner));
  const first = roundTrials(context, "explore", exploration, space.space.name, 0);
  const second =
    refined.trained > 0
      ? roundTrials(context, "refine", exploration, `${space.space.name}, narrowed`, plan.networks)
      : [];
  return { images, space, latency, trials: [...first, ...second], trained, winner: name, exported: [exported] };
}
