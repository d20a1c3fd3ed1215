import type { StoredNetwork } from "@regnet/train";

/** How a network does in one precision, on ONNX Runtime. */
export interface PrecisionFigures {
  /** Share of the validation images, 0…1. */
  readonly top1: number;
  /** Median of one image, milliseconds. */
  readonly latency: number;
  readonly bytes: number;
}

export interface Int8Export {
  readonly bytes: Uint8Array;
  readonly int8: PrecisionFigures;
  readonly fp32: PrecisionFigures;
}

/**
 * Quantises a network on the training images of a data set (default: what the run was trained on), writes it by
 * `write`, and measures it beside itself in float32.
 */
export async function exportInt8(
  network: StoredNetwork,
  source: string | undefined,
  path: string,
  write: (path: string, bytes: Uint8Array) => void,
): Promise<Int8Export> {
  const { evaluate, measureLatency, openDataSet, openRunData, quantise } = await import("@regnet/train");
  const { resolution, channels } = network.card;
  const data = source ? await openDataSet(source, { resolution, channels }) : await openRunData(network.source);
  const bytes = await quantise({ network, data });
  write(path, bytes);
  const figures = async (measured: string | StoredNetwork, size: number): Promise<PrecisionFigures> => {
    const { top1 } = await evaluate({ network: measured, data, engine: "onnxruntime" });
    const { median } = await measureLatency(measured, { engine: "onnxruntime" });
    return { top1, latency: median, bytes: size };
  };
  const weights = Object.values(network.weights()).reduce((sum, { byteLength }) => sum + byteLength, 0);
  return { bytes, int8: await figures(path, bytes.length), fp32: await figures(network, weights) };
}

/** Two lines that compare the precisions. */
export function int8Text({ int8, fp32 }: Int8Export): string {
  const line = (name: string, { top1, latency, bytes }: PrecisionFigures) =>
    `${name}  top-1 ${(100 * top1).toFixed(2)} %  ${latency.toFixed(2)} ms an image  ${(bytes / 1e6).toFixed(2)} MB`;
  return `${line("fp32", fp32)}\n${line("int8", int8)}  (both on ONNX Runtime)`;
}
