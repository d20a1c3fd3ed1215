import { RegnetError } from "@regnet/core";
import { describe, expect, it } from "vitest";
import { choose, chooseEngine } from "./choose.js";
import type { Availability, Engine, EngineId } from "./engine.js";

function engine(id: EngineId, available: boolean): Engine {
  const probe = (): Availability =>
    available
      ? { available, engine: id, version: "1", instructionSet: "x", threads: 1, precisions: ["fp32"] }
      : { available, engine: id, reason: "no libdnnl", remedy: "apt install libdnnl2" };
  return { id, probe, compile: () => Promise.reject(new RegnetError("not compiled here")) };
}

describe("chooseEngine", () => {
  const broken = [engine("onednn", false), engine("onnxruntime", true)];

  it("takes the fastest that is available", () => {
    expect(choose([engine("onednn", true), engine("onnxruntime", true)], "auto").id).toBe("onednn");
    expect(choose(broken, "auto").id).toBe("onnxruntime");
  });

  it("names the remedy when the named engine cannot run", () => {
    expect(() => choose(broken, "onednn")).toThrow(
      "missing engine; onednn cannot run here: no libdnnl (remedy: apt install libdnnl2)",
    );
  });

  it("says so when none can run", () => {
    expect(() => choose([engine("onednn", false), engine("onnxruntime", false)], "auto")).toThrow(
      /onednn cannot run here.*onnxruntime cannot run here/,
    );
  });

  it("refuses names it does not know", () => {
    expect(() => chooseEngine("onnxruntimes" as EngineId)).toThrow('did you mean "onnxruntime"?');
  });

  it("finds an engine on this machine", () => {
    expect(chooseEngine().probe().available).toBe(true);
    expect(chooseEngine("onnxruntime").id).toBe("onnxruntime");
  });
});
