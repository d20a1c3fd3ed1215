// An ONNX file that carries its classes, and an int8 one beside it.
import { writeFileSync } from "node:fs";
import { buildModel, cardMetadata, load, networkCard, quantise, readRun, toOnnx, train } from "regnet";

const { folder } = await train({
  model: { family: "regnet", w0: 16, wa: 16, wm: 2, depth: 3, groupWidth: 8, stem: "cifar" },
  data: "shapes:500",
  epochs: 1,
  folder: "runs/onnx",
});
const { spec, weights } = readRun(folder);
const { model, resolution, channels, classes } = spec;
const graph = buildModel(model, { resolution, channels, classes: classes.length });
writeFileSync("network.onnx", toOnnx(graph, { weights: weights(), metadata: cardMetadata(networkCard(spec)) }));
writeFileSync("int8.onnx", await quantise({ network: "network.onnx", data: "shapes:500" }));

const image = { data: new Uint8Array(3 * 32 * 32).fill(200), channels: 3, height: 32, width: 32 } as const;
for (const file of ["network.onnx", "int8.onnx"]) {
  const network = await load(file);
  const [best] = await network.classify(image);
  console.log(`${file}: ${best.name} ${best.probability.toFixed(3)}`);
  network.dispose();
}
