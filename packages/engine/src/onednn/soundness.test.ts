import type { Graph } from "@regnet/core";
import { describe, expect, it } from "vitest";
import type { CompileOptions } from "../engine.js";
import { evaluate } from "../testing/index.js";
import { expectSound, type Runnable } from "./soundness.js";

const processor = { version: "3.7.2", instructionSet: "avx512_core_bf16", bf16: true };

/** Computes as the graph says, but for what `spoil` does to the results. */
function compiler(spoil: (results: Float32Array, options: CompileOptions) => void) {
  return (graph: Graph, options: CompileOptions): Runnable => {
    const input = new Float32Array(graph.inputs[0].value.shape.reduce((product, extent) => product * extent, 1));
    let results = new Float32Array(0);
    return {
      input: () => input,
      output: () => results,
      runNow: () => {
        results = Float32Array.from(evaluate(graph, { source: input }, options.state ?? {}).outputs.result);
        spoil(results, options);
      },
      dispose: () => undefined,
    };
  };
}

describe("a library's trial", () => {
  it("is passed by one that computes rightly", () => {
    expect(() =>
      expectSound(
        processor,
        compiler(() => undefined),
      ),
    ).not.toThrow();
  });

  it("takes whatever kernels there are", () => {
    const asked: CompileOptions[] = [];
    expectSound(
      processor,
      compiler((_, options) => asked.push(options)),
    );
    expect(asked).toHaveLength(5);
    for (const { acceptReference } of asked) expect(acceptReference).toEqual(["trial"]);
  });

  it("refuses one that computes wrongly, and says what, where and what to use instead", () => {
    const last = (results: Float32Array) => {
      results[results.length - 1] += 1;
    };
    expect(() => expectSound(processor, compiler(last))).toThrow(
      /oneDNN 3\.7\.2: it computes the gradient of a 4×4 convolution in fp32 wrongly on this processor \(avx512_core_bf16\).*onnxruntime/,
    );
  });

  it("tries bfloat16 where there is any", () => {
    const spoilt = compiler((results, { precision }) => {
      if (precision === "bf16") results[0] = Number.NaN;
    });
    expect(() => expectSound(processor, spoilt)).toThrow(/a 1×1 convolution in bf16/);
    expect(() => expectSound({ ...processor, bf16: false }, spoilt)).not.toThrow();
  });
});
