import type { TrialRecord } from "@regnet/study";
import { formatQuantity } from "../../quantities.js";

/** `12.3 %` */
export function percent(share: number): string {
  return `${(100 * share).toFixed(share < 0.0995 ? 2 : 1)} %`;
}

/** `1 h 02 min`, `3 min 20 s`, `12 s`, `0.4 s` */
export function duration(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${pad(whole % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${pad(minutes % 60)} min`;
}

/** A done trial in a few words. */
export function describeDone({ trial, result }: TrialRecord): string {
  const { flops, params } = trial.complexity;
  const error = result.state === "done" ? `error ${percent(result.error)}` : `failed: ${result.reason}`;
  return `trial ${trial.id}: ${error}, ${formatQuantity(flops)} flops, ${formatQuantity(params)} params`;
}

/** Prints a value for machines. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

/** Prints a line for people. */
export function print(line = ""): void {
  process.stdout.write(`${line}\n`);
}

/** Says something beside the result. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

function pad(value: number): string {
  return String(value).padStart(2, "0");
}
