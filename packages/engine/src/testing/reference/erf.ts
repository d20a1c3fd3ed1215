const SERIES_UP_TO = 2.5;

/** The error function in float64: Taylor series near zero, the continued fraction of erfc beyond. */
export function erf(x: number): number {
  const a = Math.abs(x);
  if (Number.isNaN(x)) return x;
  const value = a < SERIES_UP_TO ? series(a) : 1 - complement(a);
  return x < 0 ? -value : value;
}

/** 2/√π · Σ (−1)ⁿ x²ⁿ⁺¹ / (n!·(2n+1)) (Abramowitz & Stegun 7.1.5). */
function series(x: number): number {
  let [term, sum] = [x, x];
  for (let n = 1; n < 200 && Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

/** erfc by its continued fraction (Abramowitz & Stegun 7.1.14), evaluated from the far end. */
function complement(x: number): number {
  let fraction = x;
  for (let n = 120; n >= 1; n--) fraction = x + n / 2 / fraction;
  return Math.exp(-x * x) / (Math.sqrt(Math.PI) * fraction);
}
