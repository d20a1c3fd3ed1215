import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { buildModel, initialise } from "@regnet/core";
import { expect, it } from "vitest";
import { temporaryFolder, tinyModel } from "../trainer/testing/tiny.js";
import { openNetwork } from "../use/network.js";
import { importRun, type NetworkToImport } from "./importRun.js";
import { RunLayout } from "./layout.js";
import { readRunSpec } from "./spec.js";

function network(channels: number, classes: readonly string[]): NetworkToImport {
  const weights = initialise(buildModel(tinyModel, { resolution: 16, channels, classes: classes.length }), 0);
  const normalisation = { mean: new Array<number>(channels).fill(0.5), std: new Array<number>(channels).fill(0.2) };
  return { model: tinyModel, weights, resolution: 16, channels, classes, normalisation, source: "a file" };
}

it("makes a run that is read back as it was imported", () => {
  const folder = join(temporaryFolder(), "run");
  const spec = importRun(folder, network(1, ["a", "b"]));
  expect(readRunSpec(folder)).toEqual(JSON.parse(JSON.stringify(spec)));
  expect(openNetwork(folder).card).toMatchObject({ channels: 1, classes: ["a", "b"] });
  expect(() => importRun(folder, network(1, ["a", "b"]))).toThrow(/holds a run already/);
});

it("takes no other run's weights for its own, nor writes over them", () => {
  const folder = join(temporaryFolder(), "run");
  importRun(folder, network(1, ["a", "b"]));
  const { spec, best } = new RunLayout(folder);
  const weights = readFileSync(best);
  rmSync(spec);
  expect(() => importRun(folder, network(3, ["a", "b"]))).toThrow(
    /missing .*run\.json; .*best.* is what is left of a run/,
  );
  expect(readFileSync(best).equals(weights)).toBe(true);
});

it.each([
  ["four channels", network(4, ["a", "b"]), /invalid channels: got 4, expected 1 or 3/],
  ["one class", network(3, ["a"]), /invalid network: .*classes/],
])("refuses a network of %s, and leaves no folder behind", (_, given, message) => {
  const folder = join(temporaryFolder(), "run");
  expect(() => importRun(folder, given)).toThrow(message);
  expect(existsSync(folder)).toBe(false);
});
