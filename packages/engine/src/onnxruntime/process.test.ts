import { spawn } from "node:child_process";
import { describe, expect, it } from "vitest";

const engine = new URL("../../dist/index.js", import.meta.url);
const core = import.meta.resolve("@regnet/core");

const PRELUDE = `
  import { anynet, differentiate } from ${JSON.stringify(core)};
  import { onnxruntime } from ${JSON.stringify(engine.href)};
  const net = anynet({ stages: [{ depth: 1, width: 16, groupWidth: 8 }] }, { batch: 2, resolution: 16, classes: 4 });
  const graph = differentiate(net, { kind: "softmaxCrossEntropy" }, { kind: "sgd", momentum: 0.9, weightDecay: 0 });
  const options = { threads: 2 };
`;

interface Ending {
  readonly code: number | null;
  readonly signal: string | null;
  readonly output: string;
}

/** Runs a module in a process of its own. `interrupt` sends SIGINT once the process has printed something. */
function run(body: string, interrupt = false): Promise<Ending> {
  const child = spawn(process.execPath, ["--input-type=module", "-e", PRELUDE + body], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const take = (chunk: Buffer) => {
    output += chunk;
    if (interrupt && child.exitCode === null) child.kill("SIGINT");
  };
  child.stdout.on("data", take);
  child.stderr.on("data", take);
  return new Promise((resolve) => child.once("close", (code, signal) => resolve({ code, signal, output })));
}

describe("a process that used the engine", () => {
  it.each([
    ["disposes", "const e = await onnxruntime.compile(graph, options); await e.run(); e.dispose();"],
    ["forgets to dispose", "const e = await onnxruntime.compile(graph, options); await e.run();"],
    [
      "disposes during a run",
      "const e = await onnxruntime.compile(graph, options); const r = e.run(); e.dispose(); await r;",
    ],
    ["exits during a run", "const e = await onnxruntime.compile(graph, options); e.run(); process.exit(0);"],
    ["only probes", "if (!onnxruntime.probe().available) process.exitCode = 3;"],
  ])("ends with code 0 when it %s", async (_, body) => {
    expect(await run(body)).toEqual({ code: 0, signal: null, output: "" });
  });

  it("ends with code 1 on an exception", async () => {
    const ending = await run("const e = await onnxruntime.compile(graph, options); throw new Error('mine');");
    expect(ending).toMatchObject({ code: 1, signal: null });
    expect(ending.output).toMatch(/Error: mine/);
  });

  it("ends as its Ctrl-C handler says", async () => {
    const body = `
      process.on("SIGINT", () => process.exit(0));
      const e = await onnxruntime.compile(graph, options);
      for (let i = 0; i < 1000; i++) {
        await e.run();
        if (i === 2) console.log("running");
      }`;
    expect(await run(body, true)).toEqual({ code: 0, signal: null, output: "running\n" });
  });

  it("is told plainly of a provider that this machine lacks", async () => {
    const body = `await onnxruntime.compile(graph, { provider: "cuda" }).then(
      () => console.log("RegnetError unsupported by ONNX Runtime (cuda)"),
      (error) => console.log(error.name, error.message));`;
    const { code, output } = await run(body);
    expect(code).toBe(0);
    expect(output).toMatch(/^RegnetError unsupported by ONNX Runtime \(cuda\)/);
  });
});
