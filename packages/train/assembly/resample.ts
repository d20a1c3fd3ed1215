/** One axis of a resampling in memory: the first pixel of each output (i32), then `padded` weights (f32) of each output. */

/** Pixels that an output may draw on. */
export function taps(length: i32, size: i32): i32 {
  const support = Math.max(1, <f64>length / <f64>size);
  return min(length, <i32>Math.ceil(2 * support) + 1);
}

/** The taps and the outputs alike are made up to a multiple of four. */
function fours(count: i32): i32 {
  return (count + 3) & ~3;
}

/** Bytes of an axis. */
export function axisBytes(length: i32, size: i32): i32 {
  return 4 * fours(size) * (1 + fours(taps(length, size)));
}

/**
 * Writes the axis that brings `length` pixels to `size` by a triangle filter, widened where it reduces.
 * @param at of `axisBytes` bytes
 */
export function writeAxis(at: usize, length: i32, size: i32, mirrored: bool): void {
  const scale = <f64>length / <f64>size;
  const support = Math.max(1, scale);
  const reach = taps(length, size);
  const padded = fours(reach);
  memory.fill(at, 0, axisBytes(length, size));
  const weights = at + 4 * fours(size);
  for (let i = 0; i < size; i++) {
    const centre = (<f64>i + 0.5) * scale;
    const from = max(0, <i32>Math.floor(centre - support + 0.5));
    const to = min(length, <i32>Math.floor(centre + support + 0.5));
    const out = mirrored ? size - 1 - i : i;
    const first = min(from, length - reach);
    store<i32>(at + 4 * out, first);
    writeWeights(weights + 4 * (out * padded - first), from, to, centre, support);
  }
}

/** Weights of the pixels from…to−1, summing to 1; the pixel p's weight lands at `origin` + 4 p. */
function writeWeights(origin: usize, from: i32, to: i32, centre: f64, support: f64): void {
  let sum: f64 = 0;
  for (let p = from; p < to; p++) sum += triangle((<f64>p + 0.5 - centre) / support);
  for (let p = from; p < to; p++) {
    store<f32>(origin + 4 * p, <f32>(triangle((<f64>p + 0.5 - centre) / support) / sum));
  }
}

function triangle(x: f64): f64 {
  return Math.max(0, 1 - Math.abs(x));
}

/**
 * Scales a rectangle of height×width bytes to side×side. What lies up to 16 bytes past it in memory is read but has no
 * weight; up to 3 bytes past the result are written.
 * @param stride bytes from one row of the source to the next
 * @param down axis from height to side
 * @param across axis from width to side
 * @param row scratch, 4 × width bytes and 64 more
 */
export function resample(
  source: usize,
  stride: i32,
  height: i32,
  width: i32,
  down: usize,
  across: usize,
  row: usize,
  target: usize,
  side: i32,
): void {
  const reach = taps(height, side);
  const padded = fours(reach);
  const weights = down + 4 * fours(side);
  memory.fill(row, 0, 4 * width + 64);
  for (let y = 0; y < side; y++) {
    const first = source + load<i32>(down + 4 * y) * stride;
    const w = weights + 4 * y * padded;
    let count = reach;
    while (load<f32>(w + 4 * (count - 1)) === 0) count--;
    blendRows(first, stride, width, w, count, row);
    shrinkRow(row, across, fours(taps(width, side)), target + y * side, side);
  }
}

/** The weighted sum of `count` rows of bytes, sixteen columns at a time. */
function blendRows(source: usize, stride: i32, width: i32, weights: usize, count: i32, row: usize): void {
  for (let x = 0; x < width; x += 16) {
    let a = f32x4.splat(0);
    let b = a;
    let c = a;
    let d = a;
    let at = source + x;
    for (let t = 0; t < count; t++, at += stride) {
      const weight = v128.load32_splat(weights + 4 * t);
      const bytes = v128.load(at);
      const low = i16x8.extend_low_i8x16_u(bytes);
      const high = i16x8.extend_high_i8x16_u(bytes);
      a = f32x4.add(a, f32x4.mul(weight, f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_u(low))));
      b = f32x4.add(b, f32x4.mul(weight, f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_u(low))));
      c = f32x4.add(c, f32x4.mul(weight, f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_u(high))));
      d = f32x4.add(d, f32x4.mul(weight, f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_u(high))));
    }
    const to = row + 4 * x;
    v128.store(to, a);
    v128.store(to, b, 16);
    v128.store(to, c, 32);
    v128.store(to, d, 48);
  }
}

/** Brings a row of floats to `side` bytes, four at a time. */
function shrinkRow(row: usize, across: usize, padded: i32, target: usize, side: i32): void {
  const weights = across + 4 * fours(side);
  for (let x = 0; x < side; x += 4) {
    const w = weights + 4 * x * padded;
    const a = dot(row + 4 * load<i32>(across + 4 * x), w, padded);
    const b = dot(row + 4 * load<i32>(across + 4 * x, 4), w + 4 * padded, padded);
    const c = dot(row + 4 * load<i32>(across + 4 * x, 8), w + 8 * padded, padded);
    const d = dot(row + 4 * load<i32>(across + 4 * x, 12), w + 12 * padded, padded);
    v128.store32_lane(target + x, bytesOf(sums(a, b, c, d)), 0);
  }
}

/** Four partial sums of products. */
function dot(values: usize, weights: usize, padded: i32): v128 {
  let sum = f32x4.mul(v128.load(values), v128.load(weights));
  for (let t = 4; t < padded; t += 4) {
    sum = f32x4.add(sum, f32x4.mul(v128.load(values + 4 * t), v128.load(weights + 4 * t)));
  }
  return sum;
}

/** The sum of each. */
function sums(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = f32x4.add(v128.shuffle<f32>(a, b, 0, 4, 1, 5), v128.shuffle<f32>(a, b, 2, 6, 3, 7));
  const cd = f32x4.add(v128.shuffle<f32>(c, d, 0, 4, 1, 5), v128.shuffle<f32>(c, d, 2, 6, 3, 7));
  return f32x4.add(v128.shuffle<f32>(ab, cd, 0, 1, 4, 5), v128.shuffle<f32>(ab, cd, 2, 3, 6, 7));
}

/** Rounded, halves to even, as a `Uint8ClampedArray` does. */
function bytesOf(values: v128): v128 {
  const whole = i32x4.trunc_sat_f32x4_s(f32x4.nearest(values));
  const narrow = i16x8.narrow_i32x4_s(whole, whole);
  return i8x16.narrow_i16x8_u(narrow, narrow);
}
