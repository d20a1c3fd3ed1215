import { anynet, convnext, differentiate, GraphBuilder, op, regnet } from "@regnet/core";
import { afterEach, describe, expect, it, vi } from "vitest";
import { evaluate } from "../testing/index.js";
import { compileHere } from "./compile.js";
import { library } from "./library.js";
import { isMadeForThePurpose } from "./plan/kernels.js";

const image = (length: number) => Float32Array.from({ length }, (_, i) => Math.sin(0.7 * i));

/** bfloat16 where this processor has it, and else the word of what it has. */
function describeBfloat16(): void {
  const graph = regnet(
    { w0: 16, wa: 8, wm: 2, depth: 4, groupWidth: 8, se: 0.25 },
    { batch: 2, resolution: 32, classes: 5 },
  );
  const { bf16, instructionSet } = library();

  if (!bf16) {
    it("refuses bfloat16, naming what the processor has", () => {
      expect(() => compileHere(graph, { precision: "bf16" })).toThrow(
        `unsupported precision bf16 on ${instructionSet}; use fp32`,
      );
    });
    return;
  }

  it("holds bfloat16 networks to within a few units of its precision", async () => {
    const executable = compileHere(graph, { precision: "bf16", threads: 1 });
    executable.input("image").set(image(2 * 3 * 32 * 32));
    await executable.run();
    const state = Object.fromEntries(graph.parameters.map(({ name }) => [name, executable.read(name)]));
    const { logits } = evaluate(graph, { image: image(2 * 3 * 32 * 32) }, state).outputs;
    const scale = Math.max(...logits.map(Math.abs));
    executable.output("logits").forEach((value, i) => {
      expect(Math.abs(value - logits[i]) / scale).toBeLessThan(0.03);
    });
    executable.dispose();
  });
}

afterEach(() => void vi.unstubAllEnvs());

describe("compiling for oneDNN", () => {
  describeBfloat16();

  it("runs no kernel of a training step that the library calls a reference", async () => {
    const options = { batch: 2, resolution: 32, classes: 5 };
    const nets = [
      regnet({ w0: 24, wa: 12, wm: 2, depth: 4, groupWidth: 8, se: 0.25 }, options),
      anynet({ stages: [{ depth: 1, width: 68, groupWidth: 4 }] }, options),
      convnext({ depths: [1, 1], widths: [24, 40] }, options),
    ];
    for (const net of nets) {
      const graph = differentiate(net, { kind: "softmaxCrossEntropy" }, { kind: "adamw", weightDecay: 0.05 });
      const executable = compileHere(graph, { threads: 1 });
      executable.input("step")[0] = 1;
      expect((await executable.profile()).filter(({ kernel }) => /(^|[:_])ref/.test(kernel))).toEqual([]);
      expect(executable.notes).toEqual([]);
      executable.dispose();
    }
  });

  it("notes that a build without OpenMP chooses its threads itself", () => {
    const openmp = vi.spyOn(library(), "openmp", "get").mockReturnValue(false);
    const executable = compileHere(convnext({ depths: [1], widths: [8] }, { resolution: 16 }), { threads: 1 });
    openmp.mockRestore();
    executable.dispose();
    expect(executable.notes).toEqual([expect.stringMatching(/^threads \(1\) cannot be set: .* built without OpenMP/)]);
  });

  it("says how much memory is missing", () => {
    const builder = new GraphBuilder(1);
    const x = builder.input("x", [1, 1]);
    const weight = builder.parameter("weight", [2 ** 20, 1], "weight", { kind: "constant", value: 0 });
    let y = builder.one(op.linear, [x, weight], {}, "wide");
    const next = builder.parameter("next", [2 ** 20, 2 ** 20], "weight", { kind: "constant", value: 0 });
    y = builder.one(op.linear, [y, next], {}, "huge");
    builder.output("y", y);
    builder.update({ name: "next", value: next, role: "weight", initial: { kind: "constant", value: 0 } }, next);
    expect(() => compileHere(builder.build(), { threads: 1 })).toThrow(/out of memory: the network needs [\d.]+ GB/);
  });

  it("makes no more primitives and layouts for more blocks that are alike", () => {
    const made = vi.spyOn(library(), "createPrimitive");
    const stage = (depth: number) => anynet({ stages: [{ depth, width: 16, groupWidth: 8 }] }, { resolution: 32 });
    const primitives = (depth: number) => {
      made.mockClear();
      const executable = compileHere(stage(depth), { threads: 1 });
      const count = made.mock.calls.length;
      executable.dispose();
      return count;
    };
    try {
      expect(primitives(7)).toBe(primitives(3));
      expect(library().strided([7, 3], "f32")).toBe(library().strided([7, 3], "f32"));
      expect(library().strided([7, 3], "f32", [1, 7]).key).not.toBe(library().strided([7, 3], "f32").key);
    } finally {
      made.mockRestore();
    }
  });

  it("copies parameters that lie alike through one primitive, made once", () => {
    const net = anynet({ stages: [{ depth: 3, width: 16, groupWidth: 8 }] }, { resolution: 32, classes: 5 });
    const graph = differentiate(net, { kind: "softmaxCrossEntropy" }, { kind: "sgd", momentum: 0.9, weightDecay: 0 });
    const made = vi.spyOn(library(), "createPrimitive");
    const executable = compileHere(graph, { threads: 1 });
    const doubled = () => {
      made.mockClear();
      for (const { name } of graph.parameters) {
        const wanted = executable.read(name).map((value) => 2 * value);
        executable.write(name, wanted);
        expect(executable.read(name)).toEqual(wanted);
      }
      return made.mock.calls.length;
    };
    try {
      expect(doubled()).toBeLessThan(graph.parameters.length);
      expect(doubled()).toBe(0);
    } finally {
      made.mockRestore();
      executable.dispose();
    }
  });

  it("leaves depthwise convolutions to the kernels made for them, in inference too", async () => {
    const net = anynet({ stages: [{ depth: 2, width: 32, groupWidth: 1 }] }, { resolution: 32, classes: 5 });
    const depthwise = net.nodes.filter(({ op: name, inputs }) => name === op.conv2d.name && inputs[1].shape[1] === 1);
    const executable = compileHere(net, { threads: 1 });
    const timings = await executable.profile();
    executable.dispose();
    const kernels = timings
      .filter(({ node }) => depthwise.some(({ name }) => name === node))
      .map(({ kernel }) => kernel);
    expect(kernels).toHaveLength(2);
    for (const kernel of kernels) expect(kernel).toMatch(/dw/);
  });

  it("keeps no result of a batch norm that only convolutions read", () => {
    const memory = (depth: number) => {
      const net = anynet({ stages: [{ depth, width: 32, groupWidth: 16 }] }, { batch: 8, resolution: 64, classes: 5 });
      const sgd = { kind: "sgd", momentum: 0.9, weightDecay: 0 } as const;
      const executable = compileHere(differentiate(net, { kind: "softmaxCrossEntropy" }, sgd), { threads: 1 });
      executable.dispose();
      return executable.memory.activations;
    };
    // Of six images, a block keeps what its three convolutions and the block itself give; two ReLUs keep a bit a number.
    const image = 4 * 8 * 32 * 16 * 16;
    expect((memory(16) - memory(8)) / (8 * image)).toBeCloseTo(4, 0);
  });

  it("updates the weights of narrow and odd groups with all others, in a few kernels", async () => {
    const stages = [2, 4].map((groupWidth) => ({ depth: 4, width: 5 * groupWidth, groupWidth }));
    const net = anynet({ stages }, { resolution: 32, classes: 5 });
    const graph = differentiate(
      net,
      { kind: "softmaxCrossEntropy" },
      { kind: "sgd", momentum: 0.9, weightDecay: 5e-5 },
    );
    const executable = compileHere(graph, { threads: 1 });
    const updates = (await executable.profile()).filter(({ op }) => op === "sgd");
    executable.dispose();
    expect(graph.parameters.length).toBeGreaterThan(50);
    expect(updates.length).toBeLessThan(8);
  });

  it("adds to a value in the kernels of two convolutions or gradients that both read it", async () => {
    for (const gradients of [false, true]) {
      const builder = new GraphBuilder(3);
      const [x, other] = ["x", "other"].map((name) => builder.input(name, [3, 20, 5, 7]));
      const shared = builder.one(op.relu, [builder.one(op.add, [x, other], {}, "mixed")], {}, "shared");
      for (const name of ["first", "second"]) {
        const weight = builder.parameter(name, [20, 20, 1, 1], "weight", { kind: "constant", value: 0 });
        const window = { stride: 1, padding: 0, groups: 1 };
        const made = gradients
          ? builder.one(op.conv2dBackwardData, [other, weight], { ...window, size: [5, 7] }, `${name}.conv`)
          : builder.one(op.conv2d, [other, weight], window, `${name}.conv`);
        builder.output(name, builder.one(op.add, [made, shared], {}, `${name}.sum`));
      }
      const graph = builder.build();
      const images = { x: image(2100), other: image(4200).slice(2100) };
      const state = { first: image(400), second: image(800).slice(400) };
      const executable = compileHere(graph, { threads: 1, state });
      for (const [name, values] of Object.entries(images)) executable.input(name).set(values);
      await executable.run();
      const wanted = evaluate(graph, images, state).outputs;
      for (const name of ["first", "second"]) {
        const largest = Math.max(...wanted[name].map(Math.abs));
        const off = executable.output(name).map((value, i) => Math.abs(value - wanted[name][i]));
        expect(Math.max(...off) / largest).toBeLessThan(1e-5);
      }
      executable.dispose();
    }
  });

  it("adds up values and gradients where they meet with the last of them", async () => {
    const net = anynet({ stages: [{ depth: 3, width: 16, groupWidth: 8 }] }, { resolution: 32, classes: 5 });
    const sgd = { kind: "sgd", momentum: 0.9, weightDecay: 0 } as const;
    const executable = compileHere(differentiate(net, { kind: "softmaxCrossEntropy" }, sgd), { threads: 1 });
    const steps = await executable.profile();
    executable.dispose();
    expect(steps.map(({ op: name }) => name)).not.toContain("add");
  });

  it("sums the gradient of a squeeze-excitation's factor by pooling, with the library's kernels", async () => {
    vi.stubEnv("REGNET_KERNELS", "onednn");
    const net = anynet({ stages: [{ depth: 1, width: 16, groupWidth: 8 }], se: 0.25 }, { batch: 2, resolution: 32 });
    const graph = differentiate(net, { kind: "softmaxCrossEntropy" }, undefined, { gradients: true });
    const sums = graph.nodes.filter(({ op: name, attributes: { keepDims } }) => name === op.reduceSum.name && keepDims);
    const executable = compileHere(graph, { threads: 1 });
    const steps = (await executable.profile()).filter(({ op: name }) => name === op.reduceSum.name);
    executable.dispose();
    const kernels = steps.filter(({ node }) => sums.some(({ name }) => name === node)).map(({ kernel }) => kernel);
    expect(kernels).toHaveLength(1);
    expect(isMadeForThePurpose(kernels[0]), kernels[0]).toBe(true);
  });

  it("moves no weights of a classifier for a gradient whose kernel would be no better for it", async () => {
    const net = anynet(
      { stages: [{ depth: 1, width: 16, groupWidth: 8 }] },
      { batch: 2, resolution: 32, classes: 100 },
    );
    const sgd = { kind: "sgd", momentum: 0.9, weightDecay: 0 } as const;
    const executable = compileHere(differentiate(net, { kind: "softmaxCrossEntropy" }, sgd), { threads: 1 });
    const steps = (await executable.profile()).filter(({ node }) => node === "head.fc.dx");
    executable.dispose();
    const isMoved = steps.length > 1;
    expect(isMoved && !steps.some(({ op: name, kernel }) => name !== "reorder" && isMadeForThePurpose(kernel))).toBe(
      false,
    );
  });

  it("names an unknown precision", () => {
    const graph = convnext({ depths: [1], widths: [8] }, { resolution: 16, classes: 2 });
    expect(() => compileHere(graph, { precision: "fp64" as "fp32" })).toThrow(/unknown precision: "fp64"/);
  });
});
