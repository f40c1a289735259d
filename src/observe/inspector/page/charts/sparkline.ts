/** A line through shares from 0 to 1 as an SVG path, the newest at the right; a gap where nothing is known. */
export function sparkline(shares: readonly (number | null)[], width: number, height: number, most: number): string {
  const step = width / (most - 1);
  const begin = width - (shares.length - 1) * step;
  let isPen = false;
  let path = '';
  for (const [i, share] of shares.entries()) {
    if (share === null) {
      isPen = false;
      continue;
    }
    const y = height - 1 - share * (height - 2);
    path += `${isPen ? 'L' : 'M'}${(begin + i * step).toFixed(1)} ${y.toFixed(1)}`;
    isPen = true;
  }
  return path;
}
