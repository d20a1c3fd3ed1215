import { readFileSync } from "node:fs";
import { builtModule } from "../builtModule.js";

/** Functions over a memory of their own, compiled from `assembly/`, where each is described. */
export interface Kernels {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  axisBytes(length: number, size: number): number;
  writeAxis(at: number, length: number, size: number, mirrored: boolean): void;
  resample(
    source: number,
    stride: number,
    height: number,
    width: number,
    down: number,
    across: number,
    row: number,
    target: number,
    side: number,
  ): void;
  shift(source: number, target: number, side: number, dy: number, dx: number, mirrored: boolean, fill: number): void;
  adjust(at: number, count: number, factor: number, offset: number): void;
  lumaSum(at: number, area: number): number;
  saturate(at: number, area: number, factor: number): void;
  turnHue(at: number, area: number, turn: number): void;
  normalise(source: number, target: number, count: number, scale: number, shift: number): void;
}

/** What is used of it: Node's types leave it out. */
declare namespace WebAssembly {
  class Module {
    constructor(bytes: Uint8Array);
  }
  class Instance {
    constructor(module: Module);
    readonly exports: unknown;
  }
}

let compiled: WebAssembly.Module | undefined;

/** New memory, of no size yet. */
export function createKernels(): Kernels {
  compiled ??= new WebAssembly.Module(readFileSync(builtModule("augment/kernels.wasm")));
  return new WebAssembly.Instance(compiled).exports as Kernels;
}
