import type { LatencyFit } from "../latency/model.js";
import type { DesignContext, DesignImages } from "./context.js";
import { openImages } from "./data.js";
import { fitLatencyHere } from "./latency.js";
import { type Plan, planDesign } from "./plan.js";
import { chooseSpace, type DesignSpace } from "./space.js";
import { measureSpeed } from "./speed.js";

/** What is known before the first network is explored. */
export interface Prepared {
  readonly images: DesignImages;
  readonly space: DesignSpace;
  readonly latency?: LatencyFit;
  readonly plan: Plan;
}

/** Looks at the images, the space and the machine, and plans with what they say. */
export async function prepare(context: DesignContext): Promise<Prepared> {
  const { steps, request, clock } = context;
  const images = await steps.once("data", () => openImages(context));
  const space = await steps.once("space", () => chooseSpace(context, images));
  const speed = await steps.once("speed", () => measureSpeed(context, images, space));
  const latency = space.latency ?? (await steps.once("latency", () => fitLatencyHere(context, images, space)));
  const plan = await steps.once("plan", () => {
    const made = planDesign({
      budget: clock.budget,
      left: clock.left,
      ...speed,
      train: images.train,
      validation: images.validation,
      classes: images.classes,
      finalists: request.finalists,
      baseline: request.baseline,
    });
    const { networks, trial, refined, finalists, fullEpochs, expected } = made;
    const cost = { budget: request.time, expected: clock.spent + expected };
    const full = { baseline: request.baseline, fullEpochs };
    const family = speed.speeds.length > 1 && { budgets: speed.speeds.length };
    const counts = { ...family, networks, images: trial.epochs * trial.train, refined, finalists };
    return { value: made, decisions: [{ step: "plan" as const, ...counts, ...full, ...cost }] };
  });
  return { images, space, ...(latency && { latency }), plan };
}
