import { RegnetError } from "../errors.js";
import { readSafetensors, type Safetensors } from "./readSafetensors.js";
import { readTorch } from "./torch/readTorch.js";
import { isZip } from "./torch/zip.js";

const PICKLE = 0x80;
const BRACE = 0x7b;

/**
 * Reads a safetensors file or one of PyTorch's `torch.save`, whichever it is; its name does not matter.
 *
 * @throws RegnetError (`corrupt`, `unsupported`); nothing of the file is executed
 */
export function readWeights(file: Uint8Array): Safetensors {
  if (hasHeader(file)) return readSafetensors(file);
  if (isZip(file) || file[0] === PICKLE) return { tensors: readTorch(file), metadata: {} };
  throw new RegnetError("unsupported weights: neither a safetensors file nor one of torch.save", "unsupported");
}

/** A safetensors file starts with the length of its header, which starts with a brace. */
function hasHeader(file: Uint8Array): boolean {
  return file[8] === BRACE && !isZip(file);
}
