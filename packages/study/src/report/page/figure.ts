import { renderSvg, tipsOf } from "../charts/render.js";
import type { Chart, ChartStyle } from "../charts/style.js";
import { type Html, html, trusted } from "../html.js";

/** Draws the charts of one page, numbers them, and gathers what is shown when a point is pointed at. */
export class Figures {
  readonly tips: Record<string, Record<string, string[]>> = {};
  private count = 0;

  constructor(readonly style: ChartStyle) {}

  draw(chart: Chart, caption?: string | Html): Html {
    const id = `f${++this.count}`;
    const tips = tipsOf(chart);
    if (Object.keys(tips).length > 0) this.tips[id] = tips;
    const svg = trusted(renderSvg(chart, this.style.palette, id));
    const words = caption !== undefined && html`<figcaption>${caption}</figcaption>`;
    return html`<figure id="${id}" role="img" aria-label="${chart.description}">${svg}${words}</figure>`;
  }
}
