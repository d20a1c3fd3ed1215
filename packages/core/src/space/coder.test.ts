import { describe, expect, it } from "vitest";
import { randomFor, uniform } from "../random/random.js";
import { NetworkCoder } from "./coder.js";
import { findSpace, spaces } from "./named/index.js";
import { samplePopulation } from "./sample.js";

const IMAGES = { resolution: 64, channels: 3, classes: 10 };
const exhausted = () => {
  throw new Error("no number is to be drawn");
};
const nothing = { next: exhausted, clone: exhausted, getState: exhausted };

describe("NetworkCoder", () => {
  it.each(spaces.map(({ name }) => name))("makes the same network of %s of its genes again", (name) => {
    const coder = new NetworkCoder(findSpace(name), IMAGES);
    const random = randomFor(1, name);
    let found = 0;
    for (let i = 0; i < 2000 && found < 20; i++) {
      const network = coder.draw(random);
      if (!network) continue;
      found++;
      expect(coder.decode(network.genes, nothing)).toEqual(network);
      for (const gene of network.genes) expect(gene >= 0 && gene < 2 ** 32 && Number.isInteger(gene)).toBe(true);
    }
    expect(found).toBe(20);
  });

  it("draws what a population of the same numbers has", () => {
    const space = findSpace("RegNetX");
    const options = { ...IMAGES, limits: { flops: { max: 50e6 } } };
    const { networks } = samplePopulation(space, { ...options, count: 10, seed: 4 });
    const coder = new NetworkCoder(space, options);
    const random = randomFor(4, "population of RegNetX");
    const drawn = Array.from({ length: 1000 }, () => coder.draw(random)).flatMap((one) => one ?? []);
    expect(drawn.slice(0, 10).map(({ spec }) => spec)).toEqual(networks.map(({ spec }) => spec));
  });

  it("keeps to the limits, and to what a caller accepts", () => {
    const flops = { min: 5e6, max: 10e6 };
    const coder = new NetworkCoder(findSpace("AnyNetXE"), {
      ...IMAGES,
      limits: { flops },
      accept: ({ complexity }) => (complexity.params > 1e6 ? "params" : undefined),
    });
    const random = randomFor(2);
    const found = Array.from({ length: 5000 }, () => coder.draw(random)).flatMap((one) => one ?? []);
    expect(found.length).toBeGreaterThan(10);
    for (const { complexity } of found) {
      expect(complexity.flops >= flops.min && complexity.flops <= flops.max && complexity.params <= 1e6).toBe(true);
    }
  });

  it("moves one parameter where one gene moves", () => {
    const coder = new NetworkCoder(findSpace("RegNetX"), IMAGES);
    const random = randomFor(3);
    let [before, moved] = [coder.draw(random), 0];
    while (!before) before = coder.draw(random);
    for (let i = 0; i < 400; i++) {
      const genes = before.genes.with(0, Math.floor(uniform(random) * 2 ** 32));
      const after = coder.decode(genes, random);
      if (!after || after.key === before.key) continue;
      const [a, b] = [before.spec, after.spec] as unknown as Record<string, unknown>[];
      expect(Object.keys(a).filter((name) => JSON.stringify(a[name]) !== JSON.stringify(b[name]))).toEqual(["w0"]);
      moved++;
    }
    expect(moved).toBeGreaterThan(5);
  });
});
