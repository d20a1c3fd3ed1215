import { join } from "node:path";
import type { ClaimPlace } from "./claim.js";
import { trialName } from "./trialName.js";

/** Where the files of a study are. */
export class StudyLayout {
  constructor(readonly folder: string) {}

  get spec(): string {
    return join(this.folder, "study.json");
  }

  get sampled(): string {
    return join(this.folder, "sampled.json");
  }

  /** Which images the first trials saw. */
  get images(): string {
    return join(this.folder, "images.json");
  }

  /** Written when the first trial begins. */
  get started(): string {
    return join(this.folder, "started.json");
  }

  get index(): string {
    return join(this.folder, "index.sqlite");
  }

  /** What was found when nobody worked at the study; only a memory. */
  get status(): string {
    return join(this.folder, "status.json");
  }

  get trials(): string {
    return join(this.folder, "trials");
  }

  /** An empty file per trial that was begun and whose end is not in the index yet: it saves looking into all others. */
  get begun(): string {
    return join(this.folder, "begun");
  }

  /** What was submitted to a scheduler, and the logs. */
  get slurm(): string {
    return join(this.folder, "slurm");
  }

  get report(): string {
    return join(this.folder, "report.html");
  }

  get stopRequest(): string {
    return join(this.folder, "stop.json");
  }

  get coordinator(): ClaimPlace {
    return { folder: this.folder, name: "coordinator" };
  }

  trial(id: number): TrialLayout {
    return new TrialLayout(join(this.trials, trialName(id)), join(this.begun, trialName(id)));
  }
}

/** Where the files of a trial are. */
export class TrialLayout {
  constructor(
    readonly folder: string,
    readonly begunHint: string,
  ) {}

  get trial(): string {
    return join(this.folder, "trial.json");
  }

  get metrics(): string {
    return join(this.folder, "metrics.jsonl");
  }

  get checkpoints(): string {
    return join(this.folder, "checkpoints");
  }

  /** The complete state of the training: of no more use once there is a result. */
  get last(): string {
    return join(this.checkpoints, "last.safetensors");
  }

  get result(): string {
    return join(this.folder, "result.json");
  }

  /** The ends of what crashed attempts wrote on their error streams. */
  get errors(): string {
    return join(this.folder, "errors.log");
  }

  get claim(): ClaimPlace {
    return { folder: this.folder, name: "claim" };
  }
}
