import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Latency } from "../analysis/trial.js";
import { measureFront } from "./front.js";

const predicted = (milliseconds: number): Latency => ({ milliseconds, from: "predicted" });

describe("measureFront", () => {
  it("leaves no predicted network on the front, and measures no more than it needs", async () => {
    const network = fc.record({
      error: fc.integer({ min: 0, max: 30 }),
      predicted: fc.integer({ min: 1, max: 30 }),
      measured: fc.integer({ min: 1, max: 30 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(network, { minLength: 1, maxLength: 25 }), async (networks) => {
        const asked: number[] = [];
        const contenders = networks.map((one) => ({ error: one.error, latency: predicted(one.predicted) }));
        const latencies = await measureFront(
          contenders,
          async (position) => {
            asked.push(position);
            return networks[position].measured;
          },
          { most: 100 },
        );
        expect(new Set(asked).size).toBe(asked.length);
        latencies.forEach(({ milliseconds, from }, i) => {
          expect(milliseconds).toBe(from === "measured" ? networks[i].measured : networks[i].predicted);
          const beaten = latencies.some(
            (other, j) =>
              other.milliseconds <= milliseconds &&
              networks[j].error <= networks[i].error &&
              (other.milliseconds < milliseconds || networks[j].error < networks[i].error || j < i),
          );
          if (!beaten) expect(from).toBe("measured");
        });
      }),
    );
  });

  it("puts in the place of a network that is slower than predicted the next one", async () => {
    const networks = [
      { error: 0.1, latency: predicted(1) },
      { error: 0.2, latency: predicted(2) },
      { error: 0.3, latency: predicted(0.5) },
    ];
    const latencies = await measureFront(networks, async (position) => [5, 2, 0.5][position]);
    expect(latencies.map(({ from }) => from)).toEqual(["measured", "measured", "measured"]);
    const stopped = await measureFront(networks, async () => 5, { most: 1 });
    expect(stopped.map(({ from }) => from)).toEqual(["measured", "predicted", "predicted"]);
    expect(await measureFront(networks, async () => 5, { enough: () => true })).toEqual(networks.map((n) => n.latency));
  });
});
