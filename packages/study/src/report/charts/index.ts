export { edfChart, edfLegend, edfPanel } from "./edf.js";
export { efficiencyChart } from "./efficiency.js";
export { type Highlight, metricName, metricValue, paretoChart } from "./pareto.js";
export { profileChart } from "./profiles.js";
export { raceChart } from "./race.js";
export { rangeChart } from "./ranges.js";
export { latencyChart, lineFitChart, type TrendMark, trendChart } from "./scatter.js";
export { type Chart, type ChartStyle, type ChartText, defaultStyle } from "./style.js";
export { type WidthLine, widthChart } from "./widths.js";
