import { NameTemplate } from "./template.js";

/**
 * Whose names a file uses: `timm` (the ones this project uses inside), `torchvision`, `pycls`, `hf` (Hugging Face
 * transformers), `official` (the ConvNeXt authors').
 */
export type Naming = "timm" | "torchvision" | "pycls" | "hf" | "official";

export type Family = "regnet" | "convnext";

/** Pairs of names without their last part, ours and theirs. */
export type NamePairs = readonly (readonly [ours: string, theirs: string])[];

const SUFFIX = /\.(weight|bias|running_mean|running_var|num_batches_tracked)$/;

/** Both directions of one naming for one family. */
export class NameMap {
  private readonly pairs: readonly (readonly [NameTemplate, NameTemplate])[];

  constructor(pairs: NamePairs) {
    this.pairs = pairs.map(([ours, theirs]) => [new NameTemplate(ours), new NameTemplate(theirs)]);
  }

  /** Their name for ours, or undefined. */
  theirs(name: string): string | undefined {
    return this.translate(name, 0, 1);
  }

  /** Our name for theirs, or undefined. */
  ours(name: string): string | undefined {
    return this.translate(name, 1, 0);
  }

  private translate(name: string, from: 0 | 1, to: 0 | 1): string | undefined {
    const suffix = SUFFIX.exec(name)?.[0] ?? "";
    const stem = name.slice(0, name.length - suffix.length);
    for (const pair of this.pairs) {
      const variables = pair[from].match(stem);
      if (variables) return pair[to].fill(variables) + suffix;
    }
    return undefined;
  }
}
