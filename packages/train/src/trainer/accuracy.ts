/** Sums over classified images. */
export interface Score {
  images: number;
  top1: number;
  top5: number;
  /** Summed cross-entropy, in nats. */
  loss: number;
}

export function emptyScore(): Score {
  return { images: 0, top1: 0, top5: 0, loss: 0 };
}

const TOP = 5;

/**
 * Adds the images of a batch whose label is at least 0.
 * @param logits batch×classes
 * @param predictions where the most likely class of each image goes, if anywhere
 */
export function addToScore(
  score: Score,
  logits: Float32Array,
  labels: ArrayLike<number>,
  classes: number,
  predictions?: Int32Array,
): void {
  for (let i = 0; i < labels.length; i++) {
    if (labels[i] < 0) continue;
    const row = logits.subarray(i * classes, (i + 1) * classes);
    const ahead = rankOf(row, labels[i]);
    score.images++;
    if (ahead === 0) score.top1++;
    if (ahead < TOP) score.top5++;
    score.loss += crossEntropy(row, labels[i]);
    if (predictions) predictions[i] = mostLikely(row);
  }
}

/** Classes more likely than `label`; equal ones count as more likely where they come first. NaN is never right. */
export function rankOf(row: Float32Array, label: number): number {
  const own = row[label];
  if (Number.isNaN(own)) return row.length;
  let rank = 0;
  for (let c = 0; c < row.length; c++) {
    if (row[c] > own || (row[c] === own && c < label)) rank++;
  }
  return rank;
}

/** Index of the greatest value, the first of equal ones. */
export function mostLikely(row: Float32Array): number {
  let best = 0;
  for (let c = 1; c < row.length; c++) if (row[c] > row[best]) best = c;
  return best;
}

function crossEntropy(row: Float32Array, label: number): number {
  const highest = row[mostLikely(row)];
  let sum = 0;
  for (let c = 0; c < row.length; c++) sum += Math.exp(row[c] - highest);
  return Math.log(sum) + highest - row[label];
}
