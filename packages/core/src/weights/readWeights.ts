import { readSafetensors, type Safetensors } from "./readSafetensors.js";
import { readTorch } from "./torch/readTorch.js";
import { isZip } from "./torch/zip.js";

const PICKLE = 0x80;

/**
 * Reads a safetensors file or one of PyTorch's `torch.save`, whichever it is; its name does not matter.
 *
 * @throws RegnetError (`corrupt`, `unsupported`); nothing of the file is executed
 */
export function readWeights(file: Uint8Array): Safetensors {
  const torch = isZip(file) || (file[0] === PICKLE && !looksLikeHeader(file));
  return torch ? { tensors: readTorch(file), metadata: {} } : readSafetensors(file);
}

/** A safetensors header of 128 bytes starts with the same byte as a pickle; then a brace follows its length. */
function looksLikeHeader(file: Uint8Array): boolean {
  return file.subarray(2, 8).every((byte) => byte === 0) && file[8] === 0x7b;
}
