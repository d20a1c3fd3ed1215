import { type FinishedTrial, ranked } from "../../analysis/trial.js";
import { count, milliseconds, percent, plain, significant } from "../format.js";
import { embedJson, type Html, html } from "../html.js";
import type { Messages } from "../messages/index.js";

type Cell = string | number | null;
type Kind = "text" | "plain" | "percent" | "count" | "number";

interface Column {
  readonly key: string;
  readonly title: string;
  readonly kind: Kind;
  readonly unit?: string;
  /** What one unit in a filter stands for: `error<20` means 20 %. */
  readonly scale?: number;
  cell(trial: FinishedTrial): Cell;
}

/** Rows a reader without scripts sees, and that are there before the script has run. */
const STATIC_ROWS = 50;

/** Every trial in a table that can be sorted and filtered; the best stand in the page itself. */
export function trialTable(trials: readonly FinishedTrial[], messages: Messages): Html {
  const columns = columnsFor(trials, messages);
  const order = ranked(trials);
  const populations = [...new Set(trials.map((trial) => trial.population))];
  const { page } = messages;
  const data = {
    columns: columns.map(({ key, title, kind, unit, scale }) => ({ key, title, kind, unit, scale })),
    rows: order.map((trial) => columns.map((column) => column.cell(trial))),
  };
  const choice =
    populations.length > 1 &&
    html`<select id="population" aria-label="${messages.column.population}"><option value="">${page.all}</option>${populations.map(
      (name) => html`<option value="${name}">${name}</option>`,
    )}</select>`;
  return html`<div class="controls" id="controls" hidden><input id="filter" type="search" placeholder="${page.filterHint}" aria-label="${page.filter}">${choice}<span class="gap"></span><span id="rows" class="muted"></span><button id="previous">${page.previous}</button><button id="next">${page.next}</button></div>
<div class="scroll"><table id="trial-table"><thead><tr>${columns.map(heading)}</tr></thead><tbody>${order.slice(0, STATIC_ROWS).map((trial) => staticRow(trial, columns))}</tbody></table></div>
<script type="application/json" id="trial-data">${embedJson(data)}</script>`;
}

function heading({ title, kind }: Column): Html {
  return kind === "text" ? html`<th class="text">${title}</th>` : html`<th>${title}</th>`;
}

function staticRow(trial: FinishedTrial, columns: readonly Column[]): Html {
  const cells = columns.map((column) => {
    const text = formatCell(column.cell(trial), column);
    return column.kind === "text" ? html`<td class="text">${text}</td>` : html`<td>${text}</td>`;
  });
  return html`<tr>${cells}</tr>`;
}

function formatCell(cell: Cell, { kind, unit = "" }: Column): string {
  if (cell === null) return "–";
  if (typeof cell === "string") return cell;
  if (kind === "percent") return percent(cell);
  if (kind === "count") return count(cell);
  if (kind === "plain") return plain(cell);
  return unit === " ms" ? milliseconds(cell) : `${significant(cell)}${unit}`;
}

function columnsFor(trials: readonly FinishedTrial[], { column, latencyFrom }: Messages): Column[] {
  const parameters = [...new Set(trials.flatMap((trial) => Object.keys(trial.parameters)))];
  const timed = trials.some((trial) => trial.latency !== undefined);
  const remembered = trials.some((trial) => trial.complexity.memory !== undefined);
  const several = new Set(trials.map((trial) => trial.population)).size > 1;
  const columns: (Column | false)[] = [
    { key: "id", title: column.id, kind: "plain", cell: (t) => t.id },
    several && { key: "population", title: column.population, kind: "text", cell: (t) => t.population },
    { key: "error", title: column.error, kind: "percent", scale: 100, cell: (t) => t.error },
    { key: "flops", title: column.flops, kind: "count", cell: (t) => t.complexity.flops },
    { key: "params", title: column.params, kind: "count", cell: (t) => t.complexity.params },
    { key: "acts", title: column.acts, kind: "count", cell: (t) => t.complexity.acts },
    remembered && { key: "memory", title: column.memory, kind: "count", cell: (t) => t.complexity.memory ?? null },
    timed && {
      ...{ key: "latency", title: column.latency, kind: "number", unit: " ms" },
      cell: (t) => rounded(t.latency?.milliseconds),
    },
    timed && {
      ...{ key: "latencyFrom", title: column.latencyFrom, kind: "text" },
      cell: (t) => (t.latency ? latencyFrom[t.latency.from] : null),
    },
    { key: "seconds", title: column.seconds, kind: "number", unit: " s", cell: (t) => rounded(t.seconds) },
    ...parameters.map(
      (name): Column => ({ key: name, title: name, kind: "plain", cell: (t) => rounded(t.parameters[name]) }),
    ),
    { key: "widths", title: column.widths, kind: "text", cell: (t) => t.stages.widths.join(" ") },
    { key: "depths", title: column.depths, kind: "text", cell: (t) => t.stages.depths.join(" ") },
    { key: "groups", title: column.groupWidths, kind: "text", cell: (t) => t.stages.groupWidths.join(" ") },
  ];
  return columns.filter((c): c is Column => c !== false);
}

function rounded(value: number | undefined): number | null {
  return value === undefined ? null : Number(value.toPrecision(5));
}
