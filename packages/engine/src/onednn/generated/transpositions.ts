import type { Vectors } from "../../machineCode/blocks.js";
import type { BlockTransposition } from "../../machineCode/transposition.js";
import type { MemoryDescriptor } from "../binding/memoryDescriptor.js";
import { blockingOf } from "../plan/layouts.js";
import type { Own } from "./generatedKernel.js";

/** Blocks of a row where rows can be chosen. */
const COLUMNS = 16;

/** A dimension of blocks, and the numbers from one to the next in source and destination. */
interface Outer {
  readonly extent: number;
  readonly from: number;
  readonly to: number;
}

/** What brings numbers from one layout of square blocks to another where each block is transposed; undefined for other layouts. */
export function transpositionOf(
  from: MemoryDescriptor,
  to: MemoryDescriptor,
  { lanes }: Vectors,
): Own<BlockTransposition> | undefined {
  const [source, destination] = [from, to].map(blockingOf);
  if (!source || !destination || from.type !== "f32" || to.type !== "f32") return undefined;
  if (from.dims.join() !== to.dims.join() || from.bytes !== to.bytes) return undefined;
  const isTransposed =
    source.inner.length === 2 &&
    [...source.inner, ...destination.inner].every(({ size }) => size === lanes) &&
    source.inner.map(({ dim }) => dim).join() ===
      destination.inner
        .map(({ dim }) => dim)
        .toReversed()
        .join();
  const [first, second] = source.inner.map(({ dim }) => dim);
  if (!isTransposed || first === second) return undefined;
  const dimensions = from.dims.map(
    (extent, dim): Outer => ({
      extent: dim === first || dim === second ? extent / lanes : extent,
      from: source.strides[dim],
      to: destination.strides[dim],
    }),
  );
  const outer = merged(dimensions, lanes * lanes);
  if (!outer || !dimensions.every(({ extent }) => Number.isInteger(extent)) || outer.length > 2) return undefined;
  const [row, column] = outer.length === 2 ? outer : split(outer[0]);
  return { rows: row.extent, columns: column.extent, rowStep: 4 * row.to, columnStep: 4 * column.to };
}

/** The dimensions by their order in the source, neighbours together where they are so in both; undefined if there are gaps. */
function merged(dimensions: readonly Outer[], block: number): Outer[] | undefined {
  const ordered = dimensions.filter(({ extent }) => extent > 1).toSorted((a, b) => b.from - a.from);
  const result: Outer[] = [];
  for (const inner of ordered.toReversed()) {
    const last = result[0];
    const expected = last ? last.from * last.extent : block;
    if (inner.from !== expected) return undefined;
    if (last && inner.to === last.to * last.extent) result[0] = { ...last, extent: last.extent * inner.extent };
    else result.unshift(inner);
  }
  return result.length > 0 ? result : [{ extent: 1, from: block, to: block }];
}

/** One dimension as two. */
function split({ extent, from, to }: Outer): [Outer, Outer] {
  const columns = Array.from({ length: COLUMNS }, (_, i) => COLUMNS - i).find((count) => extent % count === 0) ?? 1;
  return [
    { extent: extent / columns, from: from * columns, to: to * columns },
    { extent: columns, from, to },
  ];
}
