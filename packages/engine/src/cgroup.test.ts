import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { cgroupFree } from "./cgroup.js";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "regnet-cgroup-"));
});
afterEach(() => rmSync(root, { recursive: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

/** A group of version 2 below `folder`. */
function group2(folder: string, limit: string, anonymous: number): void {
  write(`sys/fs/cgroup/${folder}/memory.max`, `${limit}\n`);
  write(`sys/fs/cgroup/${folder}/memory.stat`, `anon ${anonymous}\nfile 700\nkernel 60\nshmem 30\nanon_thp 4000\n`);
}

function group1(folder: string, limit: string, anonymous: number): void {
  const own = "cache 700\nrss 10\nshmem 20\n";
  write(`sys/fs/cgroup/memory/${folder}/memory.limit_in_bytes`, `${limit}\n`);
  write(
    `sys/fs/cgroup/memory/${folder}/memory.stat`,
    `${own}total_cache 700\ntotal_rss ${anonymous}\ntotal_rss_huge 4000\ntotal_shmem 30\n`,
  );
}

/** What version 1 says where there is no limit. */
const NONE = "9223372036854771712";

it("is what a group's processes have left of its limit, and files' pages count as left", () => {
  write("proc/self/cgroup", "0::/jobs/one\n");
  group2("jobs/one", "8000", 5000);
  expect(cgroupFree(root)).toBe(2970);
});

it("is what is left of the limit of a group that it lies in, if that is less", () => {
  write("proc/self/cgroup", "0::/slurm/job_7/step_0/task_0\n");
  group2("slurm", "90000", 40_000);
  group2("slurm/job_7", "8000", 7000);
  group2("slurm/job_7/step_0", "8000", 5000);
  group2("slurm/job_7/step_0/task_0", "max", 5000);
  expect(cgroupFree(root)).toBe(970);
  group2("slurm/job_7/step_0", "4000", 5000);
  expect(cgroupFree(root)).toBe(0);
});

it.each(["4:memory:/jobs/one", "4:cpu,memory:/jobs/one", "4:memory,hugetlb:/jobs/one"])(
  "reads cgroups of version 1, also beside empty ones of version 2 (%s)",
  (line) => {
    write("proc/self/cgroup", `9:name=systemd:/\n${line}\n3:cpuset:/\n0::/\n`);
    group1("", NONE, 90_000);
    group1("jobs", "8000", 6000);
    group1("jobs/one", NONE, 5000);
    expect(cgroupFree(root)).toBe(1970);
  },
);

it.each([
  ["0::/docker/a7", group2],
  ["4:memory:/docker/a7", group1],
])("finds a container's own group where it is told the name from outside (%s)", (line, group) => {
  write("proc/self/cgroup", `${line}\n`);
  group("", "8000", 5000);
  expect(cgroupFree(root)).toBe(2970);
});

it("has no end where there are no cgroups or limits, or they do not tell", () => {
  expect(cgroupFree(root)).toBe(Number.POSITIVE_INFINITY);
  for (const groups of ["3:cpuset:/\n", "0::/\n", "0::/one\n"]) {
    write("proc/self/cgroup", groups);
    expect(cgroupFree(root)).toBe(Number.POSITIVE_INFINITY);
  }
  group2("one", "max", 5000);
  expect(cgroupFree(root)).toBe(Number.POSITIVE_INFINITY);
  write("sys/fs/cgroup/one/memory.max", "8000\n");
  rmSync(join(root, "sys/fs/cgroup/one/memory.stat"));
  expect(cgroupFree(root)).toBe(Number.POSITIVE_INFINITY);
});
