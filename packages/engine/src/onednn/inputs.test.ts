import { GraphBuilder, op } from "@regnet/core";
import { describe, expect, it } from "vitest";
import { compileHere } from "./compile.js";

describe("an input of many numbers", () => {
  const builder = new GraphBuilder(2);
  const [y] = builder.apply(op.relu, [builder.input("image", [2, 3, 48, 48])], {}, "relu");
  builder.output("y", y);
  const graph = builder.build();

  it("is looked through to its last number", async () => {
    const executable = compileHere(graph, { threads: 1 });
    const values = executable.input("image");
    for (const at of [0, values.length / 2 - 1, values.length - 1]) {
      for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
        values.fill(1);
        values[at] = value;
        await executable.run();
        expect(executable.output("y").every(Number.isNaN), `${value} at ${at}`).toBe(true);
      }
    }
    values.fill(1);
    await executable.run();
    expect(executable.output("y").every((value) => value === 1)).toBe(true);
    executable.dispose();
  });

  it("may have a sum that is too large", async () => {
    const executable = compileHere(graph, { threads: 1 });
    executable.input("image").fill(3e38);
    await executable.run();
    expect(executable.output("y").every((value) => value === Math.fround(3e38))).toBe(true);
    executable.dispose();
  });
});
