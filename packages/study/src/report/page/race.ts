import { raceChart } from "../charts/race.js";
import type { RaceLane, RaceReport } from "../document.js";
import { count, percent } from "../format.js";
import { type Html, html } from "../html.js";
import type { Messages } from "../messages/index.js";
import type { Figures } from "./figure.js";

/** Every entrant's error against the seconds that were spent on it, and who fell when and why. */
export function raceSection(races: readonly RaceReport[], messages: Messages, figures: Figures): Html {
  const several = races.length > 1;
  return html`${races.map(
    (race) =>
      html`${several && race.budget !== undefined && html`<h3>${messages.column.budget} ${count(race.budget)}</h3>`}<div class="wide">${figures.draw(raceChart(race, figures.style), messages.chart.race)}</div>${laneTable(race, messages)}`,
  )}`;
}

/** The last to fall first. */
function laneTable({ lanes }: RaceReport, messages: Messages): Html {
  const { column, origin } = messages;
  const order = [...lanes].sort((a, b) => reached(b) - reached(a) || last(a) - last(b));
  const rows = order.map(
    (lane) =>
      html`<tr class="${lane.won ? "winner" : "finalist"}"><td class="text">${lane.name}</td><td class="text">${origin[lane.origin]}</td><td class="text">${fate(lane, messages)}</td><td>${lane.points.length > 0 ? percent(last(lane)) : "–"}</td><td>${count(lane.complexity.flops)}</td><td>${count(lane.complexity.params)}</td><td class="text">${lane.stages.widths.map((w, i) => `${w}×${lane.stages.depths[i]}`).join(" ")}</td></tr>`,
  );
  return html`<div class="scroll"><table><thead><tr><th class="text">${column.name}</th><th class="text">${column.origin}</th><th class="text">${column.fate}</th><th>${column.error}</th><th>${column.flops}</th><th>${column.params}</th><th class="text">${column.widths}</th></tr></thead><tbody>${rows}</tbody></table></div>`;
}

function reached({ won, fell }: RaceLane): number {
  return won ? Number.POSITIVE_INFINITY : (fell?.rung ?? 0);
}

function last({ points }: RaceLane): number {
  return points.at(-1)?.[1] ?? 1;
}

function fate({ won, fell }: RaceLane, { page }: Messages): string {
  if (won) return page.won;
  return fell ? page.fell(fell.rung, page.why[fell.why]) : "–";
}
