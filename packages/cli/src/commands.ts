import type { Command } from "commander";

/** Every command with the line that `regnet --help` shows; its module is loaded only when it is asked for. */
export const commandNames = [
  { name: "design", summary: "from a budget and images to the best network, with the evidence" },
  { name: "describe", summary: "stages, widths and complexity of a network" },
  { name: "sample", summary: "networks of a design space under limits" },
  { name: "family", summary: "a network per budget by the rule's published trends, without training" },
  { name: "train", summary: "train a network on images" },
  { name: "eval", summary: "accuracy of a trained network on a data set" },
  { name: "predict", summary: "classify images" },
  { name: "export", summary: "write a network as ONNX, safetensors or PyTorch" },
  { name: "import", summary: "read a checkpoint of timm, torchvision, pycls or Hugging Face" },
  { name: "data", summary: "look at a data set" },
  { name: "study", summary: "populations of networks: new, run, status, report, trial, stop" },
  { name: "bench", summary: "latency and throughput on this device" },
  { name: "doctor", summary: "what this machine has, and what would make it faster" },
] as const;

export type CommandName = (typeof commandNames)[number]["name"];

interface CommandModule {
  register(program: Command): void;
}

/** Loads the module of one command and adds the command to the program. */
export async function loadCommand(name: CommandName, program: Command): Promise<void> {
  const module = (await import(`./commands/${name}.js`)) as CommandModule;
  module.register(program);
}
