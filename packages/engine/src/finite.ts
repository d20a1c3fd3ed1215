import { invalid, RegnetError } from "@regnet/core";

/** State that was given, or made by a training that diverged, is no number. */
export class NotFiniteError extends RegnetError {
  override readonly name = "NotFiniteError";
}

const REMEDY = "take weights from before their training diverged, or train anew at a lower learning rate";

/** True if all values are finite: four sums at a time, since one would wait for itself. */
export function allFinite(values: Float32Array): boolean {
  const end = values.length - (values.length % 4);
  let [a, b, c, d] = [0, 0, 0, 0];
  for (let i = 0; i < end; i += 4) {
    a += values[i] * 0;
    b += values[i + 1] * 0;
    c += values[i + 2] * 0;
    d += values[i + 3] * 0;
  }
  for (let i = end; i < values.length; i++) a += values[i] * 0;
  return a + b + c + d === 0;
}

/** @throws NotFiniteError that names a parameter with a value that is not finite */
export function expectFinite(name: string, values: Float32Array): void {
  if (allFinite(values)) return;
  const at = values.findIndex((value) => !Number.isFinite(value));
  const { message, code, path } = invalid(`parameter ${name} at ${at}`, values[at], "a finite number", REMEDY);
  throw new NotFiniteError(message, code, path);
}
