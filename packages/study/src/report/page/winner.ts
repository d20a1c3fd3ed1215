import { applyRule } from "@regnet/core";
import type { Chart } from "../charts/style.js";
import { widthChart } from "../charts/widths.js";
import type { ProducedFile, ReportDocument, TrainedNetwork } from "../document.js";
import { bytes, count, milliseconds, percent, plain } from "../format.js";
import { type Html, html } from "../html.js";
import type { Messages } from "../messages/index.js";
import type { Figures } from "./figure.js";

/** The figures that matter, large. */
export function tiles({ winner, validation, test }: ReportDocument, messages: Messages): Html | undefined {
  if (!winner) return undefined;
  const { page, column } = messages;
  const held = winner.test !== undefined && test !== undefined;
  const cells: (Html | false)[] = [
    html`<div class="tile main"><b>${percent(winner.test ?? winner.accuracy, 2)}</b><span>${page.accuracy}</span></div>`,
    html`<div class="tile"><b>${count(winner.complexity.flops)}</b><span>${column.flops}</span></div>`,
    html`<div class="tile"><b>${count(winner.complexity.params)}</b><span>${column.params}</span></div>`,
    winner.latency !== undefined &&
      html`<div class="tile"><b>${milliseconds(winner.latency)}</b><span>${column.latency}</span></div>`,
    winner.int8 !== undefined &&
      html`<div class="tile"><b>${percent(winner.int8.accuracy, 2)}</b><span>${column.int8}</span></div>`,
  ];
  const where = held ? page.onHeldOut(test) : validation !== undefined && page.onValidation(validation);
  const note = where && html`<p class="muted">${where}</p>`;
  return html`<div class="tiles">${cells}</div>${note}`;
}

/** A network's widths over its blocks, with the line of its rule. */
export function widthLine({ name, stages, parameters }: TrainedNetwork, { style }: Figures): Chart {
  return widthChart({ ...stages, name, u: parameters && applyRule(parameters).line }, style);
}

/** The winner's width line, its stages and parameters, and the files that were made. */
export function winnerSection(
  { winner, files }: ReportDocument,
  messages: Messages,
  figures: Figures,
): Html | undefined {
  if (!winner) return undefined;
  const chart = figures.draw(widthLine(winner, figures));
  return html`<div class="wide">${chart}</div>${parametersLine(winner)}${stageTable(winner, messages)}${files && fileTable(files, messages)}`;
}

function parametersLine({ parameters }: TrainedNetwork): Html | undefined {
  if (!parameters) return undefined;
  const { depth, w0, wa, wm, groupWidth, bottleneck = 1, se = 0 } = parameters;
  const parts = [
    `d = ${depth}`,
    `w0 = ${w0}`,
    `wa = ${plain(wa)}`,
    `wm = ${plain(wm)}`,
    `g = ${groupWidth}`,
    `b = ${plain(bottleneck)}`,
    se > 0 && `SE = ${plain(se)}`,
  ];
  return html`<p><code>${parts.filter(Boolean).join(", ")}</code></p>`;
}

function stageTable({ stages }: TrainedNetwork, { column }: Messages): Html {
  const rows = stages.widths.map(
    (width, i) =>
      html`<tr><td>${i + 1}</td><td>${width}</td><td>${stages.depths[i]}</td><td>${stages.groupWidths[i] ?? "–"}</td></tr>`,
  );
  return html`<div class="scroll wide"><table><thead><tr><th>${column.stage}</th><th>${column.width}</th><th>${column.depth}</th><th>${column.groupWidth}</th></tr></thead><tbody>${rows}</tbody></table></div>`;
}

/** The files that were made. */
export function fileTable(files: readonly ProducedFile[], { page }: Messages): Html {
  const rows = files.map(
    (file) =>
      html`<tr><td class="text"><code>${file.path}</code></td><td>${bytes(file.bytes)}</td><td class="text">${page.purposes[file.purpose]}</td></tr>`,
  );
  return html`<h3>${page.files}</h3><div class="scroll wide"><table><thead><tr><th class="text">${page.file}</th><th>${page.size}</th><th class="text">${page.purpose}</th></tr></thead><tbody>${rows}</tbody></table></div>`;
}
