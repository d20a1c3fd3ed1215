import { anynet, differentiate, initialise, type NamedValue, RegnetError, size } from "@regnet/core";
import type { CompileOptions, Engine, Executable } from "../../engine.js";
import { fill } from "./agreement.js";
import { expectRefusal, expectSameBits, expectTrue } from "./compare.js";
import { type NetworkCase, plainNetwork } from "./networks.js";

type Check = (engine: Engine, options: CompileOptions) => Promise<void>;

/** What the contract of `Executable` promises beside numbers, by name. */
export const behaviours: Readonly<Record<string, Check>> = {
  "probes as available, with its version and threads": async (engine) => {
    const found = engine.probe();
    expectTrue("available", found.available);
    if (!found.available) return;
    expectTrue("engine is its id", found.engine === engine.id);
    expectTrue("version has a digit", /\d/.test(found.version));
    expectTrue("threads is a positive integer", Number.isInteger(found.threads) && found.threads >= 1);
    expectTrue("fp32 runs", found.precisions.includes("fp32"));
  },

  "gives the same bits for the same seed and threads": async (engine, options) => {
    const given = plainNetwork();
    const [first, second] = [await trained(engine, options, given), await trained(engine, options, given)];
    for (const [name, values] of Object.entries(first)) expectSameBits(name, second[name], values);
  },

  "starts the parameters that are not given from the seed": async (engine, options) => {
    const { training } = plainNetwork();
    const read = (seed: number) =>
      using(engine, training, { ...options, seed }, async (executable) => executable.read("stem.conv.weight"));
    const [first, again, other] = [await read(1), await read(1), await read(2)];
    expectSameBits("stem.conv.weight", again, first);
    expectTrue(
      "another seed gives other weights",
      first.some((value, i) => value !== other[i]),
    );
  },

  "continues from state that was read, as if it had not stopped": async (engine, options) => {
    const given = plainNetwork();
    const whole = await trained(engine, options, given, 4);
    const half = await trained(engine, options, given, 2);
    const resumed = await using(engine, given.training, options, async (executable) => {
      for (const [name, values] of Object.entries(half)) executable.write(name, values);
      return steps(executable, given, 2);
    });
    for (const [name, values] of Object.entries(whole)) expectSameBits(name, resumed[name], values);
  },

  "runs one after the other what is asked for at once": async (engine, options) => {
    const given = plainNetwork();
    const whole = await trained(engine, options, given, 3);
    const together = await using(engine, given.training, { ...options, state: given.state }, async (executable) => {
      fill(executable, given.inputs);
      await Promise.all([executable.run(), executable.profile(), executable.run()]);
      return parametersOf(executable);
    });
    for (const [name, values] of Object.entries(whole)) expectSameBits(name, together[name], values);
  },

  "lets what is written while runs are pending take effect after them": async (engine, options) => {
    const given = plainNetwork();
    const name = "head.fc.bias";
    const expected = { ...(await trained(engine, options, given, 2)), [name]: given.state[name].map((_, i) => i) };
    const got = await using(engine, given.training, { ...options, state: given.state }, async (executable) => {
      fill(executable, given.inputs);
      const runs = [executable.run(), executable.run()];
      const values = expected[name].slice();
      executable.write(name, values);
      values.fill(0);
      await Promise.all(runs);
      return parametersOf(executable);
    });
    for (const [parameter, values] of Object.entries(expected)) expectSameBits(parameter, got[parameter], values);
  },

  "reads back what was written": (engine, options) => {
    const { training, forward } = plainNetwork();
    const values = (length: number) => Float32Array.from({ length }, (_, i) => Math.fround(Math.sin(i)));
    const check = async (executable: Executable) => {
      const length = executable.read("s1.b1.conv1.conv.weight").length;
      executable.write("s1.b1.conv1.conv.weight", values(length));
      expectSameBits("s1.b1.conv1.conv.weight", executable.read("s1.b1.conv1.conv.weight"), values(length));
    };
    return Promise.all([using(engine, training, options, check), using(engine, forward, options, check)]).then(
      () => {},
    );
  },

  "hands out copies of its state": (engine, options) =>
    using(engine, plainNetwork().training, options, async (executable) => {
      const before = executable.read("head.fc.bias");
      executable.read("head.fc.bias").fill(5);
      expectSameBits("head.fc.bias", executable.read("head.fc.bias"), before);
    }),

  "takes weights written between runs of an inference graph": async (engine, options) => {
    const { forward, state, inputs } = plainNetwork();
    const logits = async (executable: Executable) => {
      fill(executable, { image: inputs.image });
      await executable.run();
      return executable.output("logits").slice();
    };
    const expected = await using(engine, forward, { ...options, state }, logits);
    const got = await using(engine, forward, { ...options, seed: 9 }, async (executable) => {
      await logits(executable);
      for (const { name } of forward.parameters) executable.write(name, state[name]);
      return logits(executable);
    });
    expectSameBits("logits", got, expected);
  },

  "keeps its input and output buffers": (engine, options) =>
    using(engine, plainNetwork().training, options, async (executable) => {
      const { inputs } = plainNetwork();
      const image = executable.input("image");
      fill(executable, inputs);
      await executable.run();
      expectTrue("the input is the same array", executable.input("image") === image);
      expectSameBits("image", image, inputs.image);
    }),

  "refuses names and sizes that are not the graph's": (engine, options) =>
    using(engine, plainNetwork().training, options, async (executable) => {
      await expectRefusal("an unknown input", () => executable.input("imagee"), /unknown input: "imagee".*"image"/);
      await expectRefusal("an unknown output", () => executable.output("lose"), /unknown output: "lose".*"loss"/);
      await expectRefusal(
        "an unknown parameter",
        () => executable.read("head.fc.bios"),
        /unknown parameter.*head.fc.bias/,
      );
      await expectRefusal("a short write", () => executable.write("head.fc.bias", new Float32Array(3)), /invalid .*3/);
    }),

  "refuses starting state of another size": async (engine, options) => {
    const { forward, state } = plainNetwork();
    const wrong = { ...state, "head.fc.bias": new Float32Array(3) };
    const compile = () => engine.compile(forward, { ...options, state: wrong });
    await expectRefusal("state of another size", compile, /invalid .*head\.fc\.bias.*3/);
  },

  "refuses starting state that lacks a parameter, unless a seed asks for the rest": async (engine, options) => {
    const { forward, state } = plainNetwork();
    const { "head.fc.bias": bias, "head.fc.weight": _, ...partial } = state;
    const compile = () => engine.compile(forward, { ...options, state: partial });
    await expectRefusal("partial state", compile, /missing state of 2 of \d+ .*head\.fc\.weight, head\.fc\.bias/);
    await using(engine, forward, { ...options, state: { "head.fc.bias": bias }, seed: 1 }, async (executable) => {
      const drawn = await using(engine, forward, { ...options, seed: 1 }, async (other) =>
        other.read("stem.conv.weight"),
      );
      expectSameBits("what is given", executable.read("head.fc.bias"), bias);
      expectSameBits("what is drawn", executable.read("stem.conv.weight"), drawn);
    });
  },

  "starts an optimiser anew where only weights are given": async (engine, options) => {
    const { forward, training } = plainNetwork();
    const weights = initialise(forward, 3);
    await using(engine, training, { ...options, state: weights }, async (executable) => {
      expectSameBits("what is given", executable.read("stem.conv.weight"), weights["stem.conv.weight"]);
      const velocity = executable.read("velocity:stem.conv.weight");
      expectSameBits("what is new", velocity, new Float32Array(velocity.length));
    });
  },

  "starts averages from the weights that are given, or else drawn": async (engine, options) => {
    const { forward } = plainNetwork();
    const sgd = { kind: "sgd", momentum: 0.9, weightDecay: 0 } as const;
    const training = differentiate(forward, { kind: "softmaxCrossEntropy" }, sgd, { average: true });
    const weights = initialise(forward, 3);
    for (const given of [{ state: weights }, { seed: 3 }]) {
      await using(engine, training, { ...options, ...given }, async (executable) => {
        for (const [name, values] of Object.entries(weights)) {
          expectSameBits(`the average of ${name}`, executable.read(`ema:${name}`), values);
        }
      });
    }
  },

  "refuses threads that are no positive integer": async (engine, options) => {
    for (const threads of [0, -1, 1.5, Number.NaN]) {
      const compile = () => engine.compile(plainNetwork().forward, { ...options, threads });
      await expectRefusal(`${threads} threads`, compile, /invalid threads/);
    }
  },

  "refuses an op it does not know, with an error that names it": async (engine, options) => {
    const { forward } = plainNetwork();
    const [first, ...rest] = forward.nodes;
    const graph = { ...forward, nodes: [{ ...first, op: "fourier" }, ...rest] };
    await expectRefusal("an unknown op", () => engine.compile(graph, options), /fourier/);
  },

  "lets NaN through and recovers from it": (engine, options) => {
    const { forward, state, inputs } = plainNetwork();
    return using(engine, forward, { ...options, state }, async (executable) => {
      executable.input("image").fill(Number.NaN);
      await executable.run();
      expectTrue("NaN in, NaN out", executable.output("logits").every(Number.isNaN));
      fill(executable, { image: inputs.image });
      await executable.run();
      expectTrue("the next run is clean", executable.output("logits").every(Number.isFinite));
    });
  },

  "refuses state that is not finite, by name": async (engine, options) => {
    const { forward } = plainNetwork();
    const name = "s1.b1.conv1.conv.weight";
    const named = /invalid parameter s1\.b1\.conv1\.conv\.weight at 3: got (NaN|-Infinity)/;
    const state = initialise(forward, 0);
    const values = state[name].slice();
    values[3] = Number.NaN;
    const compile = () => engine.compile(forward, { ...options, state: { ...state, [name]: values } });
    await expectRefusal("NaN in the state", compile, named);
    await using(engine, forward, options, async (executable) => {
      values[3] = Number.NEGATIVE_INFINITY;
      await expectRefusal("an infinite weight", () => executable.write(name, values), named);
      expectSameBits(name, executable.read(name), state[name]);
    });
  },

  "shows NaN in the loss of a training step": (engine, options) => {
    const given = plainNetwork();
    return using(engine, given.training, { ...options, state: given.state }, async (executable) => {
      fill(executable, given.inputs);
      executable.input("image")[0] = Number.NaN;
      await executable.run();
      expectTrue("the loss is NaN", Number.isNaN(executable.output("loss")[0]));
    });
  },

  "accounts for its memory": async (engine, options) => {
    const { training, forward } = plainNetwork();
    const bytes = (values: readonly NamedValue[]) => values.reduce((sum, { value }) => sum + 4 * size(value.shape), 0);
    for (const given of [training, forward]) {
      await using(engine, given, options, async ({ memory, graph }) => {
        const { parameters, activations, scratch, total } = memory;
        expectTrue("every parameter is counted", parameters >= bytes(graph.parameters));
        expectTrue("inputs and outputs are counted", activations >= bytes(graph.inputs) + bytes(graph.outputs));
        expectTrue("the total is the sum", total === parameters + activations + scratch);
      });
    }
  },

  "refuses what needs more memory than there is": async (engine, options) => {
    for (const batch of [30_000, 10_000_000]) {
      const graph = anynet({ stages: [{ depth: 1, width: 16, groupWidth: 8 }] }, { batch, resolution: 1024 });
      const refusal = /out of memory: the network needs [\d.]+ GB, [\d.]+ GB are (free|there); use a smaller batch/;
      await expectRefusal(`a batch of ${batch}`, () => engine.compile(graph, options), refusal);
    }
  },

  "profiles kernels by the graph's nodes": (engine, options) => {
    const given = plainNetwork();
    return using(engine, given.training, options, async (executable) => {
      fill(executable, given.inputs);
      const timings = await executable.profile();
      const convolutions = timings.filter(({ node, op }) => node === "s1.b1.conv2.conv" && op === "conv2d");
      expectTrue("a convolution is there", convolutions.length > 0);
      expectTrue(
        "times are not negative",
        timings.every(({ milliseconds }) => milliseconds >= 0),
      );
      expectTrue(
        "times are not all zero",
        timings.some(({ milliseconds }) => milliseconds > 0),
      );
    });
  },

  "refuses everything but dispose after dispose": async (engine, options) => {
    const executable = await engine.compile(plainNetwork().training, options);
    executable.dispose();
    executable.dispose();
    const calls = {
      input: () => executable.input("image"),
      output: () => executable.output("loss"),
      run: () => executable.run(),
      read: () => executable.read("head.fc.bias"),
      write: () => executable.write("head.fc.bias", new Float32Array(7)),
      profile: () => executable.profile(),
    };
    for (const [name, call] of Object.entries(calls)) await expectRefusal(name, call, /dispose/);
  },

  "throws RegnetErrors": async (engine, options) => {
    const executable = await engine.compile(plainNetwork().forward, options);
    try {
      executable.input("x");
    } catch (error) {
      expectTrue("a RegnetError", error instanceof RegnetError);
    } finally {
      executable.dispose();
    }
  },

  "gives back the memory of executables that were disposed of": async (engine, options) => {
    const { training } = plainNetwork();
    const cycle = async (times: number) => {
      for (let i = 0; i < times; i++) await using(engine, training, options, (executable) => executable.run());
    };
    await cycle(10);
    const before = process.memoryUsage.rss();
    await cycle(30);
    expectTrue("growth below 48 MiB", process.memoryUsage.rss() - before < 48 * 2 ** 20);
  },
};

/** The state after some steps. */
async function trained(engine: Engine, options: CompileOptions, given: NetworkCase, count = 2) {
  return using(engine, given.training, { ...options, state: given.state }, (executable) =>
    steps(executable, given, count),
  );
}

async function steps(executable: Executable, given: NetworkCase, count: number) {
  for (let i = 0; i < count; i++) {
    fill(executable, given.inputs);
    await executable.run();
  }
  return parametersOf(executable);
}

function parametersOf(executable: Executable): Record<string, Float32Array> {
  return Object.fromEntries(executable.graph.parameters.map(({ name }) => [name, executable.read(name)]));
}

/** Compiles, calls `use` and disposes, whatever happens. */
async function using<T>(
  engine: Engine,
  graph: NetworkCase["forward"],
  options: CompileOptions,
  use: (executable: Executable) => Promise<T>,
): Promise<T> {
  const executable = await engine.compile(graph, options);
  try {
    return await use(executable);
  } finally {
    executable.dispose();
  }
}
