import { join } from "node:path";

/** Where the files of a run are. */
export class RunLayout {
  constructor(readonly folder: string) {}

  /** What was run, on what, with which seeds. */
  get spec(): string {
    return join(this.folder, "run.json");
  }

  /** There while a process trains. */
  get lock(): string {
    return join(this.folder, "training.lock");
  }

  /** One line an epoch. */
  get metrics(): string {
    return join(this.folder, "metrics.jsonl");
  }

  /** How well the best weights do on the images held out. */
  get test(): string {
    return join(this.folder, "test.json");
  }

  get checkpoints(): string {
    return join(this.folder, "checkpoints");
  }

  /** The complete state of the training: weights, optimiser, averages, counters. */
  get last(): string {
    return join(this.checkpoints, "last.safetensors");
  }

  /** The weights and statistics of the best epoch, as they were evaluated. */
  get best(): string {
    return join(this.checkpoints, "best.safetensors");
  }

  /** What other programs use: ONNX, PyTorch. */
  get exports(): string {
    return join(this.folder, "exports");
  }
}
