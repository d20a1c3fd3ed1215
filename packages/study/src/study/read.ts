import { readJson } from "./storage.js";
import { requireSampled, type Study } from "./study.js";
import { type Trial, type TrialRecord, type TrialResult, trialResultSchema, trialSchema } from "./trial.js";

/** The sampled network of a trial, or undefined where its file is missing or torn. */
export function readTrial(study: Study, id: number): Trial | undefined {
  const parsed = trialSchema.safeParse(readJson(study.layout.trial(id).trial));
  return parsed.success && parsed.data.id === id ? parsed.data : undefined;
}

/** The result of a trial, or undefined while there is none. */
export function readResult(study: Study, id: number): TrialResult | undefined {
  const parsed = trialResultSchema.safeParse(readJson(study.layout.trial(id).result));
  return parsed.success ? parsed.data : undefined;
}

/** Every finished trial, done and failed, by id. */
export function readTrials(study: Study): readonly TrialRecord[] {
  const records: TrialRecord[] = [];
  for (let id = 0; id < requireSampled(study).trials; id++) {
    const result = readResult(study, id);
    const trial = result && readTrial(study, id);
    if (trial) records.push({ trial, result });
  }
  return records;
}
