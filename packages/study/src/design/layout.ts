import { join } from "node:path";

/** Where the files of a design are. */
export class DesignLayout {
  constructor(readonly folder: string) {}

  /** The request; immutable. */
  get request(): string {
    return join(this.folder, "design.json");
  }

  /** Seconds spent so far, over all attempts. */
  get clock(): string {
    return join(this.folder, "clock.json");
  }

  /** What a finished step found: the files between the verbs. */
  step(name: string): string {
    return join(this.folder, "steps", `${name}.json`);
  }

  get coordinator(): { readonly folder: string; readonly name: string } {
    return { folder: this.folder, name: ".lock" };
  }

  /** The study of a rung, or of the last training: `rung-1`, …, `finish`; with several budgets `1-rung-1`, … */
  study(name: string): string {
    return join(this.folder, "studies", name);
  }

  get report(): string {
    return join(this.folder, "report.html");
  }

  /** Exported files of the winner, or of one network of a family. */
  exported(name?: string): string {
    return name ? join(this.folder, "networks", name) : join(this.folder, "network");
  }
}
