/** Writes scale × byte + shift for `count` bytes, sixteen at a time: up to 15 more are read, and written. */
export function normalise(source: usize, target: usize, count: i32, scale: f32, shift: f32): void {
  const by = f32x4.splat(scale);
  const plus = f32x4.splat(shift);
  for (let i = 0; i < count; i += 16) {
    const bytes = v128.load(source + i);
    const low = i16x8.extend_low_i8x16_u(bytes);
    const high = i16x8.extend_high_i8x16_u(bytes);
    const to = target + 4 * i;
    v128.store(to, f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_u(low)), by), plus));
    v128.store(to, f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_u(low)), by), plus), 16);
    v128.store(to, f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_u(high)), by), plus), 32);
    v128.store(to, f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_u(high)), by), plus), 48);
  }
}
