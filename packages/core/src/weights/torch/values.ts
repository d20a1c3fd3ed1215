import type { Dtype } from "../tensor.js";

/** A Python dictionary. The map is made only when something is put in, so that an empty one costs little. */
export class Dictionary {
  entries: Map<unknown, unknown> | undefined;

  set(key: unknown, value: unknown): void {
    this.entries ??= new Map();
    this.entries.set(key, value);
  }

  get(key: unknown): unknown {
    return this.entries?.get(key);
  }
}

/** A name that the pickle refers to; only those of the allow-list come into being. */
export class Global {
  constructor(readonly name: string) {}
}

/** An object whose content is of no interest here: training options, random states. */
export class Opaque {
  constructor(readonly type: string) {}
}

/** A block of elements, kept elsewhere in the file. */
export class Storage {
  constructor(
    readonly key: string,
    readonly dtype: Dtype,
    readonly elements: number,
  ) {}
}

/** A tensor as a window on a storage. */
export class TensorWindow {
  constructor(
    readonly storage: Storage,
    readonly offset: number,
    readonly shape: readonly number[],
    readonly strides: readonly number[],
  ) {}
}
