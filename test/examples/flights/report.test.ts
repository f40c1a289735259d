import { beforeAll, describe, expect, it } from 'vitest';
import { flightReading } from '../../../examples/flights/columns.ts';
import { files } from '../../../examples/flights/files.ts';
import { FlightSums } from '../../../examples/flights/FlightSums.ts';
import { readPlaces, type Place } from '../../../examples/flights/places.ts';
import { renderReport } from '../../../examples/flights/report/renderReport.ts';
import { flightsResult } from '../../../examples/flights/result.ts';
import { summary } from '../../../examples/flights/summary.ts';
import { readRowGroups } from '../../../src/sources/parquet/rowGroups.ts';

const places = readPlaces(files.airports);
const FILE_ROWS = 3_000_000;
/** What a page has in it where a value was not thought of. */
const MISTAKES = /NaN|Infinity|[ "'>]undefined[ "'<]|\[object/g;
let sums: FlightSums;
let page: string;

beforeAll(async () => {
  sums = new FlightSums();
  for await (const { columns } of readRowGroups(files.flights, flightReading)) {
    sums.add(columns);
    break;
  }
  const run = { elapsed: 2_000, peakMemory: 300 * 2 ** 20, report: 'stage <sums> held 1' };
  page = renderReport(flightsResult(sums, places), run);
}, 30_000);

describe('the report', () => {
  it('is one page that refers to nothing outside itself', () => {
    expect(page.slice(0, 15)).toBe('<!doctype html>');
    expect(page.match(/<link|<img|@import|\b(src|href)=|url\((?!#)|https?:(?!\/\/www\.w3\.org\/)/g)).toBeNull();
    expect(page.length).toBeLessThan(600_000);
  });

  it('has every section, the totals, and each chart for wide and for narrow screens', () => {
    for (const title of [
      'Where',
      'At what hour',
      'On what day',
      'On which routes',
      'The worst cascades',
      'How it was',
    ]) {
      expect(page.includes(`<h2>${title}`)).toBe(true);
    }
    expect(page.includes('272,727')).toBe(true);
    const charts = [
      'Map of',
      'Mean and p90 delay by hour',
      'Mean delay by day of the week',
      'Mean delay by day"',
      'The worst',
    ];
    for (const chart of charts) expect(page.split(`aria-label="${chart}`)).toHaveLength(3);
    expect(page.match(/class="course"/g)).toHaveLength(10);
    expect(page.match(MISTAKES)).toBeNull();
  });

  it('says how long the run took, and shows the report of the flow as text', () => {
    expect(page.includes('2.0 seconds')).toBe(true);
    expect(page.includes('300 MB')).toBe(true);
    expect(page.includes('stage &lt;sums&gt; held 1')).toBe(true);
  });

  it('is marked as partial only where the run was cut short', () => {
    const partial = flightsResult(sums, places, { fileRows: FILE_ROWS });
    const text = renderReport(partial).replace(/\s+/g, ' ');
    expect(text.includes('<title>Partial: ')).toBe(true);
    expect(text.includes('The run was stopped after 272,727 of 3,000,000 flights (9.1%)')).toBe(true);
    expect(summary(partial)).toMatch(/^PARTIAL: stopped after 272,727 of 3,000,000 flights\n/);
    expect(page.includes('Partial')).toBe(false);
    expect(summary(flightsResult(sums, places))).not.toContain('PARTIAL');
  });

  it('can be written of no flight at all, and of one', () => {
    const none = flightsResult(new FlightSums(), places, { fileRows: FILE_ROWS });
    expect(renderReport(none).includes('No flights were read.')).toBe(true);
    expect(summary(none)).toContain('No flights were read.');
    const one = new FlightSums();
    one.add({ date: [16_400_000], delay: [-3], origin: ['XXX'], destination: ['ORD'] });
    expect(renderReport(flightsResult(one, places)).match(MISTAKES)).toBeNull();
  });

  it('escapes names', () => {
    const evil: Place = { code: 'ORD', name: '', city: '<b>"&', state: 'IL', latitude: 41, longitude: -87 };
    const text = renderReport(flightsResult(sums, new Map([...places, ['ORD', evil]])));
    expect(text.includes('<b>')).toBe(false);
    expect(text.includes('&lt;b&gt;&quot;&amp;')).toBe(true);
  });
});

describe('the summary', () => {
  it('has the totals and what stands out', () => {
    const lines = summary(flightsResult(sums, places)).split('\n');
    expect(lines[0]).toBe('272,727 flights, 1 January 2001 to 17 January 2001');
    expect(lines.filter((line) => line.startsWith('- '))).toHaveLength(4);
  });
});
