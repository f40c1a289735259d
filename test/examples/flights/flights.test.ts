import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'csv-parse/sync';
import { run } from 'sluice';
import { ThreadPool } from 'sluice/parallel';
import { files } from '../../../examples/flights/files.ts';
import { FlightSums } from '../../../examples/flights/FlightSums.ts';
import { FLIGHTS, sumFlights, sumFlightsHere } from '../../../examples/flights/flow.ts';
import { readPlaces } from '../../../examples/flights/places.ts';
import { flightsResult, type FlightsResult } from '../../../examples/flights/result.ts';
import { threadTimes } from '../../../examples/flights/threadTimes.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
let out: string;
let whole: FlightsResult;

beforeAll(async () => {
  out = await mkdtemp(join(tmpdir(), 'flights-'));
});
afterAll(() => rm(out, { recursive: true }));

/** Runs the flagship on two threads. `onProgress` is given every line of progress. */
async function flagship(folder: string, onProgress: (text: string, child: ChildProcess) => void = () => {}) {
  const child = spawn(process.execPath, ['--import', 'tsx', 'examples/flights.ts', '--out', folder], {
    cwd: root,
    env: { ...process.env, SLUICE_THREADS: '2' },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (data) => (stdout += data));
  child.stderr.on('data', (data) => {
    stderr += data;
    onProgress(String(data), child);
  });
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, stdout, stderr };
}

describe('the flagship', () => {
  it('gives on threads what it gives on one, to the last figure', { timeout: 120_000 }, async () => {
    const threads = new ThreadPool({ threads: 2 });
    const [onThreads, here] = [new FlightSums(), new FlightSums()];
    const report = await run(sumFlights(onThreads, threads)).done;
    await threads.close();
    await run(sumFlightsHere(here)).done;
    expect(report).toMatchObject({ ended: 'completed', results: 11 });
    expect(threadTimes(report, threads.size)).toMatch(/^2 threads, [\d.]+ s: at work [\d.]+% of the time [(]decode/);
    const places = readPlaces(files.airports);
    const result = flightsResult(onThreads, places, { fileRows: FLIGHTS });
    expect(result.rows).toBe(FLIGHTS);
    expect(result).toEqual(flightsResult(here, places, { fileRows: FLIGHTS }));
    whole = result;
  });

  it('counts the whole file: its rows and their delays are those of the file read directly', async () => {
    const file = await asyncBufferFromFile(fileURLToPath(files.flights));
    let count = 0;
    let minutes = 0n;
    for (let rowStart = 0; rowStart < FLIGHTS; rowStart += 272_727) {
      const rowEnd = Math.min(rowStart + 272_727, FLIGHTS);
      for (const { delay } of await parquetReadObjects({ file, compressors, columns: ['delay'], rowStart, rowEnd })) {
        count++;
        minutes += delay as bigint;
      }
    }
    expect(count).toBe(FLIGHTS);
    expect({ rows: whole.rows, minutes: whole.total?.delayMinutes }).toEqual({ rows: count, minutes: Number(minutes) });
  }, 120_000);

  it('writes hours, routes and a page that needs nothing else, within 600 MB', { timeout: 120_000 }, async () => {
    const folder = join(out, 'whole');
    const { code, stdout, stderr } = await flagship(folder);
    expect(code).toBe(0);
    expect(stderr.trimEnd().split('\n').at(-1)).toBe('100 %  3,000,000 flights');
    expect(stdout).toContain('3,000,000 flights');
    expect(stdout).toContain('fromIterable (source)');
    expect(stdout).toMatch(/^2 threads, [\d.]+ s: at work /m);
    expect(Number(/peak memory (\d+) MB/.exec(stdout)![1])).toBeLessThan(600);

    expect((await readdir(folder)).toSorted()).toEqual(['hours.ndjson', 'report.html', 'routes.csv']);
    const hours = (await readFile(join(folder, 'hours.ndjson'), 'utf8'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(hours.reduce((sum, { flights }) => sum + flights, 0)).toBe(3_000_000);
    const routes = parse(await readFile(join(folder, 'routes.csv')), { columns: true }) as { flights: string }[];
    expect(routes.reduce((sum, { flights }) => sum + Number(flights), 0)).toBe(3_000_000);
    const page = await readFile(join(folder, 'report.html'), 'utf8');
    expect(page).not.toMatch(/(src|href)="(https?:)?\/\//);
    expect(page).not.toContain('Partial');
  });

  it('ends well on Ctrl-C, with what it has so far marked as partial', { timeout: 120_000 }, async () => {
    const folder = join(out, 'partial');
    let progress = 0;
    const { code, stdout } = await flagship(folder, (_, child) => {
      if (++progress === 1) child.kill('SIGINT');
    });
    expect(code).toBe(130);
    expect(stdout).toContain('was told to quit and ended cleanly');
    const page = await readFile(join(folder, 'report.html'), 'utf8');
    expect(page).toContain('<title>Partial');
    expect((await readdir(folder)).toSorted()).toEqual(['hours.ndjson', 'report.html', 'routes.csv']);
  });
});
