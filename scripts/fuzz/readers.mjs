import { readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import {
  buildModel,
  exportWeights,
  importWeights,
  initialise,
  parseModelSpec,
  readOnnx,
  readOnnxWeights,
  readSafetensors,
  readTorch,
  toOnnx,
  writeSafetensors,
} from "../../packages/core/dist/index.js";
import { readIdx } from "../../packages/train/dist/data/sources/idx.js";
import { anywhere, header, words } from "./mutate.mjs";

const stages = [
  { depth: 1, width: 8, groupWidth: 4, bottleneck: 1 },
  { depth: 2, width: 16, groupWidth: 8, bottleneck: 1 },
];
const graph = buildModel(parseModelSpec({ family: "anynet", stemWidth: 8, se: 0.25, stages }), {
  resolution: 32,
  classes: 3,
});
const weights = initialise(graph, 0);
const golden = (name) =>
  new Uint8Array(readFileSync(new URL(`../../packages/core/src/weights/golden/${name}`, import.meta.url)));

const PICKLE_WORDS = [
  "cposix\nsystem\n",
  "cbuiltins\neval\n",
  "ccollections\nOrderedDict\n",
  "ctorch._utils\n_rebuild_tensor_v2\n",
  "ctorch\nFloatStorage\n",
  "(X\x04\0\0\0true",
  "tR",
  "R",
  "Q",
  "b",
  "\x81",
  "\x93",
  "\x8b\xff\xff\xff\x7f",
  "X\xff\xff\xff\x7f",
  "}".repeat(50),
  "]".repeat(50),
  "(".repeat(50),
  "2".repeat(50),
  "\x94".repeat(50),
  "t".repeat(10),
  "I99999999999999999999\n",
  ".",
];

/** What each reader starts from, how its files are damaged, and how it is called. */
export const readers = {
  pth: {
    files: [golden("zip.pth"), golden("legacy.pth")],
    mutations: [...anywhere, words(PICKLE_WORDS)],
    read: (bytes) => tensorsOf(readTorch(bytes)),
  },
  safetensors: {
    files: [
      writeSafetensors(
        { a: { shape: [2, 3], data: new Float32Array(6) }, b: { shape: [1], data: BigInt64Array.of(1n) } },
        { k: "v" },
      ),
      writeSafetensors({
        h: { dtype: "F16", shape: [5], data: new Float32Array(5) },
        b: { dtype: "BF16", shape: [3], data: new Float32Array(3) },
      }),
      writeSafetensors(exportWeights(graph, weights, "torchvision")),
    ],
    mutations: [...anywhere, header, header, header],
    read: (bytes) => {
      const { tensors } = readSafetensors(bytes);
      importWeights(tensors);
      return tensorsOf(tensors);
    },
  },
  idx: {
    files: idxFiles(),
    mutations: anywhere,
    read: async (bytes) => {
      const path = join(tmpdir(), `regnet-fuzz-${process.pid}.idx`);
      writeFileSync(path, bytes);
      return [(await readIdx(path)).data];
    },
    /** What gzip can make of a byte. */
    growth: 1100,
  },
  onnx: {
    files: [toOnnx(graph, { weights, metadata: { "regnet.card": "{}" } })],
    mutations: anywhere,
    read: (bytes) => {
      readOnnx(bytes);
      return Object.values(readOnnxWeights(bytes));
    },
  },
};

function idxFiles() {
  const images = Uint8Array.from(
    { length: 16 + 60 },
    (_, i) => [0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0, 5][i] ?? i,
  );
  const labels = Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 3, 7, 8, 9);
  return [images, labels, new Uint8Array(gzipSync(images)), new Uint8Array(gzipSync(labels))];
}

function tensorsOf(tensors) {
  return Object.values(tensors).map(({ data }) => data);
}
