import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { countModel, RegnetError } from "@regnet/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ProcessDeath } from "../analysis/decision.js";
import { latencyFeatures } from "../latency/calibrate.js";
import { predictLatency } from "../latency/model.js";
import { readTrials } from "../study/read.js";
import { openStudy } from "../study/study.js";
import type { Task } from "../study/task.js";
import { writeGreyImages } from "../study/testing.js";
import type { DesignTools } from "./context.js";
import { type DesignOptions, type DesignResult, design } from "./design.js";
import type { DesignHooks, DesignStep } from "./hooks.js";
import { inProcess, simulatedTools } from "./testing.js";

const root = mkdtempSync(join(tmpdir(), "regnet-design-"));
const cache = process.env.REGNET_CACHE;
beforeAll(() => {
  process.env.REGNET_CACHE = join(root, "cache");
});
afterAll(() => {
  if (cache === undefined) delete process.env.REGNET_CACHE;
  else process.env.REGNET_CACHE = cache;
  rmSync(root, { recursive: true, force: true });
});

function options(name: string, changes: Partial<DesignOptions> = {}): DesignOptions {
  const asked = { data: "shapes:400", flops: 2e6, time: 8, workers: 2, engine: "onnxruntime" } as const;
  return { ...asked, folder: join(root, name), tools: simulatedTools(), ...changes };
}

/** What stays as it is in every language: names, units, and the symbols of costs and parameters. */
const KEPT = new Set(
  `shapes regnet RegNetY small constrained quick network cifar SE onnx ONNX onnxruntime Node linux darwin UTC
  Dvoretzky Kiefer Wolfowitz DKW Kolmogorov Smirnov KS top ms MF KF int8 fp32 float32 flops acts depth w0 wa wm`.split(
    /\s+/,
  ),
);

/** Latin words that a page shows beside those, the machine's name and the space's document. */
function strayWords(page: string): string[] {
  const shown = page
    .replace(/<(script|style)\b.*?<\/\1>/gs, " ")
    .replace(/<dd>\{.*?<\/dd>/gs, " ")
    .replace(/<[^>]*>/g, " ")
    .replace(cpus()[0].model, " ");
  return [...new Set(shown.match(/[A-Za-z][A-Za-z0-9]+/g))].filter((word) => !KEPT.has(word));
}

/** Tools whose full trainings fail where the network's name says so. */
function failingTools(
  fails: (name: string) => boolean,
  why: { reason: string } | { death: ProcessDeath } = { reason: "no memory\n    at train" },
): DesignTools {
  const tools = simulatedTools();
  const fullTrainer: DesignTools["fullTrainer"] = async (training) =>
    (await tools.fullTrainer(training)).map((one) => (fails(one.name) ? { name: one.name, ...why } : one));
  return { ...tools, fullTrainer };
}

/** True of one network of the design's own, the first that is asked about: which ones get that far depends on the machine's speed. */
function firstOwn(): (name: string) => boolean {
  let first: string | undefined;
  return (name) => {
    if (name.includes("#")) first ??= name;
    return name === first;
  };
}

const steps = ({ decisions }: DesignResult) => decisions.map(({ step }) => step);

describe("design", () => {
  it("goes from a budget to a network, its files and its report", async () => {
    const result = await design(options("whole", { command: "regnet design --flops 2M" }));
    expect(steps(result)).toEqual([
      "data",
      "space",
      "speed",
      "latency",
      "plan",
      "explore",
      "narrow",
      "refine",
      "measure",
      "finalists",
      "baseline",
      "choose",
      "export",
    ]);
    const { winner, networks = [], trials, files } = result.document;
    expect(winner?.role).toBe("winner");
    expect(networks.map(({ role }) => role)).toEqual(["winner", "finalist", "finalist", "baseline"]);
    expect(winner?.accuracy).toBe(Math.max(...networks.filter((n) => n.role !== "baseline").map((n) => n.accuracy)));
    for (const { complexity, latency } of trials) {
      expect(complexity.flops).toBeGreaterThanOrEqual(1.8e6);
      expect(complexity.flops).toBeLessThanOrEqual(2e6);
      expect(complexity.memory).toBeGreaterThan(4 * complexity.params);
      expect(latency?.milliseconds).toBeGreaterThan(0);
    }
    const timed = result.document.analysis.fronts.find(({ metric }) => metric === "latency");
    for (const position of timed?.front ?? []) expect(timed?.points[position].predicted).toBe(false);
    expect(trials.find(({ id }) => id === winner?.trial)?.latency).toEqual({
      milliseconds: winner?.latency,
      from: "measured",
    });
    expect(new Set(trials.map(({ id }) => id)).size).toBe(trials.length);
    expect(new Set(trials.map(({ population }) => population)).size).toBe(2);
    expect(files?.map(({ path }) => path)).toEqual([join("network", "network.onnx")]);
    const page = readFileSync(result.report, "utf8");
    expect(page).toContain("regnet design --flops 2M");
    expect(page).toContain(winner?.name.split(" ")[0]);
  });

  it.each<DesignStep>(["data", "explore", "train", "export"])(
    "stopped at %s, it ends as if undisturbed when it is run again",
    async (at) => {
      const stop = new AbortController();
      const hooks: DesignHooks = { onStep: (step) => step === at && stop.abort(new Error("interrupted")) };
      const name = `stopped-${at}`;
      await expect(design(options(name, { signal: stop.signal }), hooks)).rejects.toThrow("interrupted");
      expect(existsSync(join(root, name, "report.html"))).toBe(false);
      const kept: DesignStep[] = [];
      const result = await design(options(name), { onStep: (step, done) => done && kept.push(step) });
      expect(kept).not.toContain(at);
      expect(steps(result)).toHaveLength(13);
      const again = await design(options(name));
      expect(again.decisions).toEqual(result.decisions);
      expect(again.document.winner?.name).toBe(result.document.winner?.name);
    },
  );

  it("writes its report in Chinese from end to end", async () => {
    const { report, document } = await design(options("zh", { language: "zh" }));
    expect(new Set(document.trials.map(({ population }) => population)).size).toBe(2);
    expect(strayWords(readFileSync(report, "utf8"))).toEqual([]);
  });

  it("refuses a folder that holds another design, and two at once", async () => {
    const first = design(options("held"));
    await expect(design(options("held"))).rejects.toThrow(/is being worked on by process \d+/);
    await first;
    await expect(design(options("held", { flops: 3e6 }))).rejects.toThrow(/holds another design: flops differs; give/);
  });

  it("keeps what a recipe's file says, and refuses the folder once that is changed", async () => {
    const recipe = join(root, "recipe.json");
    writeFileSync(recipe, JSON.stringify({ base: "quick", clipNorm: 3.25 }));
    const { document } = await design(options("recipe", { recipe }));
    expect(document.reproduction.recipe).toContain('"clipNorm":3.25');
    expect(JSON.parse(readFileSync(join(root, "recipe", "design.json"), "utf8"))).toMatchObject({
      recipe: { clipNorm: 3.25 },
    });
    writeFileSync(recipe, JSON.stringify({ base: "quick", clipNorm: 4 }));
    await expect(design(options("recipe", { recipe }))).rejects.toThrow(/holds another design: recipe differs; give/);
  });

  it("sees images at the size that they have", async () => {
    const { document } = await design(options("sizes", { data: writeGreyImages(join(root, "grey")) }));
    expect(document.reproduction.data).toContain("1 × 16²");
  });

  it("lets a request be corrected before its first step, and its time until it is planned", async () => {
    await expect(design(options("corrected", { data: "/no/such/folder" }))).rejects.toThrow(/unknown data set/);
    await expect(design(options("corrected", { time: 1 }))).rejects.toThrow(/the time does not suffice/);
    await expect(design(options("corrected", { flops: 3e6 }))).rejects.toThrow(/holds another design: flops differs/);
    const { document } = await design(options("corrected"));
    expect(document.winner?.role).toBe("winner");
    expect(JSON.parse(readFileSync(join(root, "corrected", "design.json"), "utf8"))).toMatchObject({ time: 8 });
    await expect(design(options("corrected", { time: 9 }))).rejects.toThrow(/holds another design: time differs/);
  });

  it("takes the fallback where the images cannot be had", async () => {
    const notes: string[] = [];
    const asked = options("fallback", { data: "/no/such/folder", fallback: "shapes:400" });
    const result = await design(asked, { onNote: (note) => notes.push(note) });
    expect(notes[0]).toMatch(/^\/no\/such\/folder cannot be had \(unknown data set.*; shapes:400 takes its place$/);
    expect(result.document.reproduction.data).toContain("shapes");
  });

  it("goes on without what could not be trained fully, and says so", async () => {
    const isFirst = firstOwn();
    const fails = (name: string) => name.startsWith("RegNetY-200MF") || isFirst(name);
    const { document, decisions } = await design(options("failing", { tools: failingTools(fails), finalists: 64 }));
    expect(decisions.find(({ step }) => step === "train")).toMatchObject({
      failed: [{ name: expect.stringContaining("#"), reason: "no memory" }, { name: "RegNetY-200MF" }],
    });
    expect(decisions.map(({ step }) => step)).not.toContain("baseline");
    expect(document.winner?.role).toBe("winner");
    expect(document.networks?.some(({ name }) => fails(name))).toBe(false);
  });

  it("tells of trials that failed, and of a second round that gave nothing", async () => {
    const diverges: Task = { progress: () => 0, run: () => Promise.reject(new RegnetError("diverged")) };
    const executor = () =>
      inProcess(({ spec: { name } }, id) =>
        name === "refine" || (name === "explore" && id === 0) ? diverges : undefined,
      );
    const tools = { ...simulatedTools(), executor };
    const { document, decisions } = await design(options("failed", { tools }));
    const unrefined = decisions.flatMap((one) => (one.step === "unrefined" ? one : []));
    expect(unrefined).toMatchObject([{ failed: unrefined[0].drawn, stopped: false }]);
    expect(document.failed).toBe(1 + unrefined[0].failed);
    expect(document.winner?.role).toBe("winner");
    expect(readFileSync(join(root, "failed", "report.html"), "utf8")).toContain(
      "draws the same networks in the same order",
    );
  });

  it("ends where no finalist could be trained, and can be run again", async () => {
    const none = options("untrained", { tools: failingTools((name) => name.includes("#")) });
    await expect(design(none)).rejects.toThrow(/^no finalist could be trained fully \(.*: no memory; .*run the same/);
    expect((await design(options("untrained"))).document.winner?.role).toBe("winner");
  });

  it("says how the process of a training died, and the last that it wrote", async () => {
    const death = { by: 134, tail: "<--- Last few GCs --->\n\nFATAL ERROR: heap out of memory\n\n" };
    const died = options("died", { tools: failingTools(firstOwn(), { death }), finalists: 64 });
    expect((await design(died)).decisions.find(({ step }) => step === "train")).toMatchObject({
      failed: [{ death: { by: 134, tail: "FATAL ERROR: heap out of memory" } }],
    });
  });

  it("gives a family one network a budget, by the rule found", async () => {
    const budgets = [1e6, 2e6, 4e6];
    const result = await design(options("family", { flops: budgets, time: 20 }));
    expect(steps(result)).toEqual([
      ...["data", "space", "speed", "speed", "speed", "latency", "plan"],
      ...["explore", "explore", "explore", "measure", "rule", "members", "family"],
    ]);
    const told = result.decisions.flatMap((decision) => (decision.step === "explore" ? decision.budget : []));
    expect(told).toEqual(budgets);
    const trends = result.document.familyTrends ?? [];
    const rule = result.decisions.find((decision) => decision.step === "rule");
    expect(trends.map(({ quantity, exponent }) => [quantity, exponent])).toEqual(
      rule?.trends.map(({ parameter, exponent }) => [parameter, exponent]),
    );
    const { family = [], trials, winner, files = [] } = result.document;
    expect(winner).toBeUndefined();
    expect(family.map(({ budget }) => budget)).toEqual(budgets);
    for (const { budget, network } of family) {
      expect(network.complexity.flops).toBeLessThanOrEqual(budget);
      expect(network.complexity.flops).toBeGreaterThanOrEqual(0.9 * budget);
    }
    expect(new Set(trials.map(({ population }) => population))).toEqual(new Set(["1MF", "2MF", "4MF"]));
    expect(files).toHaveLength(3);
    const page = readFileSync(result.report, "utf8");
    for (const { path } of files) expect(page).toContain(`<code>${path}</code>`);
  });

  it("gives a family networks that keep to the latency when they are measured", async () => {
    const slow = new Set<string>();
    let choosing = false;
    const measure: DesignTools["measure"] = () => async (model, input) => {
      if (choosing && slow.size < 2) slow.add(JSON.stringify(model));
      return slow.has(JSON.stringify(model)) ? 9 : 0.1 + countModel(model, input).flops / 1e8;
    };
    const asked = { flops: [4e6, 8e6], latency: { max: 0.185 }, time: 20, tools: { ...simulatedTools(), measure } };
    const hooks: DesignHooks = { onStep: (step) => (choosing ||= step === "finalists") };
    const { document, decisions } = await design(options("family-latency", asked), hooks);
    const told = decisions.flatMap((one) => (one.step === "members" ? one.members : []));
    expect(told).toMatchObject([
      { budget: 4e6, passed: 2, slow: false },
      { budget: 8e6, passed: 0, slow: false },
    ]);
    for (const { network } of document.family ?? []) expect(network.latency).toBeLessThanOrEqual(0.185);
  });

  it("refuses budgets of a family that one network could meet", async () => {
    await expect(design(options("close", { flops: [5e6, 5.5e6] }))).rejects.toThrow(
      /^invalid design.flops: .* expected budgets at least 15 % apart/,
    );
  });

  it("fits a latency model where a latency is asked for, and measures the finalists again", async () => {
    const { document, decisions } = await design(options("latency", { latency: 50 }));
    expect(document.latency?.points.length).toBeGreaterThanOrEqual(5);
    expect(decisions.map(({ step }) => step)).toContain("latency");
    for (const { latency } of document.trials) expect(latency?.milliseconds).toBeLessThanOrEqual(50);
    for (const { latency } of document.networks ?? []) expect(latency).toBeGreaterThan(0);
  });

  it("measures the speed of networks that keep to the limits", async () => {
    const { document } = await design(options("alone", { flops: undefined, latency: 0.14 }));
    const { model } = document.latency ?? {};
    const probed = readTrials(openStudy(join(root, "alone", "studies", "probe-1-1")));
    expect(probed.length).toBeGreaterThan(0);
    for (const { trial } of probed) {
      const features = latencyFeatures({ spec: trial.model, complexity: trial.complexity });
      expect(model && predictLatency(model, features)).toBeLessThanOrEqual(0.14);
    }
  });

  it("keeps every limit", async () => {
    const limits = { params: 300_000, acts: { max: 150_000 }, memory: 2_500_000 };
    const { document } = await design(options("limits", limits));
    for (const { complexity } of document.trials) {
      expect(complexity.params).toBeLessThanOrEqual(300_000);
      expect(complexity.acts).toBeLessThanOrEqual(150_000);
      expect(complexity.memory).toBeLessThanOrEqual(2_500_000);
    }
  });

  it("says what budget is missing and what cannot be met", async () => {
    await expect(design(options("none", { flops: undefined }))).rejects.toThrow(/missing budget; give at least one of/);
    await expect(design(options("tiny", { flops: 100 }))).rejects.toThrow(/cannot sample RegNetY-small: found 0 of/);
  });

  it("counts the time of earlier attempts", async () => {
    const { seconds } = await design(options("clock"));
    const again = await design(options("clock"));
    expect(again.seconds).toBeGreaterThan(seconds);
  });
});
