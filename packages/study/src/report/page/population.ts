import type { PopulationAnalysis } from "../../analysis/analyse.js";
import { type BandKind, bandKinds, type EdfCurve, type ParetoFront, type Trend } from "../../analysis/data.js";
import { anytimeChart } from "../charts/anytime.js";
import { edfChart, edfLegend, edfPanel, MOST_BANDS } from "../charts/edf.js";
import { efficiencyChart } from "../charts/efficiency.js";
import { type Highlight, paretoChart } from "../charts/pareto.js";
import { profileChart } from "../charts/profiles.js";
import { rangeChart } from "../charts/ranges.js";
import { lineFitChart, type TrendMark, trendChart } from "../charts/scatter.js";
import type { ReportDocument, TrainedNetwork } from "../document.js";
import { percent, plain } from "../format.js";
import { type Html, html } from "../html.js";
import type { Messages } from "../messages/index.js";
import { choice } from "./choice.js";
import type { Figures } from "./figure.js";

/** EDFs with either of their bands. */
export function edfSection({ edfs }: PopulationAnalysis, figures: Figures): Html | undefined {
  return edfs.length > 0 ? edfFigure("edf-band", edfs, figures) : undefined;
}

export function normalisedSection({ normalised }: PopulationAnalysis, figures: Figures): Html | undefined {
  return normalised.length > 1 ? edfFigure("normalised-band", normalised, figures) : undefined;
}

/** All curves in one chart. Bands are in it where they are few; else each population has a picture of its own for them. */
function edfFigure(name: string, curves: readonly EdfCurve[], figures: Figures): Html {
  const { style } = figures;
  const { band } = style.text;
  const choose = (draw: (kind: BandKind) => Html) =>
    choice(
      name,
      bandKinds.map((kind) => ({ label: band[kind], body: draw(kind) })),
    );
  if (curves.length <= MOST_BANDS) {
    return html`<div class="wide">${choose((kind) => figures.draw(edfChart(curves, style, kind)))}</div>`;
  }
  const panels = (kind: BandKind) =>
    curves.map((curve, i) => figures.draw(edfPanel(curves, i, style, kind), edfLegend(curve)));
  const all = figures.draw(edfChart(curves, style), style.text.bandsBelow);
  return html`<div class="wide">${all}</div>${choose((kind) => html`<div class="grid">${panels(kind)}</div>`)}`;
}

/** One chart a parameter and a table of the intervals, by population. */
export function rangesSection({ ranges }: PopulationAnalysis, figures: Figures): Html | undefined {
  const some = ranges.filter((group) => group.ranges.length > 0);
  if (some.length === 0) return undefined;
  return html`${some.map(({ population, ranges: list }) => {
    const charts = list.map((range) =>
      figures.draw(
        rangeChart(range, figures.style),
        html`<b>${range.parameter}</b> ${plain(range.best)} <span>(95 %: ${plain(range.low)}–${plain(range.high)})</span>`,
      ),
    );
    return html`${some.length > 1 && html`<h3>${population}</h3>`}<div class="grid">${charts}</div>`;
  })}`;
}

/** Error against every cost that is known, the trained networks pointed out where they are comparable. */
export function paretoSection(
  { analysis, winner, trials }: ReportDocument,
  { page }: Messages,
  figures: Figures,
): Html | undefined {
  if (analysis.fronts.length === 0) return undefined;
  const marks = (front: ParetoFront) => (winner ? highlightsOf(front, winner) : []);
  const charts = analysis.fronts.map((front) =>
    figures.draw(paretoChart(front, figures.style, marks(front)), paretoNote(front, trials.length, page)),
  );
  return html`<div class="grid two">${charts}</div>`;
}

/** Where the costs come from. */
function paretoNote({ metric, points }: ParetoFront, all: number, { paretoNote: note }: Messages["page"]): string {
  if (metric === "memory") return note.memory(points.length, all);
  if (metric !== "latency") return note.counted;
  const predicted = points.filter((point) => point.predicted).length;
  return note.latency(points.length - predicted, predicted);
}

/** The winner where it stood as a trial, before it was trained fully. */
function highlightsOf({ points }: ParetoFront, { name, trial }: TrainedNetwork): Highlight[] {
  const point = points.find(({ id }) => id === trial);
  return point ? [{ label: name, x: point.x, error: point.error }] : [];
}

export function profilesSection(
  { profiles }: PopulationAnalysis,
  messages: Messages,
  figures: Figures,
): Html | undefined {
  if (profiles.length === 0) return undefined;
  return html`${profiles.map(({ population, best, worst }) => {
    const all = [...best, ...worst];
    const most = {
      width: 2 ** Math.ceil(Math.log2(Math.max(...all.flatMap((p) => p.widths)))),
      depth: Math.max(...all.map((p) => p.widths.length)),
    };
    const caption = (kind: "best" | "worst") => {
      const errors = (kind === "best" ? best : worst).map((p) => p.error);
      return html`<b>${messages.page[kind]}</b> ${percent(Math.min(...errors))} – ${percent(Math.max(...errors))}`;
    };
    return html`${profiles.length > 1 && html`<h3>${population}</h3>`}<div class="grid two">${figures.draw(profileChart(best, "best", most, figures.style), caption("best"))}${figures.draw(profileChart(worst, "worst", most, figures.style), caption("worst"))}</div>`;
  })}`;
}

export function lineFitSection({ lineFits }: PopulationAnalysis, figures: Figures): Html | undefined {
  return lineFits.length > 0
    ? html`<div class="wide">${figures.draw(lineFitChart(lineFits, figures.style))}</div>`
    : undefined;
}

/** How fast searches find what. */
export function anytimeSection({ anytime = [] }: ReportDocument, figures: Figures): Html | undefined {
  if (anytime.length === 0) return undefined;
  return html`<div class="wide">${figures.draw(anytimeChart(anytime, figures.style))}</div>`;
}

export function efficiencySection({ efficiency }: PopulationAnalysis, figures: Figures): Html | undefined {
  return efficiency.length > 0
    ? html`<div class="wide">${figures.draw(efficiencyChart(efficiency, figures.style))}</div>`
    : undefined;
}

export function trendsSection({ trends }: PopulationAnalysis, figures: Figures): Html | undefined {
  if (trends.length === 0) return undefined;
  return html`<div class="grid">${trends.map((trend) => trendFigure(trend, figures))}</div>`;
}

/** A trend with its law in words. */
export function trendFigure(trend: Trend, figures: Figures, marks: readonly TrendMark[] = []): Html {
  const { quantity, exponent, interval } = trend;
  const label = figures.style.text.quantity[quantity as keyof typeof figures.style.text.quantity] ?? quantity;
  const [low, high] = interval.map((end) => end.toFixed(2));
  return figures.draw(
    trendChart(trend, figures.style, marks),
    html`${label} ∝ flops<sup>${exponent.toFixed(2)}</sup> <span>(95 %: ${low} … ${high})</span>`,
  );
}
