import type { Evaluation, Latency } from "@regnet/train";
import { percent, print, printJson } from "../commands/study/format.js";
import { UsageError } from "../errors.js";
import { formatBytes } from "../quantities.js";

/** What `regnet export --int8` is told. */
export interface Int8Flags {
  output?: string;
  data?: string;
  engine?: "auto" | "onednn" | "onnxruntime";
  threads?: number;
  json?: boolean;
}

interface Figures {
  readonly top1: number;
  readonly latency: Latency;
}

/** Quantises a trained network, writes it, and says what it lost and won beside fp32. */
export async function exportInt8(network: string | undefined, flags: Int8Flags): Promise<void> {
  if (!network) throw new UsageError("missing network: --int8 needs a run's folder, an .onnx or a .safetensors file");
  const { output, threads } = flags;
  if (!output?.endsWith(".onnx")) throw new UsageError("missing -o: --int8 writes an .onnx file");
  const { evaluate, isRun, measureLatency, openNetwork, quantise, readRunSpec, writeAtomically } = await import(
    "@regnet/train"
  );
  const data = flags.data ?? (isRun(network) ? readRunSpec(network).data.source : undefined);
  if (!data) throw new UsageError("missing --data: the ranges of the activations are measured on images");
  const bytes = await quantise({ network, data, threads });
  writeAtomically(output, bytes);
  const figures = async (source: string, engine?: "onnxruntime"): Promise<Figures> => {
    const evaluation: Evaluation = await evaluate({ network: source, data, threads, engine });
    return { top1: evaluation.top1, latency: await measureLatency(source, { threads, engine }) };
  };
  const [float, int8] = [await figures(network, "onnxruntime"), await figures(output)];
  const weights = Object.values(openNetwork(network).weights()).reduce((sum, { byteLength }) => sum + byteLength, 0);
  if (flags.json) printJson({ output, bytes: bytes.length, floatBytes: weights, float, int8 });
  else {
    print(`${output}  ${formatBytes(bytes.length)}, weights in fp32 ${formatBytes(weights)}`);
    print(row("fp32", float));
    print(row("int8", int8));
  }
}

function row(name: string, { top1, latency }: Figures): string {
  return `${name}  top-1 ${percent(top1)}  ${latency.median.toFixed(2)} ms an image (ONNX Runtime, batch 1)`;
}
