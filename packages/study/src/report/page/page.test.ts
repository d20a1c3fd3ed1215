import { describe, expect, it } from "vitest";
import { analyse } from "../../analysis/analyse.js";
import { syntheticPopulation } from "../../analysis/synthetic.js";
import type { ReportDocument } from "../document.js";
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
  });

  it("carries its colours as variables, for light and dark", () => {
    expect(english).toContain("prefers-color-scheme:dark");
    expect(english).toMatch(/<path[^>]*var\(--series-1\)/);
  });
});

function ids(page: string): string[] {
  return [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
}
