import type { DecisionFacts, FailedTraining } from "../../analysis/decision.js";
import { count, duration, milliseconds, percent, plain, significant } from "../format.js";
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
        text: `${d.name}: ${d.classes} classes, ${d.train} training and ${d.validation} validation images; networks see ${d.channels} × ${d.resolution} × ${d.resolution}.`,
      };
    case "space":
      return {
        title: "Space",
        text: `${d.space} with the ${d.stem} stem${d.stemWidth === undefined ? "" : ` of ${d.stemWidth} channels`} and ${stagesEn(d.stages)}, as the image size allows. Limits: ${limits(d.limits)}. ${acceptance(d.acceptance)} of the draws met them.${passedOver(d.passedOver)}`,
      };
    case "speed":
      return {
        title: "Speed of this machine",
        text: `A network of ${count(d.flops)} flops trains at ${count(d.imagesPerSecond)} images/s (${d.engine}, ${d.processes} networks at once).`,
      };
    case "latency":
      return {
        title: "Latency model",
        text: `Fitted to ${d.networks} networks measured here; a network left out is predicted within ${percent(d.error)} on average.`,
      };
    case "plan":
      return {
        title: "Plan",
        text: `${d.budgets === undefined ? planEn(d) : familyPlanEn(d)}: ${duration(d.expected, en.duration)} of the ${duration(d.budget, en.duration)} given.`,
      };
    case "explore":
      return {
        title: "Exploration",
        text: `${budget(d.budget)}${d.trained} networks trained${failed(d.failed)}; least error ${percent(d.best)}, mean ${percent(d.mean)}.${stopped(d.stopped)}`,
      };
    case "narrow":
      return {
        title: "Ranges narrowed",
        text:
          d.ranges.length === 0
            ? `${nothingNarrowed(d)}, so the space stays as it is.`
            : `From the bootstrap over ${d.networks} networks: ${d.ranges.map((r) => `${r.parameter} ${span(r.from)} → ${span(r.to)}`).join(", ")}. The other parameters keep their ranges: their intervals are as wide as what was sampled.`,
      };
    case "rule":
      return {
        title: "The rule",
        text: `Over ${d.networks} networks of all budgets, shared: ${d.shared.map((s) => `${s.parameter} ${plain(s.best)} (95 %: ${span([s.low, s.high])})`).join(", ")}. With the budget grow: ${d.trends.map((t) => `${t.parameter} ∝ flops^${t.exponent.toFixed(2)} (95 %: ${t.interval[0].toFixed(2)} to ${t.interval[1].toFixed(2)})`).join(", ")}. Each budget gets the network nearest to it.`,
      };
    case "members":
      return {
        title: "The networks",
        text: `${d.members.map(memberEn).join("; ")}. A family has one network a budget and no baseline.`,
      };
    case "family":
      return {
        title: "The family",
        text: d.members.map((m) => `${m.name} for ${count(m.budget)}: ${percent(m.accuracy, 2)}`).join("; "),
      };
    case "refine":
      return {
        title: "Sampled again within",
        text: `${d.trained} networks trained${failed(d.failed)}; least error ${percent(d.best)}, mean ${percent(d.mean)} (before: ${percent(d.before)}; difference ${points(d.interval[0])} to ${points(d.interval[1])} points with 95 % confidence).${stopped(d.stopped)}`,
      };
    case "unrefined":
      return {
        title: "Sampled again within",
        text: `${d.drawn === 0 ? "The space holds no further network within the limits." : `None of ${d.drawn} networks was trained${failed(d.failed)}.`}${stopped(d.stopped)} The finalists come from the exploration.`,
      };
    case "measure":
      return {
        title: "Latency of the best",
        text: `Of ${d.networks} networks those on the front of error against latency were measured, ${d.measured} in all; the model had been off by ${percent(d.error)} on average.`,
      };
    case "finalists":
      return {
        title: "Finalists",
        text: `The networks of least error over both rounds: ${d.ids.map((id, i) => `#${id} (${percent(d.errors[i])})`).join(", ")}.${d.dropped > 0 ? ` ${d.dropped} better ones were too slow when measured again.` : ""} Each is trained from the start, for about ${epochs(d.epochs)}.`,
      };
    case "train":
      return {
        title: "Trainings that failed",
        text: `${d.failed.map((one) => `${one.name}: ${failureEn(one)}`).join("; ")}. What follows is about the others.`,
      };
    case "baseline":
      return {
        title: "Baseline",
        text: `${d.name}, scaled to ${count(d.flops)} flops, as near to those of the largest finalist as its widths allow, and trained for as long (${epochs(d.epochs)}), reaches ${percent(d.accuracy, 2)}.`,
      };
    case "choose":
      return {
        title: "Choice",
        text: `${d.name}, with ${percent(d.accuracy, 2)} the highest accuracy on ${d.validation} validation images${d.others.length > 0 ? ` (the others: ${d.others.map((a) => percent(a, 2)).join(", ")})` : ""}.${against(d)}`,
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

/** Why a full training came to nothing. */
export function failureEn(one: FailedTraining): string {
  if ("reason" in one) return one.reason;
  const { by, tail } = one.death;
  const how = typeof by === "number" ? `exit code ${by}` : `killed by ${by}`;
  return `its process died (${how})${tail && `: ${tail}`}`;
}

type Plan = Extract<DecisionFacts, { step: "plan" }>;

function planEn({ networks, images, refined, finalists, baseline, fullEpochs }: Plan): string {
  const more = refined > 0 ? `, ${refined} more within narrowed ranges` : "";
  return `Train ${networks} networks on ${images} images each${more}, then the best ${finalists}${baseline ? " and the baseline" : ""} for about ${epochs(fullEpochs)}`;
}

function familyPlanEn({ budgets = 0, networks, images, fullEpochs }: Plan): string {
  return `Train ${networks} networks for each of the ${budgets} budgets on ${images} images each, then one of each by the rule found, for about ${epochs(fullEpochs)}`;
}

function nothingNarrowed({ networks, why }: Extract<DecisionFacts, { step: "narrow" }>): string {
  if (why === "few") return `${networks} networks are too few to tell the parameters' intervals by the bootstrap`;
  if (why === "stagewise") return "Every stage of these networks has its own parameters, and such are not narrowed";
  return `Over ${networks} networks no parameter's 95 % interval is narrower than what was sampled`;
}

type Member = Extract<DecisionFacts, { step: "members" }>["members"][number];

function memberEn({ budget: flops, name, latency, passed, slow }: Member): string {
  const measured = latency === undefined ? "" : ` (${milliseconds(latency)})`;
  const why = slow
    ? `, the fastest of the ${passed + 1} nearest to the rule: all of them are too slow when measured`
    : passed > 0
      ? `, since ${passed} nearer to the rule were too slow when measured`
      : "";
  return `${name}${measured} for ${count(flops)}${why}`;
}

function budget(flops: number | undefined): string {
  return flops === undefined ? "" : `For ${count(flops)}: `;
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

function failed(n: number): string {
  return n > 0 ? ` (${n} failed)` : "";
}

function stopped(early: boolean): string {
  return early ? " Stopped when its share of the time was over." : "";
}

function span([low, high]: readonly [number, number]): string {
  return `${plain(low)}–${plain(high)}`;
}

function points(share: number): string {
  return `${share > 0 ? "+" : ""}${significant(Math.round(share * 1e4) / 100)}`;
}

function against({
  accuracy,
  baseline,
  validation,
}: {
  accuracy: number;
  baseline?: number;
  validation: number;
}): string {
  if (baseline === undefined) return "";
  const noise = 1.96 * Math.sqrt((accuracy * (1 - accuracy) + baseline * (1 - baseline)) / Math.max(1, validation));
  const gap = accuracy - baseline;
  const sure = Math.abs(gap) > noise ? "more than" : "within";
  const verb = gap > 0 ? "ahead of" : gap < 0 ? "behind" : "level with";
  return ` It is ${significant(Math.abs(gap) * 100)} points ${verb} the baseline, ${sure} what so many validation images can tell apart (±${significant(noise * 100)}).`;
}

function epochs(count: number): string {
  const shown = plain(count);
  return shown === "1" ? "1 epoch" : `${shown} epochs`;
}
