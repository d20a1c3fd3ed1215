import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";

const engine = new URL("../../dist/index.js", import.meta.url);
const core = import.meta.resolve("@regnet/core");
const folder = mkdtempSync(join(tmpdir(), "regnet-engine-"));
afterAll(() => rmSync(folder, { recursive: true }));

const PRELUDE = `
  import { anynet, differentiate } from ${JSON.stringify(core)};
  import { compileInWorker, onednn } from ${JSON.stringify(engine.href)};
  const net = anynet({ stages: [{ depth: 1, width: 32, groupWidth: 16 }] }, { batch: 2, resolution: 32, classes: 4 });
  const graph = differentiate(net, { kind: "softmaxCrossEntropy" }, { kind: "sgd", momentum: 0.9, weightDecay: 0 });
  const options = { threads: 2 };
`;

interface Ending {
  readonly code: number | null;
  readonly signal: string | null;
  readonly output: string;
}

/** Runs a module in a process of its own. `interrupt` sends SIGINT once the process has printed something. */
function run(body: string, environment: Record<string, string> = {}, interrupt = false): Promise<Ending> {
  const child = spawn(process.execPath, ["--input-type=module", "-e", PRELUDE + body], {
    env: { ...process.env, ...environment },
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
    ["disposes", "const e = await onednn.compile(graph, options); await e.run(); e.dispose();"],
    ["forgets to dispose", "const e = await onednn.compile(graph, options); await e.run();"],
    ["used a worker", "const e = await compileInWorker(graph, options); await e.run(); e.dispose();"],
    ["forgets its worker", "const e = await compileInWorker(graph, options); await e.run();"],
    ["exits while a worker runs", "const e = await compileInWorker(graph, options); e.run(); process.exit(0);"],
    [
      "asks a worker as it exits",
      `const e = await compileInWorker(graph, options);
       process.on("exit", () => {
         try {
           e.read("head.fc.bias");
           process.exitCode = 3;
         } catch (error) {
           if (!/the process is exiting/.test(error.message)) process.exitCode = 4;
         }
       });
       process.exit(0);`,
    ],
    ["only probes", "if (!onednn.probe().available) process.exitCode = 3;"],
  ])("ends with code 0 when it %s", async (_, body) => {
    expect(await run(body)).toEqual({ code: 0, signal: null, output: "" });
  });

  it("ends with code 1 on an exception", async () => {
    const ending = await run("const e = await onednn.compile(graph, options); await e.run(); throw new Error('mine');");
    expect(ending).toMatchObject({ code: 1, signal: null });
    expect(ending.output).toMatch(/Error: mine/);
  });

  it.each(["onednn.compile(graph, options)", "compileInWorker(graph, options)"])(
    "ends as its Ctrl-C handler says, with %s",
    async (compile) => {
      const body = `
        process.on("SIGINT", () => process.exit(0));
        const e = await ${compile};
        for (let i = 0; i < 1000; i++) {
          await e.run();
          if (i === 2) console.log("running");
          await new Promise(setImmediate);
        }`;
      expect(await run(body, {}, true)).toEqual({ code: 0, signal: null, output: "running\n" });
    },
  );
});

describe.runIf(process.platform === "linux")("GNU's OpenMP", () => {
  const probe = "onednn.probe(); console.log('left', process.env.GOMP_SPINCOUNT);";
  const shown = { OMP_DISPLAY_ENV: "verbose" };

  it("lets its threads sleep soon, and later processes know nothing of it", async () => {
    const { output } = await run(probe, shown);
    expect(output).toContain("GOMP_SPINCOUNT = '10000'");
    expect(output).toContain("left undefined");
  });

  it("spins as long as the user says", async () => {
    expect((await run(probe, { ...shown, GOMP_SPINCOUNT: "77" })).output).toContain("GOMP_SPINCOUNT = '77'");
    expect((await run(probe, { ...shown, OMP_WAIT_POLICY: "passive" })).output).toContain("GOMP_SPINCOUNT = '0'");
  });
});

describe("a library that cannot be used", () => {
  const report = "const found = onednn.probe(); console.log(found.available, found.reason, found.remedy);";
  const broken = join(folder, "broken.so");
  writeFileSync(broken, "not a library");

  it.each([
    ["missing", join(folder, "nowhere.so"), /nowhere\.so/],
    ["broken", broken, /broken\.so/],
    ["another library", "libc.so.6", /dnnl_version/],
  ])("is reported with the remedy when it is %s", async (_, path, reason) => {
    const { code, output } = await run(report, { REGNET_ONEDNN: path });
    expect(code).toBe(0);
    expect(output).toMatch(/^false missing oneDNN/);
    expect(output).toMatch(reason);
    expect(output).toMatch(/apt-get install libdnnl|brew install onednn/);
  });

  it("makes compile fail with the same words", async () => {
    const body = "await onednn.compile(graph).catch((error) => console.log(error.name, error.code, error.message));";
    const { code, output } = await run(body, { REGNET_ONEDNN: broken });
    expect(code).toBe(0);
    expect(output).toMatch(/^RegnetError missing missing oneDNN/);
  });
});

describe("a machine without koffi", () => {
  const preload = join(folder, "without-koffi.cjs");
  writeFileSync(
    preload,
    `const Module = require("node:module");
     const load = Module._load;
     Module._load = (request, ...rest) => {
       if (/\\bkoffi\\b/.test(request)) throw new Error("Cannot find the native Koffi module");
       return load(request, ...rest);
     };`,
  );
  const environment = { NODE_OPTIONS: `--require ${preload}` };

  it("has ONNX Runtime, and is told what oneDNN lacks", async () => {
    const body = `
      const { chooseEngine } = await import(${JSON.stringify(engine.href)});
      const { reason, remedy } = onednn.probe();
      const e = await chooseEngine("auto").compile(graph, options);
      await e.run();
      console.log([e.engine, reason, remedy].join("; "));
      e.dispose();`;
    expect(await run(body, environment)).toEqual({
      code: 0,
      signal: null,
      output:
        "onnxruntime; missing koffi (Cannot find the native Koffi module); run: npm install koffi; npm install koffi\n",
    });
  });

  it("makes compile fail with the same words", async () => {
    const body = "await compileInWorker(graph).catch((error) => console.log(error.name, error.message));";
    expect((await run(body, environment)).output).toMatch(/^RegnetError missing koffi .*run: npm install koffi/);
  });
});
