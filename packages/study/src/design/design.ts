import { resolve } from "node:path";
import { RegnetError } from "@regnet/core";
import { chooseEngine } from "@regnet/engine";
import { makeFolder } from "@regnet/train/files";
import type { Decision } from "../analysis/decision.js";
import { LocalExecutor } from "../executors/local.js";
import { measureOn } from "../latency/measure.js";
import type { ReportDocument } from "../report/document.js";
import type { Language } from "../report/messages/index.js";
import { writeReport } from "../report/studyReport.js";
import { Claim, claimState, describeOwner, newestClaim } from "../study/claim.js";
import { LOCAL_INTERVAL } from "../study/heartbeat.js";
import { runBudgets } from "./budgets.js";
import { Clock } from "./clock.js";
import type { DesignContext, DesignTools } from "./context.js";
import type { DesignHooks } from "./hooks.js";
import { DesignLayout } from "./layout.js";
import { type DesignRequestInput, parseDesignRequest } from "./options.js";
import { designReport } from "./report.js";
import { keepRequest, withRecipe } from "./request.js";
import { measureSpeed } from "./speed.js";
import { Steps } from "./steps.js";
import { writeNetwork } from "./writeNetwork.js";

export interface DesignOptions extends DesignRequestInput {
  /** Where everything goes. The same options again go on where it was stopped. */
  readonly folder: string;
  /** Of the report; default "en". */
  readonly language?: Language;
  /** What the report says to run for the same again. */
  readonly command?: string;
  /** Aborting it stops: everything that is done is kept. */
  readonly signal?: AbortSignal;
  /** How networks get trained; replaced in tests. */
  readonly tools?: Partial<DesignTools>;
}

/** What a design gives. */
export interface DesignResult {
  readonly folder: string;
  /** The report's file. */
  readonly report: string;
  readonly document: ReportDocument;
  readonly decisions: readonly Decision[];
  /** Of all attempts together. */
  readonly seconds: number;
}

/** Seconds that a trial gets for its checkpoint where a round's time is over. */
const GRACE = 5;

/**
 * From a budget and images to a trained network with the evidence: networks race on the same images, rung by rung the
 * worse ones fall, the others go on from where they are, the last one is trained to the end with the whole machine,
 * exported and reported on. Keeps to its time; goes on where an earlier call with the same options was stopped.
 *
 * @throws RegnetError for options that make no sense, a budget that the space cannot meet, or too little time
 */
export async function design(options: DesignOptions, hooks: DesignHooks = {}): Promise<DesignResult> {
  const { folder, language = "en", command, signal = new AbortController().signal, tools: _, ...input } = options;
  const request = parseDesignRequest(await withRecipe(input));
  const layout = new DesignLayout(resolve(folder));
  makeFolder(layout.folder);
  const claim = claimFolder(layout);
  try {
    keepRequest(layout, request);
    const tools = { ...defaultTools, ...options.tools };
    const clock = Clock.open(layout.clock, request.time, tools.now);
    const steps = new Steps(layout, clock, hooks, signal);
    const context: DesignContext = {
      request,
      layout,
      clock,
      steps,
      hooks,
      signal,
      tools,
      language,
    };
    const outcome = await runBudgets(context);
    const document = designReport(context, outcome, { command });
    hooks.onStep?.("report", false);
    writeReport(layout.report, document);
    clock.keep(true);
    const { decisions } = steps;
    return { folder: layout.folder, report: layout.report, document, decisions, seconds: clock.spent };
  } finally {
    claim.release("finished");
  }
}

const defaultTools: DesignTools = {
  executor: (workers) => new LocalExecutor({ workers, grace: GRACE }),
  task: "train",
  speed: measureSpeed,
  measure: (engine, options) => measureOn(chooseEngine(engine ?? "auto"), options),
  writer: writeNetwork,
  now: () => performance.now() / 1000,
};

/** One process a folder. */
function claimFolder({ folder, coordinator }: DesignLayout): Claim {
  const previous = newestClaim(coordinator);
  const claim = claimState(previous) === "held" ? undefined : Claim.take(coordinator, previous, LOCAL_INTERVAL);
  if (!claim) {
    const who = describeOwner(newestClaim(coordinator)?.record?.owner);
    throw new RegnetError(`${folder} is being worked on by ${who}; wait for it, or give another folder`, "unsupported");
  }
  if (previous) claim.forget(previous);
  return claim;
}
