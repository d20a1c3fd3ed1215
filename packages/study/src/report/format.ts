import type { Messages } from "./messages/en.js";

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

/** `45 s`, `3 min 20 s`, `1 h 05 min`, in the words of a language. */
export function duration(seconds: number, words: Messages["duration"]): string {
  const whole = Math.round(seconds);
  if (whole < 60) return words.seconds(whole < 10 ? seconds.toFixed(1) : String(whole));
  const minutes = Math.floor(whole / 60);
  return whole < 3600
    ? words.minutes(minutes, twoDigits(whole % 60))
    : words.hours(Math.floor(minutes / 60), twoDigits(minutes % 60));
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
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
