import { describe, expect, it } from "vitest";
import { engineContract } from "../testing/index.js";

// contract.test.ts runs kernels of our own where there are any; here the library computes everything.
process.env.REGNET_KERNELS = "onednn";
const { onednn } = await import("./engine.js");

describe("the library's kernels", () => {
  it("are the only ones", () => {
    const found = onednn.probe();
    expect(found.available && found.ownKernels).toBe(false);
  });
});

engineContract(onednn, { describe, it }, { compile: { threads: 2 } });
