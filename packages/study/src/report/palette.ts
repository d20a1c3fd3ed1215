/** Colours of a chart. Every colour is written once, so that a page can exchange them by value. */
export interface Palette {
  readonly ink: string;
  readonly muted: string;
  readonly grid: string;
  readonly surface: string;
  readonly accent: string;
  /** One a population, in order. */
  readonly series: readonly string[];
}

export const lightPalette: Palette = {
  ink: "#1b2430",
  muted: "#5d6979",
  grid: "#e3e7ed",
  surface: "#fdfdfe",
  accent: "#d9480e",
  series: ["#2b62d9", "#e07b0a", "#12936f", "#a03fc4", "#cf2f6b", "#0b8aa8", "#8a7a12", "#6b7686"],
};

export const darkPalette: Palette = {
  ink: "#e6ebf2",
  muted: "#9aa7b8",
  grid: "#2c3644",
  surface: "#151c26",
  accent: "#ff8551",
  series: ["#78a6ff", "#ffb04d", "#4fd1a9", "#d08cf0", "#ff7fae", "#4fc6e0", "#d3c257", "#a5b1c2"],
};

/** Series colour by position, going round. */
export function seriesColour(palette: Palette, index: number): string {
  return palette.series[index % palette.series.length];
}

/** Custom-property declarations of a palette, by the names `inVariables` uses. */
export function declareVariables(palette: Palette): string {
  return entries(palette)
    .map(([name, colour]) => `--${name}:${colour};`)
    .join("");
}

/** Exchanges the palette's colours in an SVG for CSS variables, so that one picture serves light and dark pages. */
export function inVariables(svg: string, palette: Palette): string {
  const names = new Map(entries(palette).map(([name, colour]) => [colour, name]));
  return svg.replace(/#[0-9a-f]{6}\b/g, (colour) => {
    const name = names.get(colour);
    return name ? `var(--${name})` : colour;
  });
}

function entries(palette: Palette): [name: string, colour: string][] {
  const { series, ...single } = palette;
  return [...Object.entries(single), ...series.map((colour, i): [string, string] => [`series-${i + 1}`, colour])];
}
