/** Four bytes as floats. */
function floats(at: usize): v128 {
  return f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(at))));
}

/** Writes four floats as bytes, rounded, halves to even, and clamped; of them no more than `count`. */
function storeBytes(at: usize, values: v128, count: i32): void {
  const whole = i32x4.trunc_sat_f32x4_s(f32x4.nearest(values));
  const narrow = i16x8.narrow_i32x4_s(whole, whole);
  let bytes = i32x4.extract_lane(i8x16.narrow_i16x8_u(narrow, narrow), 0);
  if (count >= 4) store<i32>(at, bytes);
  else for (let i = 0; i < count; i++, bytes >>= 8) store<u8>(at + i, <u8>bytes);
}

/** Rec. 601 luma of four pixels, rounded, halves up: exact, since a float32 holds 1000 times as much. */
function luma(red: v128, green: v128, blue: v128): v128 {
  const r = f32x4.mul(red, f32x4.splat(299));
  const g = f32x4.mul(green, f32x4.splat(587));
  const b = f32x4.mul(blue, f32x4.splat(114));
  const sum = f32x4.add(f32x4.add(r, g), f32x4.add(b, f32x4.splat(500.5)));
  return f32x4.floor(f32x4.mul(sum, f32x4.splat(0.001)));
}

/** Bytes become factor × byte + offset. */
export function adjust(at: usize, count: i32, factor: f32, offset: f32): void {
  const by = f32x4.splat(factor);
  const plus = f32x4.splat(offset);
  for (let i = 0; i < count; i += 4) {
    storeBytes(at + i, f32x4.add(f32x4.mul(floats(at + i), by), plus), count - i);
  }
}

/** The sum of the luma of three planes' pixels. */
export function lumaSum(at: usize, area: i32): f64 {
  let fours = i32x4.splat(0);
  let i = 0;
  for (; i + 4 <= area; i += 4) fours = i32x4.add(fours, i32x4.trunc_sat_f32x4_s(lumaFrom(at + i, area)));
  let sum: f64 = <f64>i32x4.extract_lane(fours, 0) + <f64>i32x4.extract_lane(fours, 1);
  sum += <f64>i32x4.extract_lane(fours, 2) + <f64>i32x4.extract_lane(fours, 3);
  for (; i < area; i++) sum += f32x4.extract_lane(lumaFrom(at + i, area), 0);
  return sum;
}

function lumaFrom(at: usize, area: i32): v128 {
  return luma(floats(at), floats(at + area), floats(at + 2 * area));
}

/** The bytes of three planes become factor × byte + (1 − factor) × luma of their pixel. */
export function saturate(at: usize, area: i32, factor: f32): void {
  const by = f32x4.splat(factor);
  for (let i = 0; i < area; i += 4) {
    const red = floats(at + i);
    const green = floats(at + area + i);
    const blue = floats(at + 2 * area + i);
    const grey = f32x4.mul(luma(red, green, blue), f32x4.splat(1 - factor));
    storeBytes(at + i, f32x4.add(f32x4.mul(red, by), grey), area - i);
    storeBytes(at + area + i, f32x4.add(f32x4.mul(green, by), grey), area - i);
    storeBytes(at + 2 * area + i, f32x4.add(f32x4.mul(blue, by), grey), area - i);
  }
}

/** Turns the hue of three planes' pixels, in HSV, by a share of the colour circle. */
export function turnHue(at: usize, area: i32, turn: f32): void {
  const turned = f32x4.splat(6 * turn);
  for (let i = 0; i < area; i += 4) {
    const red = floats(at + i);
    const green = floats(at + area + i);
    const blue = floats(at + 2 * area + i);
    const value = f32x4.max(f32x4.max(red, green), blue);
    const chroma = f32x4.sub(value, f32x4.min(f32x4.min(red, green), blue));
    const sector = f32x4.add(sectors(red, green, blue, value, chroma), turned);
    storeBytes(at + i, component(5, sector, value, chroma), area - i);
    storeBytes(at + area + i, component(3, sector, value, chroma), area - i);
    storeBytes(at + 2 * area + i, component(1, sector, value, chroma), area - i);
  }
}

/** Hues in sixths of the circle, from −1 on; of greys, some number. */
function sectors(red: v128, green: v128, blue: v128, value: v128, chroma: v128): v128 {
  const by = f32x4.max(chroma, f32x4.splat(1));
  const ofRed = f32x4.div(f32x4.sub(green, blue), by);
  const ofGreen = f32x4.add(f32x4.div(f32x4.sub(blue, red), by), f32x4.splat(2));
  const ofBlue = f32x4.add(f32x4.div(f32x4.sub(red, green), by), f32x4.splat(4));
  const others = v128.bitselect(ofGreen, ofBlue, f32x4.eq(value, green));
  return v128.bitselect(ofRed, others, f32x4.eq(value, red));
}

/** Red (n = 5), green (3) or blue (1) of colours in HSV. */
function component(n: f32, sector: v128, value: v128, chroma: v128): v128 {
  const sum = f32x4.add(sector, f32x4.splat(n));
  const six = f32x4.splat(6);
  const k = f32x4.sub(sum, f32x4.mul(six, f32x4.floor(f32x4.mul(sum, f32x4.splat(1.0 / 6.0)))));
  const share = f32x4.min(f32x4.min(k, f32x4.sub(f32x4.splat(4), k)), f32x4.splat(1));
  return f32x4.sub(value, f32x4.mul(chroma, f32x4.max(share, f32x4.splat(0))));
}
