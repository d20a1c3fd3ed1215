import type { Trend } from "../../analysis/data.js";
import { latencyChart, type TrendMark } from "../charts/scatter.js";
import type { FamilyMember, ReportDocument, ReproductionKey } from "../document.js";
import { count, duration, milliseconds, percent, plain } from "../format.js";
import { embedJson, type Html, html, trusted } from "../html.js";
import { decisionText, type Messages, messagesFor } from "../messages/index.js";
import { lightPalette } from "../palette.js";
import { comparisonSection } from "./comparison.js";
import { Figures } from "./figure.js";
import {
  anytimeSection,
  edfSection,
  efficiencySection,
  lineFitSection,
  normalisedSection,
  paretoSection,
  profilesSection,
  rangesSection,
  trendFigure,
  trendsSection,
} from "./population.js";
import { raceSection } from "./race.js";
import { script } from "./script.js";
import { styles } from "./styles.js";
import { trialTable } from "./table.js";
import { fileTable, tiles, widthLine, winnerSection } from "./winner.js";

type SectionKey = keyof Messages["section"];

/** Writes a report as one HTML page that needs nothing else: pictures, style and script are inside it. */
export function reportPage(document: ReportDocument): string {
  const messages = messagesFor(document.language);
  const figures = new Figures({ palette: lightPalette, text: messages.chart });
  const sections = sectionsOf(document, messages, figures);
  const links = sections.map(([key]) => html`<a href="#${key}">${messages.section[key]}</a>`);
  const bodies = sections.map(
    ([key, body]) =>
      html`<section id="${key}"><h2>${messages.section[key]}</h2>${lead(key, document, messages)}${body}</section>\n`,
  );
  const page = html`<!doctype html>
<html lang="${messages.htmlLang}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"><title>${document.title}</title><style>${trusted(styles)}</style></head>
<body><header class="top"><h1>${document.title}</h1><p class="muted">${messages.page.made(document.made.slice(0, 16).replace("T", " "))} UTC · ${messages.page.trials(document.trials.length, document.failed ?? 0)}</p>${tiles(document, messages)}</header>
<nav aria-label="${messages.page.contents}"><div>${links}</div></nav>
<main>${bodies}</main><footer>regnet</footer><div id="tip" role="status"></div>
<script type="application/json" id="tips">${embedJson(figures.tips)}</script>
<script>${trusted(script)}</script></body></html>
`;
  return page.text;
}

function lead(key: SectionKey, { kind }: ReportDocument, { lead: texts }: Messages): Html | undefined {
  const name = key === "reproduce" && kind === "design" ? "reproduceDesign" : key;
  const text = (texts as Readonly<Record<string, string | undefined>>)[name];
  return text === undefined ? undefined : html`<p class="lead">${text}</p>`;
}

function sectionsOf(document: ReportDocument, messages: Messages, figures: Figures): [SectionKey, Html][] {
  const { analysis, races, decisions, family, latency, trials } = document;
  const isFamily = family !== undefined && family.length > 0;
  const all: [SectionKey, Html | undefined | false][] = [
    ["winner", winnerSection(document, messages, figures)],
    ["family", isFamily && familySection(document, messages, figures)],
    ["race", races?.some(({ lanes }) => lanes.length > 1) && raceSection(races, messages, figures)],
    ["decisions", decisions && decisions.length > 0 && decisionList(document, messages)],
    ["anytime", anytimeSection(document, figures)],
    ["edf", edfSection(analysis, figures)],
    ["comparison", !isFamily && comparisonSection(analysis.comparisons, document.claims, messages)],
    ["normalised", !isFamily && normalisedSection(analysis, figures)],
    ["ranges", rangesSection(analysis, figures)],
    ["pareto", paretoSection(document, messages, figures)],
    ["lineFit", lineFitSection(analysis, figures)],
    ["profiles", profilesSection(analysis, messages, figures)],
    ["efficiency", efficiencySection(analysis, figures)],
    ["trends", trendsSection(analysis, figures)],
    ["latency", latency && latencySection(document, messages, figures)],
    ["trials", trials.length > 0 && trialTable(trials, messages)],
    ["reproduce", reproduction(document, messages)],
  ];
  return all.filter((entry): entry is [SectionKey, Html] => entry[1] !== undefined && entry[1] !== false);
}

function familySection(document: ReportDocument, messages: Messages, figures: Figures): Html {
  const { family = [], familyTrends = [], files = [] } = document;
  const widths = family.map(({ network }) => figures.draw(widthLine(network, figures), network.name));
  const trends = familyTrends.map((trend) => trendFigure(trend, figures, membersOn(trend, family)));
  return html`${familyTable(document, messages)}${
    trends.length > 0 && html`<h3>${messages.page.trends}</h3><div class="grid">${trends}</div>`
  }<h3>${messages.page.widths}</h3><div class="grid two">${widths}</div>${files.length > 0 && fileTable(files, messages)}`;
}

/** The networks of a family where they lie against a trend of w0, wa or g. */
function membersOn({ quantity }: Trend, family: readonly FamilyMember[]): TrendMark[] {
  return family.flatMap(({ network: { name, parameters, complexity } }) => {
    const value = parameters && { w0: parameters.w0, wa: parameters.wa, g: parameters.groupWidth }[quantity];
    return value === undefined ? [] : [{ name, flops: complexity.flops, value }];
  });
}

function familyTable({ family = [] }: ReportDocument, { column }: Messages): Html {
  const rows = family.map(
    ({ budget, network: n }) =>
      html`<tr><td>${count(budget)}</td><td class="text">${n.name}</td><td>${percent(n.accuracy, 2)}</td><td>${count(n.complexity.flops)}</td><td>${count(n.complexity.params)}</td><td>${n.latency === undefined ? "–" : milliseconds(n.latency)}</td><td class="text">${n.parameters && `d = ${n.parameters.depth}, w0 = ${n.parameters.w0}, wa = ${plain(n.parameters.wa)}, wm = ${plain(n.parameters.wm)}, g = ${n.parameters.groupWidth}`}</td></tr>`,
  );
  return html`<div class="scroll"><table><thead><tr><th>${column.budget}</th><th class="text">${column.name}</th><th>${column.accuracy}</th><th>${column.flops}</th><th>${column.params}</th><th>${column.latency}</th><th class="text">${column.parameter}</th></tr></thead><tbody>${rows}</tbody></table></div>`;
}

function decisionList({ decisions = [], language }: ReportDocument, messages: Messages): Html {
  const items = decisions.map((decision, i) => {
    const { title, text } = decisionText(decision, language);
    const ends = decisions[i + 1]?.at !== decision.at;
    return html`<li><b>${title}</b>${ends && html`<time>${duration(decision.seconds, messages.duration)}</time>`}<br>${text}</li>`;
  });
  return html`<ol class="steps">${items}</ol>`;
}

function latencySection({ latency }: ReportDocument, messages: Messages, figures: Figures): Html | undefined {
  if (!latency) return undefined;
  const { flops, second, secondTerm, depth, constant } = latency.model;
  const name = secondTerm === "acts" ? "acts" : "√flops";
  const formula = `t [ms] = ${flops.toExponential(2)}·flops + ${second.toExponential(2)}·${name} + ${depth.toExponential(2)}·depth + ${constant.toExponential(2)}`;
  return html`<p><code>${formula}</code>  ${messages.page.fitError(percent(latency.error))}</p><div class="half">${figures.draw(latencyChart(latency, figures.style))}</div>`;
}

function reproduction({ reproduction: facts }: ReportDocument, { reproduce }: Messages): Html {
  const rows = Object.entries(facts)
    .filter(([key]) => key !== "command")
    .map(([key, value]) => html`<dt>${reproduce[key as ReproductionKey]}</dt><dd>${value}</dd>`);
  return html`${facts.command && html`<pre>${facts.command}</pre>`}<dl>${rows}</dl>`;
}
