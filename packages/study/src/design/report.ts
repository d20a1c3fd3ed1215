import { arch, availableParallelism, cpus, platform } from "node:os";
import type { RegNetParameters } from "@regnet/core";
import { analyse } from "../analysis/analyse.js";
import type { Decision } from "../analysis/decision.js";
import { stagesOf } from "../analysis/fromStudy.js";
import { inferenceMemory } from "../analysis/memory.js";
import type { FinishedTrial } from "../analysis/trial.js";
import type { LatencyFit } from "../latency/model.js";
import type { FamilyMember, ReportDocument, TrainedNetwork } from "../report/document.js";
import { duration } from "../report/format.js";
import { messagesFor } from "../report/messages/index.js";
import { inputOf } from "../study/spec.js";
import { version } from "../version.js";
import type { DesignContext, DesignImages } from "./context.js";
import type { ExportedNetwork } from "./exportNetwork.js";
import { limitTexts } from "./limits.js";
import { budgetsOf } from "./options.js";
import { growingTrends } from "./rule.js";
import type { DesignSpace } from "./space.js";
import type { TrainedFinalist } from "./trainFinalists.js";

/** All that a report of a design is made from. */
export interface DesignOutcome {
  readonly images: DesignImages;
  readonly space: DesignSpace;
  readonly latency?: LatencyFit;
  readonly trials: readonly FinishedTrial[];
  readonly trained: readonly TrainedFinalist[];
  /** Name of the network chosen; none for a family. */
  readonly winner?: string;
  readonly exported: readonly ExportedNetwork[];
  /** Budget and name of each network of a family. */
  readonly family?: readonly { readonly budget: number; readonly name: string }[];
}

export interface DesignReportOptions {
  /** The command that makes the same again. */
  readonly command?: string;
  readonly made?: Date;
}

/** The report of a design as data. */
export function designReport(
  context: DesignContext,
  outcome: DesignOutcome,
  { command, made = new Date() }: DesignReportOptions,
): ReportDocument {
  const networks = outcome.trained.map((trained) => networkOf(trained, outcome)).sort(byRole);
  const winner = networks.find(({ name }) => name === outcome.winner);
  return {
    kind: "design",
    language: context.language,
    title: titleOf(context, outcome),
    made: made.toISOString(),
    validation: outcome.images.validation,
    winner,
    networks,
    files: outcome.exported.flatMap(({ files }) => files),
    decisions: context.steps.decisions,
    analysis: analyse(outcome.trials, context.request.seed),
    latency: outcome.latency,
    family: outcome.family?.flatMap(({ budget, name }): FamilyMember[] => {
      const network = networks.find((one) => one.name === name);
      return network ? [{ budget, network }] : [];
    }),
    ...(outcome.family && { familyTrends: growingTrends(outcome.trials, context.request.seed) }),
    trials: outcome.trials,
    failed: failedTrials(context.steps.decisions),
    reproduction: { ...(command && { command }), ...reproduction(context, outcome) },
  };
}

/** Of all rounds. */
function failedTrials(decisions: readonly Decision[]): number {
  const rounds = decisions.flatMap((one) =>
    one.step === "explore" || one.step === "refine" || one.step === "unrefined" ? one.failed : [],
  );
  return rounds.reduce((sum, failed) => sum + failed, 0);
}

function titleOf({ request, language }: DesignContext, { images }: DesignOutcome): string {
  const { title, familyTitle } = messagesFor(language).design;
  const budgets = budgetsOf(request)?.length;
  return budgets ? familyTitle(budgets, images.name) : title(images.name);
}

function networkOf(
  { name, role, trial, spec, complexity, latency, result }: TrainedFinalist,
  outcome: DesignOutcome,
): TrainedNetwork {
  const { exported, winner, images } = outcome;
  return {
    name,
    role: name === winner ? "winner" : role,
    trial,
    parameters: spec.family === "regnet" ? (spec satisfies RegNetParameters) : undefined,
    stages: stagesOf(spec),
    complexity: { ...complexity, memory: inferenceMemory(spec, inputOf(images)) },
    accuracy: result.accuracy,
    curve: result.curve,
    epochs: result.epochs,
    seconds: result.seconds,
    latency,
    int8: exported.find((one) => one.name === name)?.int8,
  };
}

const ROLES: readonly TrainedNetwork["role"][] = ["winner", "finalist", "baseline"];

function byRole(a: TrainedNetwork, b: TrainedNetwork): number {
  return ROLES.indexOf(a.role) - ROLES.indexOf(b.role) || b.accuracy - a.accuracy;
}

function reproduction({ request, clock, language }: DesignContext, { images, space }: DesignOutcome) {
  const { design: words, duration: durations } = messagesFor(language);
  const { recipe, seed, engine = "auto", precision } = request;
  return {
    seed: String(seed),
    versions: `regnet ${version}, Node ${process.versions.node}`,
    machine: `${cpus()[0]?.model ?? arch()}, ${words.processors(availableParallelism())}, ${platform()}`,
    engine: `${engine}, ${precision}`,
    data: `${images.name}: ${images.train} + ${images.validation}, ${images.channels} × ${images.resolution}²`,
    took: `${duration(clock.spent, durations)} / ${duration(clock.budget, durations)}`,
    recipe: typeof recipe === "string" ? recipe : JSON.stringify(recipe),
    space: JSON.stringify(space.space),
    limits: space.limits
      .map((limits) =>
        Object.entries(limitTexts(limits))
          .map(([k, v]) => `${k} ${v}`)
          .join(", "),
      )
      .join(" | "),
  };
}
