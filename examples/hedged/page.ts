/** What came of the requests made in one way. */
export interface Measured {
  readonly name: string;
  /** Milliseconds, the shortest first. */
  readonly durations: readonly number[];
  readonly requests: number;
}

const WIDTH = 760;
const HEIGHT = 300;
const COLORS = ['#b5485d', '#1f7a8c'];

/** A page by itself: for each way the share of the requests that had their answer within a time. */
export function page(ways: readonly Measured[]): string {
  const longest = Math.max(...ways.map(({ durations }) => durations.at(-1) ?? 0));
  const x = (ms: number) => ((ms / longest) * WIDTH).toFixed(1);
  // Upwards by powers of ten of those that are slower: 0, 90, 99, 99.9 %.
  const y = (share: number) => (HEIGHT * (1 + Math.log10(Math.max(1 - share, 0.001)) / 3)).toFixed(1);
  const curves = ways.map(({ durations }, i) => {
    const points = durations.map((ms, n) => `${x(ms)},${y(n / durations.length)}`).join(' ');
    return `<polyline points="${points}" fill="none" stroke="${COLORS[i]}" stroke-width="2.5"/>`;
  });
  const shares = [0, 0.9, 0.99, 0.999].map(
    (share) =>
      `<line x1="0" x2="${WIDTH}" y1="${y(share)}" y2="${y(share)}"/><text x="-8" y="${y(share)}" dy="4" text-anchor="end">${share * 100} %</text>`,
  );
  const times = [0, 0.25, 0.5, 0.75, 1].map(
    (part) =>
      `<text x="${part * WIDTH}" y="${HEIGHT + 20}" text-anchor="middle">${Math.round(part * longest)} ms</text>`,
  );
  const legend = ways.map(
    ({ name, requests }, i) => `<li style="color: ${COLORS[i]}">${name}: ${requests} requests made</li>`,
  );
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Hedged requests</title>
<style>
  body { font: 15px/1.5 system-ui, sans-serif; max-width: 900px; margin: 2rem auto; padding: 0 1rem; color: #222; background: #fff; }
  svg { width: 100%; height: auto; font-size: 12px; } line { stroke: #ddd; } text { fill: #555; }
</style>
<h1>Requests that had their answer within a time</h1>
<svg viewBox="-60 -15 ${WIDTH + 90} ${HEIGHT + 45}" role="img" aria-label="Share of the requests by time">
${[...shares, ...times, ...curves].join('\n')}
</svg>
<ul>${legend.join('')}</ul>
</html>
`;
}
