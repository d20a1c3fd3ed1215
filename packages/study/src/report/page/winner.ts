import { applyRule } from "@regnet/core";
import type { Chart } from "../charts/style.js";
import { widthChart } from "../charts/widths.js";
import type { ProducedFile, ReportDocument, TrainedNetwork } from "../document.js";
import { bytes, count, duration, milliseconds, percent, plain } from "../format.js";
import { type Html, html } from "../html.js";
import type { Messages } from "../messages/index.js";
import type { Figures } from "./figure.js";

/** The figures that matter, large. */
export function tiles({ winner, networks, validation }: ReportDocument, messages: Messages): Html | undefined {
  if (!winner) return undefined;
  const { page, column } = messages;
  const baseline = networks?.find((network) => network.role === "baseline");
  const cells: (Html | false)[] = [
    html`<div class="tile main"><b>${percent(winner.accuracy, 2)}</b><span>${page.accuracy}</span></div>`,
    html`<div class="tile"><b>${count(winner.complexity.flops)}</b><span>${column.flops}</span></div>`,
    html`<div class="tile"><b>${count(winner.complexity.params)}</b><span>${column.params}</span></div>`,
    winner.latency !== undefined &&
      html`<div class="tile"><b>${milliseconds(winner.latency)}</b><span>${column.latency}</span></div>`,
    winner.int8 !== undefined &&
      html`<div class="tile"><b>${percent(winner.int8.accuracy, 2)}</b><span>${column.int8}</span></div>`,
    baseline !== undefined &&
      html`<div class="tile"><b>${gap(winner.accuracy - baseline.accuracy)}</b><span>${page.baseline(baseline.name)}</span></div>`,
  ];
  const note = validation !== undefined && html`<p class="muted">${page.onValidation(validation)}</p>`;
  return html`<div class="tiles">${cells}</div>${note}`;
}

/** `+1.20`: points of accuracy. */
function gap(difference: number): string {
  return `${difference >= 0 ? "+" : "−"}${Math.abs(difference * 100).toFixed(2)}`;
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

/** The fully trained networks side by side. */
export function networkTable(networks: readonly TrainedNetwork[], messages: Messages): Html {
  const { column, page } = messages;
  const int8 = networks.some((network) => network.int8);
  const measured = networks.some((network) => network.latency !== undefined);
  const rows = networks.map(
    (n) =>
      html`<tr class="${n.role}"><td class="text">${n.name}${n.role === "finalist" ? "" : html` <span class="muted">(${page.roles[n.role]})</span>`}</td><td>${percent(n.accuracy, 2)}</td><td>${count(n.complexity.flops)}</td><td>${count(n.complexity.params)}</td>${
        measured && html`<td>${n.latency === undefined ? "–" : milliseconds(n.latency)}</td>`
      }<td>${plain(n.epochs)}</td><td>${duration(n.seconds, messages.duration)}</td>${int8 && html`<td>${int8Text(n)}</td>`}<td class="text">${n.stages.widths.map((w, i) => `${w}×${n.stages.depths[i]}`).join(" ")}</td></tr>`,
  );
  return html`<div class="scroll"><table><thead><tr><th class="text">${column.name}</th><th>${column.accuracy}</th><th>${column.flops}</th><th>${column.params}</th>${measured && html`<th>${column.latency}</th>`}<th>${column.epochs}</th><th>${column.seconds}</th>${int8 && html`<th>int8</th>`}<th class="text">${column.widths}</th></tr></thead><tbody>${rows}</tbody></table></div>`;
}

function int8Text({ int8 }: TrainedNetwork): string {
  if (!int8) return "–";
  const latency = int8.latency === undefined ? "" : ` · ${milliseconds(int8.latency)}`;
  return `${percent(int8.accuracy, 2)}${latency}`;
}
