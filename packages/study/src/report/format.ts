/** Numbers for people: fixed rules, so that a report reads the same everywhere. */

const UNITS: readonly [number, string][] = [
  [1e9, "G"],
  [1e6, "M"],
  [1e3, "K"],
];

/** `12.3M`, `960`, `1.60G`: three significant digits. */
export function count(value: number): string {
  for (const [unit, letter] of UNITS) {
    if (Math.abs(value) >= unit * 0.9995) return `${significant(value / unit)}${letter}`;
  }
  return String(Math.round(value * 100) / 100);
}

/** `1.5 MB`, in powers of ten. */
export function bytes(value: number): string {
  return value < 1e3
    ? `${Math.round(value)} B`
    : `${count(value)
        .replace(/([KMG])$/, " $1")
        .replace("K", "k")}B`;
}

/** A share as percent with one digit: `93.4 %`. */
export function percent(share: number, digits = 1): string {
  return `${(share * 100).toFixed(digits)} %`;
}

/** `0.84 ms`, `12.1 ms`. */
export function milliseconds(value: number): string {
  return `${significant(value)} ms`;
}

/** `45 s`, `3 min 20 s`, `1 h 05 min`. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 10) return `${seconds.toFixed(1)} s`;
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, "0")} s`;
  return `${Math.floor(whole / 3600)} h ${String(Math.floor((whole % 3600) / 60)).padStart(2, "0")} min`;
}

/** Three significant digits without an exponent. */
export function significant(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return String(value);
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value)) + 1e-9));
  return value.toFixed(Math.min(digits, 6));
}

/** A parameter's value: integers as they are, others with up to three digits behind the point. */
export function plain(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toFixed(Math.abs(value) < 10 ? 3 : 1)));
}
