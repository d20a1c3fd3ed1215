import { GraphBuilder, op } from "@regnet/core";
import { expect, it } from "vitest";
import { expectWithin, worstDifference } from "../../testing/contract/compare.js";
import { evaluate } from "../../testing/index.js";
import { compileHere } from "../compile.js";
import { findFusions } from "../fuse/fusions.js";
import { library } from "../library.js";
import { layoutsFor } from "../plan/layouts.js";
import { Plan } from "../plan/plan.js";
import { lowerGraph } from "./index.js";

const noise = (length: number) => Float32Array.from({ length }, (_, i) => Math.sin(0.7 * i));

it.each([32, 20])(
  "takes images of one place for a row where the gradient of %i channels meets another",
  async (width) => {
    const builder = new GraphBuilder(6);
    const [dy, other] = ["dy", "other"].map((name) => builder.input(name, [6, width, 1, 1]));
    const weight = builder.parameter("weight", [width, width, 1, 1], "weight", { kind: "constant", value: 0 });
    const attributes = { stride: 1, padding: 0, groups: 1, size: [1, 1] };
    const dx = builder.one(op.conv2dBackwardData, [dy, weight], attributes, "dx");
    builder.output("sum", builder.one(op.add, [dx, other], {}, "sum"));
    const graph = builder.build();

    const plan = new Plan(library(), graph, layoutsFor(library(), graph, "f32"), findFusions(graph), "f32");
    lowerGraph(plan);
    const [step, ...more] = plan.steps.filter(({ node, op: name }) => node === "dx" && name !== "reorder");
    plan.dispose();
    expect(more).toEqual([]);
    expect(step.kind === "primitive" && step.reads.source?.dims).toEqual([1, width, 1, 6]);

    const inputs = { dy: noise(6 * width), other: noise(9 * width).slice(3 * width) };
    const state = { weight: noise(width * width) };
    const executable = compileHere(graph, { threads: 1, state });
    for (const [name, values] of Object.entries(inputs)) executable.input(name).set(values);
    await executable.run();
    const wanted = evaluate(graph, inputs, state).outputs.sum;
    expectWithin("sum", worstDifference(executable.output("sum"), wanted), 1e-5);
    executable.dispose();
  },
);
