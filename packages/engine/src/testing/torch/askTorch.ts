import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readSafetensors, type TensorData, type TensorToStore, writeSafetensors } from "@regnet/core";

const PYTHON = process.env.REGNET_PYTHON ?? "/usr/bin/python3";
const SCRIPT = fileURLToPath(new URL("./reference.py", import.meta.url));

/** Hands a question and its tensors to PyTorch (see reference.py) and gives the tensors of its answer. */
export function askTorch(
  question: unknown,
  tensors: Readonly<Record<string, TensorToStore>>,
): Readonly<Record<string, TensorData>> {
  const folder = mkdtempSync(join(tmpdir(), "regnet-torch-"));
  try {
    writeFileSync(join(folder, "question.json"), JSON.stringify(question));
    writeFileSync(join(folder, "question.safetensors"), writeSafetensors(tensors));
    execFileSync(PYTHON, [SCRIPT, folder], { stdio: ["ignore", "ignore", "pipe"] });
    const { tensors: answer } = readSafetensors(new Uint8Array(readFileSync(join(folder, "answer.safetensors"))));
    return Object.fromEntries(Object.entries(answer).map(([name, { data }]) => [name, data]));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
