const REFLECT = -1;

/**
 * Copies a square plane moved by whole pixels and mirrored left to right on request.
 * @param dy row of the source that comes to stand in the first row
 * @param fill byte that stands where the source does not reach; −1: the source mirrored at its border pixels
 */
export function shift(source: usize, target: usize, side: i32, dy: i32, dx: i32, mirrored: bool, fill: i32): void {
  const low = min(side, max(0, -dx));
  const high = max(low, min(side, side - dx));
  for (let y = 0; y < side; y++) {
    const to = target + y * side;
    const from = fill === REFLECT ? reflect(y + dy, side) : y + dy;
    if (from < 0 || from >= side) {
      memory.fill(to, <u8>fill, side);
      continue;
    }
    const row = source + from * side;
    if (mirrored) reverse(row + low + dx, to + side - high, high - low);
    // A copy of no bytes still traps where its address is outside of the memory.
    else if (low < high) memory.copy(to + low, row + low + dx, high - low);
    for (let x = 0; x < low; x++) beyond(row, to, side, x, dx, mirrored, fill);
    for (let x = high; x < side; x++) beyond(row, to, side, x, dx, mirrored, fill);
  }
}

/** One pixel that the source does not reach. */
function beyond(row: usize, to: usize, side: i32, x: i32, dx: i32, mirrored: bool, fill: i32): void {
  const byte = fill === REFLECT ? load<u8>(row + reflect(x + dx, side)) : <u8>fill;
  store<u8>(to + (mirrored ? side - 1 - x : x), byte);
}

/** Copies bytes in the opposite order. */
function reverse(source: usize, target: usize, count: i32): void {
  let i = 0;
  for (; i + 16 <= count; i += 16) {
    const bytes = v128.load(source + i);
    const reversed = v128.shuffle<u8>(bytes, bytes, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
    v128.store(target + count - 16 - i, reversed);
  }
  for (; i < count; i++) store<u8>(target + count - 1 - i, load<u8>(source + i));
}

/** The position mirrored at 0 and at side − 1 as often as needed. */
function reflect(position: i32, side: i32): i32 {
  if (side === 1) return 0;
  const period = 2 * side - 2;
  const within = ((position % period) + period) % period;
  return within < side ? within : period - within;
}
