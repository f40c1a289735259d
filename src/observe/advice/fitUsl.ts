/** How throughput follows concurrency: the coefficients that `usl` of `sync/sizing` takes. */
export interface UslFit {
  /** What one alone gets done, in the unit of the throughputs. */
  readonly rate: number;
  readonly contention: number;
  readonly coherency: number;
  /** By how much of itself a measured throughput is off, on average (root mean square). */
  readonly error: number;
}

/**
 * Fits Gunther's universal scalability law to throughputs measured at two concurrencies or more; with two, or where the
 * coherency comes out as less than nothing, that is Amdahl's law.
 *
 * The law is linear in its coefficients once it is turned over: `n / X(n) = a + b (n - 1) + c n (n - 1)`, with the rate `1 / a`,
 * the contention `b / a` and the coherency `c / a`. Least squares of the relative errors, none of the three less than 0: with so few
 * all sets of those that are not 0 are tried. (N. J. Gunther, Guerrilla Capacity Planning, 2007, chapter 5, fits the same form.)
 *
 * @returns The fit, or `undefined` where there are fewer than two concurrencies.
 */
export function fitUsl(points: readonly { readonly concurrency: number; readonly rate: number }[]): UslFit | undefined {
  const different = new Set(points.map(({ concurrency }) => concurrency)).size;
  if (different < 2) return undefined;
  // Each row divided by what was measured: errors count in proportion.
  const rows = points.map(({ concurrency: n, rate }) => {
    const measured = n / rate;
    return [1 / measured, (n - 1) / measured, (n * (n - 1)) / measured];
  });
  const sets = different > 2 ? [[0], [0, 1], [0, 2], [0, 1, 2]] : [[0], [0, 1]];
  let best: { solution: number[]; error: number } | undefined;
  for (const set of sets) {
    const found = leastSquares(rows.map((row) => set.map((column) => row[column]!)));
    if (found === undefined || found.some((value) => !(value >= 0)) || found[0] === 0) continue;
    const solution = [0, 0, 0];
    for (const [i, column] of set.entries()) solution[column] = found[i]!;
    const error = Math.sqrt(rows.reduce((sum, row) => sum + (dot(row, solution) - 1) ** 2, 0) / rows.length);
    if (best === undefined || error < best.error) best = { solution, error };
  }
  if (best === undefined) return undefined;
  const [a, b, c] = best.solution as [number, number, number];
  // More contention than there is work: throughput falls from the first on, which the law has no part for.
  return { rate: 1 / a, contention: Math.min(b / a, 1), coherency: c / a, error: best.error };
}

/** The solution `x` that brings `rows · x` nearest to 1, by the normal equations; `undefined` where there is none. */
function leastSquares(rows: readonly (readonly number[])[]): number[] | undefined {
  const size = rows[0]!.length;
  const matrix = Array.from({ length: size }, (_, i) => [
    ...Array.from({ length: size }, (__, j) => rows.reduce((sum, row) => sum + row[i]! * row[j]!, 0)),
    rows.reduce((sum, row) => sum + row[i]!, 0),
  ]);
  for (let i = 0; i < size; i++) {
    // The matrix is symmetric and positive, so that no rows need be exchanged.
    const pivot = matrix[i]![i]!;
    if (!(Math.abs(pivot) > Number.MIN_VALUE)) return undefined;
    for (let k = 0; k < size; k++) {
      if (k === i) continue;
      const factor = matrix[k]![i]! / pivot;
      for (let j = i; j <= size; j++) matrix[k]![j]! -= factor * matrix[i]![j]!;
    }
  }
  return matrix.map((row, i) => row[size]! / row[i]!);
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0);
}
