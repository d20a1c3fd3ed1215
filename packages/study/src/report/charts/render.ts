import "echarts/lib/chart/custom.js";
import "echarts/lib/chart/line.js";
import "echarts/lib/chart/scatter.js";
import "echarts/lib/component/grid.js";
import "echarts/lib/component/legend.js";
import "echarts/lib/component/markArea.js";
import "echarts/lib/component/markLine.js";
import "echarts/lib/component/tooltip.js";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { inVariables, type Palette } from "../palette.js";
import type { Chart } from "./style.js";

use([SVGRenderer]);

/**
 * Draws a chart as an SVG string, without a browser. Its colours become CSS variables (`--ink`, `--series-1`, …), its
 * identifiers carry `id`, and a point's place in the option stays readable from `data-s` (series) and `data-i` (point).
 */
export function renderSvg(chart: Chart, palette: Palette, id: string): string {
  const instance = init(null, null, { renderer: "svg", ssr: true, width: chart.width, height: chart.height });
  try {
    instance.setOption(chart.option);
    return tidy(inVariables(instance.renderToSVGString(), palette), id, chart);
  } finally {
    instance.dispose();
  }
}

function tidy(svg: string, id: string, { width, height }: Chart): string {
  return svg
    .replace(/<style >[\s\S]*?<\/style>/g, "")
    .replace(/ class="zr\d+-cls-\d+"/g, "")
    .replace(/zr\d+-/g, `${id}-`)
    .replace(/ ecmeta_ssr_type="(?!chart)\w+"/g, "")
    .replace(/ ecmeta_ssr_type="chart"/g, ' data-p=""')
    .replace(/ ecmeta_series_index="(\d+)"/g, ' data-s="$1"')
    .replace(/ ecmeta_data_index="(\d+)"/g, ' data-i="$1"')
    .replace(/ ecmeta_silent="\w+"/g, "")
    .replace(/ style="font-size:([\d.]+)px;font-family:[^;"]*(?:&quot;[^;"]*)*;?"/g, ' font-size="$1"')
    .replace(/^<svg [^>]*>/, `<svg viewBox="0 0 ${width} ${height}" aria-hidden="true">`)
    .replace(/\n/g, "");
}

/** Texts shown when a point is pointed at, by series and index. */
export function tipsOf(chart: Chart): Record<string, string[]> {
  const series = chart.option.series;
  const list = Array.isArray(series) ? series : series ? [series] : [];
  const tips: Record<string, string[]> = {};
  list.forEach((one, s) => {
    if (one.type !== "scatter" || !Array.isArray(one.data)) return;
    tips[s] = one.data.map((datum) => (hasName(datum) ? datum.name : ""));
  });
  return tips;
}

function hasName(datum: unknown): datum is { name: string } {
  return typeof datum === "object" && datum !== null && "name" in datum && typeof datum.name === "string";
}
