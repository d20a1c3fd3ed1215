import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { cgroupBytes } from "./cgroup.js";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "regnet-cgroup-"));
});
afterEach(() => rmSync(root, { recursive: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

const V2 = "anon 5000\nfile 700\nkernel 60\nshmem 30\nanon_thp 4000\n";
const V1 = "cache 700\nrss 10\nshmem 20\ntotal_cache 700\ntotal_rss 5000\ntotal_rss_huge 4000\ntotal_shmem 30\n";

it("counts what a group's processes hold, and not the pages of files", () => {
  write("proc/self/cgroup", "0::/jobs/one\n");
  write("sys/fs/cgroup/jobs/one/memory.stat", V2);
  write("sys/fs/cgroup/memory.stat", "anon 90000\nshmem 0\n");
  expect(cgroupBytes(root)).toBe(5030);
});

it.each(["4:memory:/jobs/one", "4:cpu,memory:/jobs/one", "4:memory,hugetlb:/jobs/one"])(
  "reads cgroups of version 1, also beside empty ones of version 2 (%s)",
  (line) => {
    write("proc/self/cgroup", `9:name=systemd:/\n${line}\n3:cpuset:/\n0::/\n`);
    write("sys/fs/cgroup/memory/jobs/one/memory.stat", V1);
    expect(cgroupBytes(root)).toBe(5030);
  },
);

it.each([
  ["0::/docker/a7", "sys/fs/cgroup/memory.stat", V2],
  ["4:memory:/docker/a7", "sys/fs/cgroup/memory/memory.stat", V1],
])("finds a container's own group where it is told the name from outside (%s)", (line, path, text) => {
  write("proc/self/cgroup", `${line}\n`);
  write(path, text);
  expect(cgroupBytes(root)).toBe(5030);
});

it("is nothing where there are no cgroups, or they do not tell", () => {
  expect(cgroupBytes(root)).toBe(0);
  write("proc/self/cgroup", "3:cpuset:/\n");
  expect(cgroupBytes(root)).toBe(0);
  write("proc/self/cgroup", "0::/\n");
  expect(cgroupBytes(root)).toBe(0);
});
