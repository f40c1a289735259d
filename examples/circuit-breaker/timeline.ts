/** A payment that was tried. */
export interface Payment {
  /** Milliseconds from the beginning. */
  readonly at: number;
  readonly result: 'paid' | 'failed' | 'refused';
}

/** The breaker came into a state, and was in it until the next. */
export interface Period {
  readonly state: 'closed' | 'open' | 'half-open';
  readonly from: number;
}

/** Everything that the page shows. */
export interface Timeline {
  readonly payments: readonly Payment[];
  readonly periods: readonly Period[];
  readonly outage: { readonly from: number; readonly to: number };
  readonly lasts: number;
}

const WIDTH = 900;
const STATES = { closed: '#cfe8d5', 'half-open': '#fbe7a8', open: '#f3c9c4' } as const;
const RESULTS = { paid: '#2f7d4f', failed: '#b3261e', refused: '#8a8a8a' } as const;
const ROWS = { paid: 30, failed: 60, refused: 90 } as const;

/** A page by itself: the states of the breaker as bands, the payments as dots. */
export function timeline({ payments, periods, outage, lasts }: Timeline): string {
  const x = (ms: number) => ((ms / lasts) * WIDTH).toFixed(1);
  const bands = periods.map(({ state, from }, i) => {
    const width = x((periods[i + 1]?.from ?? lasts) - from);
    return `<rect x="${x(from)}" width="${width}" y="0" height="110" fill="${STATES[state]}"><title>${state}</title></rect>`;
  });
  const dots = payments.map(
    ({ at, result }) => `<circle cx="${x(at)}" cy="${ROWS[result]}" r="2.5" fill="${RESULTS[result]}"/>`,
  );
  const names = Object.entries(ROWS).map(
    ([name, y]) => `<text x="-8" y="${y}" dy="4" text-anchor="end">${name}</text>`,
  );
  const seconds = Array.from(
    { length: Math.floor(lasts / 500) + 1 },
    (_, i) => `<text x="${x(i * 500)}" y="146" text-anchor="middle">${i / 2} s</text>`,
  );
  const legend = Object.entries(STATES).map(
    ([state, color]) => `<span style="background: ${color}; padding: 0.1rem 0.6rem">${state}</span>`,
  );
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>A circuit breaker over time</title>
<style>
  body { font: 15px/1.5 system-ui, sans-serif; max-width: 1000px; margin: 2rem auto; padding: 0 1rem; color: #222; background: #fff; }
  svg { width: 100%; height: auto; font-size: 12px; } text { fill: #555; }
</style>
<h1>A circuit breaker over time</h1>
<p>${legend.join(' ')} &nbsp; The line below is the time in which the provider failed four times in five.</p>
<svg viewBox="-70 -5 ${WIDTH + 90} 160" role="img" aria-label="States of the breaker and payments over time">
${[...bands, ...dots, ...names, ...seconds].join('\n')}
<line x1="${x(outage.from)}" x2="${x(outage.to)}" y1="120" y2="120" stroke="#b3261e" stroke-width="5"/>
</svg>
</html>
`;
}
