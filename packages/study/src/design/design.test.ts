import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { countModel, RegnetError } from "@regnet/core";
import { train } from "@regnet/train";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
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
  const asked = { data: "shapes:400", flops: 2e6, time: 170, workers: 2, engine: "onnxruntime" } as const;
  return { ...asked, folder: join(root, name), tools: simulatedTools(), ...changes };
}

/** What stays as it is in every language: names, units, and the symbols of costs and parameters. */
const KEPT = new Set(
  `shapes regnet RegNet RegNetX RegNetY shallow small constrained quick network cifar SE onnx ONNX onnxruntime Node linux darwin UTC
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

/** Tools whose trainings do not come to an end where they are told so; `fails` gets the study's name and the trial. */
function failingTools(fails: (study: string, id: number) => boolean): DesignTools {
  const diverges: Task = { progress: () => 0, run: () => Promise.reject(new RegnetError("training diverged")) };
  const executor = () => inProcess(({ spec: { name } }, id) => (fails(name, id) ? diverges : undefined));
  return { ...simulatedTools(), executor };
}

const steps = ({ decisions }: DesignResult) => decisions.map(({ step }) => step);

describe("design", () => {
  it("goes from a budget to a network, its files and its report", async () => {
    const result = await design(options("whole", { command: "regnet design --flops 2M" }));
    expect(steps(result)).toEqual([
      ...["data", "space", "latency", "speed", "plan", "entrants"],
      ...["rung", "rung", "measure", "finish", "export"],
    ]);
    const { winner, races: [race] = [], trials, files } = result.document;
    expect(race.lanes.filter(({ won }) => won).map(({ name }) => name)).toEqual([winner?.name]);
    expect(race.lanes.filter(({ fell }) => fell !== undefined)).toHaveLength(race.lanes.length - 1);
    expect(race.lanes.map(({ origin }) => origin).slice(0, 2)).toEqual(["rule", "published"]);
    for (const { complexity, latency, population } of trials) {
      expect(complexity.flops).toBeLessThanOrEqual(2.04e6);
      if (population === "RegNet-shallow-cifar") expect(complexity.flops).toBeGreaterThanOrEqual(1.4e6);
      expect(complexity.memory).toBeGreaterThan(4 * complexity.params);
      expect(latency?.milliseconds).toBeGreaterThan(0);
    }
    expect(trials).toHaveLength(race.lanes.length);
    expect(files?.map(({ path }) => path)).toEqual([join("network", "network.onnx")]);
    const page = readFileSync(result.report, "utf8");
    expect(page).toContain("regnet design --flops 2M");
    expect(page).toContain(winner?.name.split(" ")[0]);
  });

  it("lets the published network and the rule's pick win like any other", async () => {
    const favour = (favoured: string) => {
      const tools = simulatedTools();
      const executor = () =>
        inProcess((study, id) => {
          const { entrants } = JSON.parse(
            readFileSync(join(study.folder, "..", "..", "steps", "entrants.json"), "utf8"),
          ).value.reduce(
            (all: { entrants: string[] }, one: { origin: string }) => ({ entrants: [...all.entrants, one.origin] }),
            { entrants: [] },
          );
          if (study.spec.name !== "rung-1") return undefined;
          const error = entrants[id] === favoured ? 0.1 : 0.5;
          return {
            progress: () => 0,
            run: async () => ({
              error,
              finalError: error,
              bestEpoch: 1,
              epochs: 1,
              trainingSeconds: 1,
              imagesPerSecond: 1,
            }),
          };
        });
      return { ...tools, executor };
    };
    for (const origin of ["rule", "published"] as const) {
      const { document, decisions } = await design(options(`wins-${origin}`, { tools: favour(origin) }));
      expect(document.winner?.origin).toBe(origin);
      expect(decisions.find(({ step }) => step === "finish")).toMatchObject({ origin });
      expect(decisions.filter(({ step }) => step === "rung")).toHaveLength(1);
    }
  });

  it.each<DesignStep>(["data", "rung", "finish", "export"])(
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
      expect(steps(result)).toHaveLength(11);
      const again = await design(options(name));
      expect(again.decisions).toEqual(result.decisions);
      expect(again.document.winner?.name).toBe(result.document.winner?.name);
    },
  );

  it("writes its report in Chinese from end to end", async () => {
    const { report, document } = await design(options("zh", { language: "zh" }));
    expect(document.winner?.name).toBeDefined();
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
    expect(document.winner?.name).toBeDefined();
    expect(JSON.parse(readFileSync(join(root, "corrected", "design.json"), "utf8"))).toMatchObject({ time: 170 });
    await expect(design(options("corrected", { time: 9 }))).rejects.toThrow(/holds another design: time differs/);
  });

  it("takes the fallback where the images cannot be had", async () => {
    const notes: string[] = [];
    const asked = options("fallback", { data: "/no/such/folder", fallback: "shapes:400" });
    const result = await design(asked, { onNote: (note) => notes.push(note) });
    expect(notes[0]).toMatch(/^\/no\/such\/folder cannot be had \(unknown data set.*; shapes:400 takes its place$/);
    expect(result.document.reproduction.data).toContain("shapes");
  });

  it("goes on without what could not be trained, and says so", async () => {
    const tools = failingTools((study, id) => study === "rung-1" && id < 3);
    const { document, decisions } = await design(options("failing", { tools }));
    const [rung] = decisions.flatMap((one) => (one.step === "rung" ? one : []));
    expect(rung.failed).toHaveLength(3);
    expect(rung.failed[0]).toMatchObject({ reason: "training diverged" });
    expect(document.failed).toBe(3);
    expect(document.races?.[0].lanes.slice(0, 3).map(({ fell }) => fell?.why)).toEqual(Array(3).fill("failed"));
    expect(readFileSync(join(root, "failing", "report.html"), "utf8")).toContain("training diverged");
  });

  it("ends where no entrant could be trained, or the winner not to its end", async () => {
    const none = options("untrained", { tools: failingTools(() => true) });
    await expect(design(none)).rejects.toThrow(/^no network of the race could be trained \(training diverged\); run/);
    const unfinished = options("unfinished", { tools: failingTools((study) => study === "finish") });
    await expect(design(unfinished)).rejects.toThrow(/won the race, but could not be trained to the end: training div/);
  });

  it("lets a network race with its weights, for real and by steps", async () => {
    const model = {
      ...({ family: "regnet", stem: "cifar", stemWidth: 16 } as const),
      ...{ w0: 16, wa: 16, wm: 2, depth: 4, groupWidth: 16 },
    };
    const [run, folder] = [join(root, "origin"), join(root, "pretrained")];
    const data = writeGreyImages(join(root, "shades"), { classes: 6, train: 360, val: 120 });
    const real = { data, resolution: 16, engine: "onnxruntime" } as const;
    await train({ ...real, model, folder: run, steps: 60, threads: 1, workers: 0 });
    const asked = {
      ...real,
      folder,
      steps: 20,
      entrants: 2,
      pretrained: [run],
      flops: 2e6,
      precision: "fp32",
      threads: 1,
    };
    const { document } = await design(asked as DesignOptions);
    const [lane] = document.races?.[0].lanes ?? [];
    expect([lane.origin, lane.won]).toEqual(["pretrained", true]);
    expect(document.winner?.test).toBeGreaterThan(0.5);
  });

  it("trains as many entrants as are asked for", async () => {
    const { document } = await design(options("asked", { entrants: 6 }));
    expect(document.races?.[0].lanes).toHaveLength(6);
    const alone = await design(options("alone-asked", { entrants: 1 }));
    expect(steps(alone)).not.toContain("rung");
    expect(alone.document.winner?.origin).toBe("rule");
  });

  it("gives a family a race and a network for each budget", async () => {
    const budgets = [1e6, 2e6, 4e6];
    const result = await design(options("family", { flops: budgets, time: 600 }));
    const { family = [], familyTrends = [], trials, winner, files = [], races = [] } = result.document;
    expect(winner).toBeUndefined();
    expect(races.map(({ budget }) => budget)).toEqual(budgets);
    expect(family.map(({ budget }) => budget)).toEqual(budgets);
    for (const { budget, network } of family) {
      expect(network.complexity.flops).toBeLessThanOrEqual(1.02 * budget);
      expect(network.complexity.flops).toBeGreaterThanOrEqual(0.62 * budget);
    }
    expect(new Set(trials.map(({ population }) => population))).toEqual(new Set(["1MF", "2MF", "4MF", "–"]));
    expect(new Set(trials.map(({ id }) => id)).size).toBe(trials.length);
    expect(familyTrends.map(({ quantity }) => quantity)).toEqual(["w0", "wa", "g"]);
    expect(files).toHaveLength(3);
    const page = readFileSync(result.report, "utf8");
    for (const { path } of files) expect(page).toContain(`<code>${path}</code>`);
  });

  it("lets nothing race that is too slow when it is measured", async () => {
    const slow = new Set<string>();
    let choosing = false;
    const measure: DesignTools["measure"] = () => async (model, input) => {
      if (choosing && slow.size < 2) slow.add(JSON.stringify(model));
      return slow.has(JSON.stringify(model)) ? 9 : 0.1 + countModel(model, input).flops / 1e8;
    };
    const asked = { flops: 4e6, latency: { max: 0.185 }, tools: { ...simulatedTools(), measure } };
    const hooks: DesignHooks = { onStep: (step) => (choosing ||= step === "entrants") };
    const { decisions } = await design(options("slow", asked), hooks);
    expect(decisions.find(({ step }) => step === "entrants")).toMatchObject({ slow: 2 });
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
    expect(document.winner?.latency).toBeGreaterThan(0);
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
