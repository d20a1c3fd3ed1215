import { Draw } from "./random.mjs";

/** What may be allocated whatever the file's size: tables, error texts, pickled values. */
const FLOOR = 4 << 20;
const FACTOR = 8;
const MOST_MUTATIONS = 6;

/** The file of a case. */
export function makeCase({ files, mutations }, seed, index) {
  const draw = new Draw(seed, index);
  let bytes = draw.pick(files).slice();
  for (let i = draw.below(MOST_MUTATIONS) + 1; i > 0; i--) {
    bytes = draw.pick(mutations)(bytes, draw);
    if (bytes.length === 0) break;
  }
  return bytes;
}

/** Reads a case. @returns what is wrong with how it was read, or undefined; and whether it was refused */
export async function tryCase({ read, growth = FACTOR }, bytes) {
  const before = process.memoryUsage();
  const started = performance.now();
  let refused = false;
  let problem;
  try {
    const arrays = await read(bytes);
    const held = new Set(arrays.map(({ buffer }) => buffer).filter((buffer) => buffer !== bytes.buffer));
    const total = [...held].reduce((sum, { byteLength }) => sum + byteLength, 0);
    if (total > growth * bytes.length + 1024) problem = `it gave ${total} bytes for a file of ${bytes.length}`;
  } catch (error) {
    refused = true;
    if (error?.name !== "RegnetError") problem = `it threw ${error?.stack ?? error}`;
  }
  const after = process.memoryUsage();
  const grown = after.arrayBuffers - before.arrayBuffers;
  if (grown > growth * bytes.length + FLOOR)
    problem ??= `its buffers grew by ${grown} bytes for a file of ${bytes.length}`;
  const milliseconds = performance.now() - started;
  return { refused, problem, milliseconds };
}
