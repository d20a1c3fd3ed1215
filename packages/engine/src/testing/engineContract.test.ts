import { ops } from "@regnet/core";
import { expect, it } from "vitest";
import { opCases } from "./contract/cases/index.js";

it("has a case for every op of the core", () => {
  const covered = new Set(opCases().flatMap(({ graph }) => graph.nodes.map((node) => node.op)));
  expect([...covered].sort()).toEqual([...ops.keys()].sort());
});

it("names every case once", () => {
  const names = opCases().map(({ name }) => name);
  expect(names).toEqual([...new Set(names)]);
});
