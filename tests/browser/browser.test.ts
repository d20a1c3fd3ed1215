import { type Graph, initialise, regnet, toOnnx } from "@regnet/core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type OpenPage, openPage } from "./open.js";

const model: Graph = regnet(
  { w0: 24, wa: 36.44, wm: 2.49, depth: 13, groupWidth: 8, se: 0.25 },
  { resolution: 32, classes: 10 },
);

let opened: OpenPage;
beforeAll(async () => {
  opened = await openPage(new Map());
});
afterAll(() => opened?.close());

it("applies the rule in a browser", async () => {
  const widths = await opened.page.evaluate(
    () => globalThis.regnetCore.applyRule({ w0: 24, wa: 24.48, wm: 2.54, depth: 22, groupWidth: 16 }).widths,
  );
  expect(widths).toEqual([32, 64, 160, 384]);
});

it("writes the same ONNX bytes in a browser as in Node", async () => {
  const digest = await opened.page.evaluate(async () => {
    const { regnet, initialise, toOnnx } = globalThis.regnetCore;
    const parameters = { w0: 24, wa: 36.44, wm: 2.49, depth: 13, groupWidth: 8, se: 0.25 };
    const graph = regnet(parameters, { resolution: 32, classes: 10 });
    const bytes = toOnnx(graph, { weights: initialise(graph, 1) });
    return [...new Uint8Array(await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>))];
  });
  const onnx = toOnnx(model, { weights: initialise(model, 1) });
  const here = await crypto.subtle.digest("SHA-256", onnx as Uint8Array<ArrayBuffer>);
  expect(digest).toEqual([...new Uint8Array(here)]);
});
