import type { WidthProfile } from "../../analysis/data.js";
import { percent } from "../format.js";
import { line, type Point } from "./series.js";
import { type Chart, type ChartStyle, frame } from "./style.js";
import { powersOfTwo } from "./ticks.js";

/** Width lines of the best networks, or of the worst, drawn over one another. */
export function profileChart(
  profiles: readonly WidthProfile[],
  kind: "best" | "worst",
  most: { readonly width: number; readonly depth: number },
  style: ChartStyle,
): Chart {
  const { palette, text } = style;
  const colour = kind === "best" ? palette.series[2] : palette.series[4];
  const lines = profiles.map((profile, i) =>
    line(
      `#${profile.id} ${percent(profile.error)}`,
      profile.widths.flatMap((width, j): Point[] => [
        [j + 0.5, width],
        [j + 1.5, width],
      ]),
      colour,
      { width: 1.6, opacity: 0.85 - 0.5 * (i / Math.max(1, profiles.length)) },
    ),
  );
  const option = frame(
    style,
    {
      name: text.blockIndex,
      min: 0.5,
      max: most.depth + 0.5,
      integer: true,
      format: (v) => (Number.isInteger(v) ? String(v) : ""),
    },
    { name: text.width, log: true, min: 8, max: most.width, ticks: powersOfTwo(8, most.width), format: String },
  );
  const errors = profiles.map((profile) => profile.error);
  const described = errors.length > 0 ? `${percent(errors[0])}–${percent(errors[errors.length - 1])}` : "";
  return { option: { ...option, series: lines }, width: 460, height: 300, description: `${text[kind]}: ${described}` };
}
