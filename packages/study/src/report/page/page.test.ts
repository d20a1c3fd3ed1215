import { describe, expect, it } from "vitest";
import { analyse } from "../../analysis/analyse.js";
import { syntheticPopulation } from "../../analysis/synthetic.js";
import type { FinishedTrial } from "../../analysis/trial.js";
import type { RaceReport, ReportDocument, TrainedNetwork } from "../document.js";
import { reportPage } from "./page.js";

const trials = [...syntheticPopulation("RegNetX", 30), ...syntheticPopulation("RegNetY", 30, { firstId: 30 })];
const document: ReportDocument = {
  kind: "study",
  language: "en",
  title: "A <script>alert(1)</script> study",
  made: "2026-01-02T03:04:05Z",
  analysis: analyse(trials),
  trials,
  reproduction: { command: "regnet study run s", seed: "0" },
};
const english = reportPage(document);

describe("reportPage", () => {
  it("needs nothing but itself", () => {
    expect(english).not.toMatch(/(?:src|href)="(?!#)/);
    expect(english).not.toMatch(/url\(\s*["']?https?:|@import/);
    expect(english).toContain("default-src 'none'");
  });

  it("escapes whatever text it is given", () => {
    expect(english).not.toContain("<script>alert");
    const hostile = { ...trials[0], population: "</script><img src=x onerror=alert(1)>" };
    const page = reportPage({ ...document, trials: [hostile], analysis: analyse([hostile]) });
    expect(page).not.toContain("<img");
  });

  it("has a section a question, in the order of the argument", () => {
    const sections = [...english.matchAll(/<section id="(\w+)"/g)].map(([, id]) => id);
    expect(sections).toEqual([
      "edf",
      "comparison",
      "normalised",
      "ranges",
      "pareto",
      "profiles",
      "efficiency",
      "trends",
      "trials",
      "reproduce",
    ]);
    expect(new Set(ids(english)).size).toBe(ids(english).length);
  });

  it("says how many networks it speaks of, also where there are none", () => {
    expect(english).toContain("60 trained networks<");
    const none = { ...document, trials: [], analysis: analyse([]) };
    expect(reportPage({ ...none, failed: 3 })).toContain("no trained networks, 3 failed<");
    expect(reportPage({ ...none, language: "zh" })).toContain("尚无训练完的网络<");
  });

  it("shows either band of an EDF", () => {
    const section = /<section id="edf">.*?<\/section>/s.exec(english)?.[0] ?? "";
    expect(section.match(/<input type="radio" name="edf-band"/g)).toHaveLength(2);
    expect(section.match(/<figure/g)).toHaveLength(2);
    for (const words of ["95 % band of the whole curve (DKW)", "95 % band at each error (bootstrap)"]) {
      expect(section).toContain(`>${words}</label>`);
      expect(section).toContain(`(${words}): RegNetX`);
    }
    const [dkw, bootstrap] = section.split("<figure").slice(1);
    expect(dkw.replace(/f\d+/g, "")).not.toBe(bootstrap.replace(/f\d+/g, ""));
  });

  it("gives each population's band a picture of its own where they are many", () => {
    const many = ["A", "B", "C", "D"].flatMap((name, i) => syntheticPopulation(name, 30, { firstId: 30 * i }));
    const page = reportPage({ ...document, trials: many, analysis: analyse(many) });
    const section = /<section id="edf">.*?<\/section>/s.exec(page)?.[0] ?? "";
    const bandsOf = (figure: string) => figure.match(/fill-opacity="0\.14"/g)?.length ?? 0;
    const [all, ...panels] = section.split("<figure").slice(1);
    expect(bandsOf(all)).toBe(0);
    expect(all).toContain("before the others in grey");
    expect(panels.map(bandsOf)).toEqual(Array(8).fill(1));
    const captions = panels.map((panel) => /<figcaption>(\w) {2}30/.exec(panel)?.[1]);
    expect(captions).toEqual(["A", "B", "C", "D", "A", "B", "C", "D"]);
    expect(panels[0].replace(/f\d+/g, "")).not.toBe(panels[4].replace(/f\d+/g, ""));
  });

  it("says of each cost whether it was counted, measured or predicted", () => {
    const remembered = trials.map((trial, i): FinishedTrial => {
      const from = i % 3 === 0 ? "measured" : "predicted";
      const complexity = { ...trial.complexity, memory: i < 45 ? 1e6 + 1e4 * i : undefined };
      return { ...trial, complexity, latency: { milliseconds: 1 + i, from } };
    });
    const page = reportPage({ ...document, trials: remembered, analysis: analyse(remembered) });
    const section = /<section id="pareto">.*?<\/section>/s.exec(page)?.[0] ?? "";
    expect(section.match(/<figure/g)).toHaveLength(5);
    expect(section.match(/>Counted\.</g)).toHaveLength(3);
    expect(section).toContain(
      "Filled: the 20 networks measured on this device, one image at a time. Hollow: 40 predicted",
    );
    expect(section).toContain("counted from the graph of 45 of the 60 networks");
  });

  it("shows a family's networks on the lines of its rule", () => {
    const spread = syntheticPopulation("family", 60, { flops: [1e6, 64e6] });
    const analysis = analyse(spread);
    const family = [1e6, 8e6, 64e6].map((budget, i) => ({ budget, network: networkOf(spread[i]) }));
    const familyTrends = analysis.trends.filter(({ quantity }) => ["w0", "wa", "g"].includes(quantity));
    const page = reportPage({ ...document, kind: "design", analysis, trials: spread, family, familyTrends });
    const sections = [...page.matchAll(/<section id="(\w+)"/g)].map(([, id]) => id);
    expect(sections).not.toContain("comparison");
    const section = /<section id="family">.*?<\/section>/s.exec(page)?.[0] ?? "";
    expect(section.match(/<figure/g)).toHaveLength(6);
    for (const { exponent, interval } of familyTrends) {
      const [low, high] = interval.map((end) => end.toFixed(2));
      expect(section).toContain(`∝ flops<sup>${exponent.toFixed(2)}</sup> <span>(95 %: ${low} … ${high})`);
    }
    const tips = JSON.parse(/id="tips">(.*?)<\/script>/s.exec(page)?.[1] ?? "") as Record<
      string,
      Record<string, string[]>
    >;
    const shown = Object.values(tips).flatMap((series) => Object.values(series).flat());
    for (const { network } of family) expect(shown.some((tip) => tip.startsWith(`${network.name}  `))).toBe(true);
  });

  it("holds every trial as data, the best of them in the page itself", () => {
    const json = /<script type="application\/json" id="trial-data">(.*?)<\/script>/s.exec(english)?.[1] ?? "";
    const data = JSON.parse(json) as { rows: unknown[][] };
    expect(data.rows).toHaveLength(60);
    expect(english.match(/<tr><td>/g)?.length).toBeGreaterThanOrEqual(50);
  });

  it("speaks Chinese from end to end", () => {
    const page = reportPage({ ...document, language: "zh", title: "研究" });
    expect(page).toContain('<html lang="zh-CN">');
    for (const word of ["Error distributions", "share of networks", "networks tried", "Filter", "Contents"]) {
      expect(page).not.toContain(word);
    }
    expect(page).toContain("错误率分布");
    const decision = { step: "export", files: 1, accuracy: 0.5, at: document.made, seconds: 200 } as const;
    const told = { ...document, language: "zh", decisions: [decision], races: [raceOf(trials)] } as const;
    expect(reportPage(told)).toContain("<time>3 分 20 秒</time>");
    expect(reportPage(told)).toContain("第 1 级后淘汰：差距超出偶然");
  });

  it("shows a race: a line an entrant, and who fell when and why", () => {
    const page = reportPage({ ...document, kind: "design", races: [raceOf(trials)] });
    const section = /<section id="race">.*?<\/section>/s.exec(page)?.[0] ?? "";
    expect(section.match(/<figure/g)).toHaveLength(1);
    expect(section).toContain("won, and was trained to the end");
    expect(section).toContain("out after rung 1: behind by more than chance explains");
    const rows = [...section.matchAll(/<td class="text">(network \d+)<\/td>/g)].map(([, name]) => name);
    expect(rows[0]).toBe("network 1");
  });

  it("carries its colours as variables, for light and dark", () => {
    expect(english).toContain("prefers-color-scheme:dark");
    expect(english).toMatch(/<path[^>]*var\(--series-1\)/);
  });
});

function raceOf([first, second, third]: readonly FinishedTrial[]): RaceReport {
  const lane = ({ id, stages, complexity }: FinishedTrial) => ({
    ...{ name: `network ${id}`, origin: "drawn", stages, complexity },
  });
  return {
    rungs: [4],
    lanes: [
      { ...lane(first), points: [[4, 0.6]], won: false, fell: { rung: 1, why: "beaten" } },
      {
        ...lane(second),
        points: [
          [4, 0.4],
          [100, 0.2],
        ],
        won: true,
      },
      { ...lane(third), points: [], won: false, fell: { rung: 1, why: "failed" } },
    ],
  } as RaceReport;
}

function networkOf({ id, parameters, stages, complexity }: FinishedTrial): TrainedNetwork {
  const { d, w0, wa, wm, g } = parameters;
  return {
    ...{ name: `network ${id}`, origin: "drawn", stages, complexity },
    parameters: { depth: d, w0, wa, wm, groupWidth: g },
    ...{ accuracy: 0.8, epochs: 2, seconds: 3 },
  };
}

function ids(page: string): string[] {
  return [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
}
