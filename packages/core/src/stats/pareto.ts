/**
 * Indices of the points that no other beats in both cost and error, by ascending cost. Of equal points the first stays.
 * Points with a cost or an error that is not finite are never on the front.
 */
export function paretoFront(costs: readonly number[], errors: readonly number[]): number[] {
  const finite = costs.flatMap((cost, i) => (Number.isFinite(cost) && Number.isFinite(errors[i]) ? [i] : []));
  finite.sort((a, b) => costs[a] - costs[b] || errors[a] - errors[b] || a - b);
  const front: number[] = [];
  let best = Number.POSITIVE_INFINITY;
  for (const index of finite) {
    if (errors[index] >= best) continue;
    best = errors[index];
    front.push(index);
  }
  return front;
}
