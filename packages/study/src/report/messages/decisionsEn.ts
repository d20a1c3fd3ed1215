import type { DecisionFacts } from "../../analysis/decision.js";
import { count, duration, percent, plain, significant } from "../format.js";
import { en } from "./en.js";

/** What was decided and why, as a heading and a sentence. */
export interface DecisionText {
  readonly title: string;
  readonly text: string;
}

/** A decision in English. */
export function decisionEn(d: DecisionFacts): DecisionText {
  switch (d.step) {
    case "data":
      return {
        title: "Data",
        text: `${d.name}: ${d.classes} classes, ${d.train} training and ${d.validation} validation images${d.test ? `, ${d.test} held out` : "; too few to hold any out"}. Networks see ${d.channels} × ${d.resolution} × ${d.resolution}.`,
      };
    case "space":
      return {
        title: "Space",
        text: `${d.space} with the ${d.stem} stem${d.stemWidth === undefined ? "" : ` of ${d.stemWidth} channels`} and ${stagesEn(d.stages)}, as the image size allows. Limits: ${limits(d.limits)}. ${acceptance(d.acceptance)} of the draws met them.${passedOver(d.passedOver)}`,
      };
    case "speed":
      return {
        title: "Speed of this machine",
        text: `${d.budget === undefined ? "" : `For ${count(d.budget)}: `}a network of ${count(d.flops)} flops trains at ${count(d.imagesPerSecond)} images/s in ${d.precision} (${d.engine}).`,
      };
    case "latency":
      return {
        title: "Latency model",
        text: `Fitted to ${d.networks} networks measured here; a network left out is predicted within ${percent(d.error)} on average.`,
      };
    case "plan":
      return { title: "Plan", text: planEn(d) };
    case "entrants":
      return { title: "Who races", text: entrantsEn(d) };
    case "rung":
      return { title: `Rung ${d.rung}`, text: rungEn(d) };
    case "finish":
      return { title: "The winner", text: finishEn(d) };
    case "measure":
      return {
        title: "Latency of the best",
        text: `Of ${d.networks} networks those on the front of error against latency were measured, ${d.measured} in all; the model had been off by ${percent(d.error)} on average.`,
      };
    case "export":
      return {
        title: "Export",
        text: `${d.files} files.${d.int8 === undefined ? "" : ` In int8 the network has ${percent(d.int8, 2)} accuracy on ${d.images} validation images (fp32, on all: ${percent(d.accuracy, 2)}).`}`,
      };
    default:
      return d satisfies never;
  }
}

function acceptance(share: number): string {
  return `${significant(100 * share)} %`;
}

function passedOver(spaces: readonly string[] = []): string {
  return spaces.length > 0 ? ` Passed over, since too few networks in it met them: ${spaces.join(", ")}.` : "";
}

function stagesEn([least, most]: readonly [number, number]): string {
  return least === most ? `${least} stages` : `${least} to ${most} stages`;
}

function limits(all: Readonly<Record<string, string>>): string {
  const parts = Object.entries(all).map(([name, range]) => `${name} ${range}`);
  return parts.length > 0 ? parts.join(", ") : "none";
}

type Plan = Extract<DecisionFacts, { step: "plan" }>;

function planEn({ budgets, rungs, exploring, epochs, budget, steps }: Plan): string {
  const [first] = rungs;
  const each = budgets === undefined ? "" : ` for each of the ${budgets} budgets, one after the other`;
  const race =
    first === undefined
      ? "There is no time to compare networks: the first one is trained"
      : `${first} networks race${each}; ${[...rungs.slice(1), 1].join(", then ")} go${rungs.length === 1 ? "es" : ""} on. ${percent(exploring, 0)} of the training goes to networks that do not win. The last one is trained to the end`;
  const given = steps === undefined ? `in the ${duration(budget ?? 0, en.duration)} given` : `in ${steps} steps`;
  return `${race}, for about ${epochsEn(epochs)}, ${given}.`;
}

function entrantsEn({
  drawn,
  rule,
  published,
  pretrained = [],
  slow,
}: Extract<DecisionFacts, { step: "entrants" }>): string {
  const known = [
    ...pretrained.map((name) => `${name}, with its weights`),
    ...(rule ? [`${rule}, the rule's pick for this budget`] : []),
    ...(published ? [`${published}, the published RegNetY-200MF scaled to it`] : []),
  ];
  const more = drawn === 0 ? [] : [`${drawn} ${drawn === 1 ? "network" : "networks"} drawn from the space`];
  return `${[...known, ...more].join("; ")}.${slow > 0 ? ` ${slow} more were too slow when measured.` : ""}`;
}

function rungEn(d: Extract<DecisionFacts, { step: "rung" }>): string {
  const each = d.unit === "seconds" ? `${significant(d.until)} s of the machine` : `${d.until} steps`;
  const [leader] = d.ranked;
  const lead = leader ? ` ${leader.name} leads with an error of ${percent(leader.error)}.` : "";
  const others = d.kept.slice(1);
  const on = others.length > 0 ? ` With it ${others.length === 1 ? "goes" : "go"} on: ${others.join(", ")}.` : "";
  const fallen = d.ranked.length - d.kept.length;
  const fell =
    fallen > 0
      ? ` Out: ${fallen}, of which ${d.beaten.length} were behind by more than chance explains (±${significant(100 * d.noise)} points).`
      : "";
  const failed = d.failed.map(({ name, reason }) => ` ${name} failed: ${reason}.`).join("");
  return `After ${each} each:${lead}${on}${fell}${failed}`;
}

const ORIGINS = {
  drawn: "a network drawn from the space",
  rule: "the rule's own pick",
  published: "the published network, scaled: none that was drawn beat it",
  pretrained: "a published network with its weights",
} as const;

function finishEn(d: Extract<DecisionFacts, { step: "finish" }>): string {
  const held =
    d.test === undefined
      ? " No images were held out, so this figure is flattered by the choices made on them."
      : ` On the ${d.images} images held out, which nothing was chosen on: ${percent(d.test, 2)} (±${significant(100 * spread(d.test, d.images))}).`;
  return `${d.name}, ${ORIGINS[d.origin]}, was trained to the end: ${epochsEn(d.epochs)} in all. ${percent(d.accuracy, 2)} on ${d.validation} validation images.${held}`;
}

/** Half the 95 % interval of a share of so many images. */
function spread(share: number, images = 1): number {
  return 1.96 * Math.sqrt((share * (1 - share)) / images);
}

function epochsEn(count: number): string {
  const shown = plain(count);
  return shown === "1" ? "1 epoch" : `${shown} epochs`;
}
