import { type Graph, invalid, type Shape, size } from "@regnet/core";
import type { Tensor } from "onnxruntime-node";
import { loadRuntime } from "./runtime.js";

interface Buffers {
  current: Tensor;
  /** Where a run writes the next value; absent for parameters that no run changes. */
  spare?: Tensor;
}

/** A training graph's parameters, each with a second buffer that a run writes and that then takes its place. */
export class State {
  private readonly buffers = new Map<string, Buffers>();

  /** @param values of every parameter; become the first buffers */
  constructor(graph: Graph, values: Readonly<Record<string, Float32Array>>) {
    const updated = new Set(graph.updates.map(({ parameter }) => parameter));
    for (const { name, value } of graph.parameters) {
      const spare = updated.has(name) ? tensor(new Float32Array(size(value.shape)), value.shape) : undefined;
      this.buffers.set(name, { current: tensor(values[name], value.shape), spare });
    }
  }

  /** What a run reads. */
  feeds(): [string, Tensor][] {
    return [...this.buffers].map(([name, { current }]) => [name, current]);
  }

  /** What a run writes. */
  fetches(): [string, Tensor][] {
    return [...this.buffers].flatMap(([name, { spare }]): [string, Tensor][] =>
      spare ? [[`next:${name}`, spare]] : [],
    );
  }

  /** Makes what the run wrote the present values. */
  swap(): void {
    for (const buffers of this.buffers.values()) {
      const { current, spare } = buffers;
      if (spare) [buffers.current, buffers.spare] = [spare, current];
    }
  }

  /** The buffer of a parameter's present value, until the next swap. */
  present(name: string): Float32Array | undefined {
    return this.buffers.get(name)?.current.data as Float32Array | undefined;
  }
}

/** A tensor over `data`, which is not copied. */
export function tensor(data: Float32Array, shape: Shape): Tensor {
  const { Tensor } = loadRuntime();
  return new Tensor("float32", data, [...shape]);
}

export function expectLength(name: string, values: Float32Array, length: number): void {
  if (values.length !== length) throw invalid(`values of ${name}`, values.length, `${length} elements`);
}
