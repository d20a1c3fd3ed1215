import { buildModel, differentiate } from "@regnet/core";
import { chooseEngine, type Executable } from "@regnet/engine";
import type { ProbeAnswer, ProbeTask } from "./probe.js";

/** A process of the probe: compiles a training step, then runs it for as long as it is asked to. */
let executable: Executable | undefined;
process.on("disconnect", () => process.exit());
process.on("message", (message: ProbeTask | { readonly seconds: number }) => {
  void ("seconds" in message ? measure(message.seconds) : prepare(message)).then((answer) => process.send?.(answer));
});

async function prepare({
  model,
  batch,
  resolution,
  channels,
  classes,
  engine,
  precision,
}: ProbeTask): Promise<ProbeAnswer> {
  const graph = buildModel(model, { batch, resolution, channels, classes });
  const optimiser = { kind: "sgd", momentum: 0.9, weightDecay: 5e-5 } as const;
  const training = differentiate(graph, { kind: "softmaxCrossEntropy" }, optimiser);
  executable = await chooseEngine(engine).compile(training, { threads: 1, precision });
  await executable.run();
  return { ready: true, bytes: process.memoryUsage().rss };
}

async function measure(seconds: number): Promise<ProbeAnswer> {
  const start = performance.now();
  let steps = 0;
  let elapsed = 0;
  do {
    await executable?.run();
    steps++;
    elapsed = (performance.now() - start) / 1000;
  } while (elapsed < seconds);
  return { rate: steps / elapsed };
}
