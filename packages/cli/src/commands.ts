import type { Command } from "commander";

interface CommandEntry {
  readonly name: string;
  /** The line that `regnet --help` shows. */
  readonly summary: string;
  /** Loads the command's module, only when it is asked for. */
  load(): Promise<{ register(program: Command): void }>;
}

/** Every command. */
export const commands: readonly CommandEntry[] = [
  {
    name: "design",
    summary: "from a budget and images to the best network, with the evidence",
    load: () => import("./commands/design.js"),
  },
  {
    name: "describe",
    summary: "stages, widths and complexity of a network",
    load: () => import("./commands/describe.js"),
  },
  { name: "sample", summary: "networks of a design space under limits", load: () => import("./commands/sample.js") },
  {
    name: "family",
    summary: "a network per budget by the rule's published trends, without training",
    load: () => import("./commands/family.js"),
  },
  { name: "train", summary: "train a network on images", load: () => import("./commands/train.js") },
  { name: "eval", summary: "accuracy of a trained network on a data set", load: () => import("./commands/eval.js") },
  { name: "predict", summary: "classify images", load: () => import("./commands/predict.js") },
  {
    name: "export",
    summary: "write a network as ONNX, safetensors or PyTorch",
    load: () => import("./commands/export.js"),
  },
  {
    name: "import",
    summary: "read a checkpoint of timm, torchvision, pycls or Hugging Face",
    load: () => import("./commands/import.js"),
  },
  { name: "data", summary: "look at a data set", load: () => import("./commands/data.js") },
  {
    name: "study",
    summary: "populations of networks: new, run, status, report, trial, stop",
    load: () => import("./commands/study.js"),
  },
  { name: "bench", summary: "latency and throughput on this device", load: () => import("./commands/bench.js") },
  {
    name: "doctor",
    summary: "what this machine has, and what would make it faster",
    load: () => import("./commands/doctor.js"),
  },
];
