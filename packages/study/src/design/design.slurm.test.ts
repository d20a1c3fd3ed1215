import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { SlurmExecutor } from "../executors/slurm/slurm.js";
import { readSubmissions } from "../executors/slurm/submissions.js";
import { openStudy } from "../study/study.js";
import { design } from "./design.js";

const root = mkdtempSync(join(tmpdir(), "regnet-design-slurm-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

it("races on a cluster: a job array a rung, and the winner goes on as a job of all threads", async () => {
  const executor = new SlurmExecutor({ poll: 0.5 });
  const folder = join(root, "design");
  const { document } = await design({
    ...{ folder, data: "shapes:600", flops: 2e6, steps: 30, entrants: 4, workers: 4, threads: 2, resolution: 16 },
    ...{ engine: "onnxruntime", precision: "fp32", tools: { executor: () => executor } },
  });
  expect(document.races?.[0].lanes).toHaveLength(4);
  expect(document.winner?.test).toBeGreaterThan(0);
  const tasks = (name: string) => {
    const study = openStudy(join(folder, "studies", name));
    return [study.spec.threads, readSubmissions(study).flatMap((one) => one.tasks).length];
  };
  expect(tasks("rung-1")).toEqual([1, 4]);
  expect(tasks("finish")).toEqual([2, 1]);
});
