import { readFile, stat } from "node:fs/promises";
import { missing, RegnetError, readWeights, type Safetensors } from "@regnet/core";
import { naming } from "./files.js";

const LIMIT = 2 ** 31;

/**
 * The tensors of a .safetensors, .pth or .pyth file.
 *
 * @throws RegnetError naming the file
 */
export async function readWeightsFile(path: string): Promise<Safetensors> {
  const found = await stat(path).catch(() => undefined);
  if (!found) throw missing(`file ${path}`, "give a .safetensors, .pth or .pyth file");
  if (!found.isFile()) throw new RegnetError(`invalid file: ${path} is a folder`, "invalid", path);
  if (found.size >= LIMIT) throw new RegnetError(`unsupported file: ${path} is larger than 2 GiB`, "unsupported", path);
  const file = await readFile(path);
  return naming(path, () => readWeights(file));
}
