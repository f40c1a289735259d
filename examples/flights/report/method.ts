import { LATE_FROM } from '../DelayStats.ts';
import type { FlightsResult } from '../result.ts';
import { count } from '../format.ts';
import { html, type Markup } from './html.ts';

/** How long the run took and what it needed. */
export interface RunFacts {
  /** Milliseconds from the first byte read to the last flight counted. */
  readonly elapsed: number;
  /** The most memory the process held, in bytes. */
  readonly peakMemory: number;
  /** The flow's own report, as text. */
  readonly report?: string;
}

/** How the figures were computed, and what to know about the data. */
export function method(result: FlightsResult, run: RunFacts | undefined): Markup {
  return html`<p>
      The flights come from <code>flights-3m.parquet</code> of the package <code>vega-datasets</code>, which has them
      from the on-time statistics of the U.S. Bureau of Transportation Statistics. The file is read as a stream: four of
      its five columns, one row group after the other, decoded and summed up on several threads, and no more of them at
      a time than the threads have room for. For each airport, route and hour it is counted how many flights had which
      delay, to the minute. So <strong>all figures are exact</strong>, the p90 (nearest rank) included, and memory does
      not grow with the number of flights. Cities and coordinates are joined from <code>airports.csv</code>.
    </p>
    ${facts(result, run)}
    <h3>Notes on the data</h3>
    <ul>
      <li>
        <strong>Delays are delays of arrival.</strong> The script that made the file takes them from the Bureau's
        arrival delays. Negative ones, ahead of time, count in the means. Late is ${LATE_FROM} minutes or more.
        Cancelled and diverted flights are not in the file.
      </li>
      <li>
        <strong>Times are times of actual departure</strong>, by the clock of the airport of departure. A flight that
        leaves late counts in the hour in which it left.
      </li>
      <li>
        <strong>A few delays of about 24 hours are likely errors.</strong> On Phoenix → Detroit, 25 flights in the whole
        file are 1,403 to 1,447 minutes late and no other is more than 585. They are counted as they are.
      </li>
      <li>${skipped(result)}</li>
    </ul>`;
}

function facts({ rows }: FlightsResult, run: RunFacts | undefined): Markup {
  if (run === undefined) return html``;
  const { elapsed, peakMemory, report } = run;
  const seconds = elapsed / 1000;
  return html`<p>
      It took <strong>${seconds.toFixed(1)} seconds</strong> on one thread, ${count(rows / seconds)} flights a second,
      and at most ${count(peakMemory / 2 ** 20)} MB of memory.
    </p>
    ${report && html`<pre>${report}</pre>`}`;
}

function skipped({ incomplete, outsideYear, unknownAirports }: FlightsResult): string {
  if (incomplete + outsideYear + unknownAirports.length === 0) {
    return 'No value is missing, every flight lies in 2001, and every airport is in airports.csv.';
  }
  const unknown = unknownAirports.length === 0 ? 'none' : unknownAirports.join(', ');
  return (
    `Left out: ${count(incomplete)} flights with a missing value and ${count(outsideYear)} outside 2001. ` +
    `Airports not in airports.csv: ${unknown}.`
  );
}
