/** The middle of some differences, and between what it lies with the confidence that was asked for. */
export interface Shift {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
}

/**
 * Estimates by how much pairs differ, from their differences: the median of the means of each two of them (Hodges and
 * Lehmann), and the confidence interval that belongs to the signed-rank test of Wilcoxon, which is a permutation test: where it leaves
 * out 0, no more than a share `alpha` of all ways to exchange the two of each pair gives ranks as far apart.
 *
 * All that it takes for granted is that a pair may as well be the other way round where nothing differs, which the order in which the
 * two are measured sees to, being drawn by lot. An outlier has the weight of its rank. (F. Wilcoxon, Biometrics Bulletin 1, 1945; J. L. Hodges and E. L.
 * Lehmann, Annals of Mathematical Statistics 34, 1963; M. Hollander and D. A. Wolfe, Nonparametric Statistical Methods, chapter 3.)
 *
 * @param differences At least {@link pairsNeeded} of them, and no more than about a thousand.
 */
export function signedRank(differences: readonly number[], alpha: number): Shift {
  const means: number[] = [];
  for (const [i, a] of differences.entries()) for (const b of differences.slice(0, i + 1)) means.push((a + b) / 2);
  means.sort((a, b) => a - b);
  const count = means.length;
  const cut = cutOff(differences.length, alpha);
  return {
    estimate: (means[(count - 1) >> 1]! + means[count >> 1]!) / 2,
    low: means[cut]!,
    high: means[count - 1 - cut]!,
  };
}

/** How many pairs there have to be for the interval to be one: fewer cannot be as unlikely as `alpha`, whatever they are. */
export function pairsNeeded(alpha: number): number {
  return Math.ceil(Math.log2(2 / alpha));
}

/** How many of the means lie beyond each end of the interval: the sum of ranks that is undercut by chance in `alpha / 2` of all cases. */
function cutOff(pairs: number, alpha: number): number {
  // The share of all sets of ranks 1 to `pairs` that have a sum: one rank after the other is in half of the sets.
  let shares = new Float64Array([1]);
  for (let rank = 1; rank <= pairs; rank++) {
    const next = new Float64Array(shares.length + rank);
    for (const [sum, share] of shares.entries()) {
      next[sum]! += share / 2;
      next[sum + rank]! += share / 2;
    }
    shares = next;
  }
  let cut = 0;
  let tail = shares[0]!;
  while (tail + shares[cut + 1]! <= alpha / 2) tail += shares[++cut]!;
  return cut;
}
