import { RegnetError } from "@regnet/core";
import type { Study, TrialOutcome } from "@regnet/study";
import type { Command } from "commander";
import { parseCount } from "../../quantities.js";
import { print, printJson } from "./format.js";

/** `regnet study trial` */
export function registerTrial(study: Command): void {
  study
    .command("trial")
    .description(
      "Run one trial here, going on from its checkpoint. What a scheduler of your own has to call; safe to call twice.",
    )
    .argument("<folder>", "the study")
    .argument("<id>", "number of the trial, from 0", (text) => parseCount(text, "id", 0))
    .option("--json", "print the result as JSON")
    .addHelpText("after", EXAMPLES)
    .action(runOne);
}

async function runOne(folder: string, id: number, { json }: { json?: boolean }): Promise<void> {
  const { openStudy, requireSampled, runSingleTrial } = await import("@regnet/study/study");
  const study = openStudy(folder);
  const { trials } = requireSampled(study);
  if (id >= trials) throw new RegnetError(`unknown trial: ${id}, expected 0 to ${trials - 1}`, "unknown", "id");
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort());
  tell(study, id, await runSingleTrial(study, id, { signal: stop.signal }), json);
}

function tell({ folder }: Study, id: number, outcome: TrialOutcome, json = false): void {
  if (outcome.kind === "finished") {
    if (json) printJson(outcome.result);
    else print(describeResult(id, outcome));
    if (outcome.result.state === "failed") process.exitCode = 1;
    return;
  }
  const text = {
    stopped: () => `trial ${id} was stopped; go on with: regnet study trial ${folder} ${id}`,
    crashed: ({ reason }: { reason: string }) => `trial ${id} crashed: ${reason}`,
    held: () => `trial ${id} is being run by another process`,
  };
  const say = text[outcome.kind] as (outcome: TrialOutcome) => string;
  throw new RegnetError(say(outcome), "unsupported");
}

function describeResult(id: number, { result, ran }: Extract<TrialOutcome, { kind: "finished" }>): string {
  const before = ran ? "" : " (it was finished before)";
  if (result.state === "failed") return `trial ${id} failed: ${result.reason}${before}\n${result.tail}`.trimEnd();
  return `trial ${id}: error ${(100 * result.error).toFixed(2)} % after epoch ${result.bestEpoch}${before}`;
}

const EXAMPLES = `
Examples:
  regnet study trial c10 42
  seq 0 59 | xargs -P 4 -I{} regnet study trial c10 {}`;
