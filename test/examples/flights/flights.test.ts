import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { asyncBufferFromFile, parquetRead } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'csv-parse/sync';
import { files } from '../../../examples/flights/files.ts';
import type { OnOneThread } from './onOneThread.ts';

const FLIGHTS = 3_000_000;
const root = fileURLToPath(new URL('../../../', import.meta.url));
let out: string;
let whole: Ended;
/** What one thread makes of the whole file. */
let expected: OnOneThread;

beforeAll(async () => {
  out = await mkdtemp(join(tmpdir(), 'flights-'));
  whole = await flagship('whole', '2');
  // In a process of its own: a test runner makes loops over millions slow.
  const { code, stdout, stderr } = await program(['test/examples/flights/onOneThread.js']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expected = JSON.parse(stdout) as OnOneThread;
}, 300_000);
afterAll(() => rm(out, { recursive: true }));

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs what `test/compile.ts` has compiled. `onProgress` is called with all that it has written to stderr whenever it has written more. */
async function program(
  [path, ...args]: readonly [path: string, ...args: string[]],
  env: NodeJS.ProcessEnv = {},
  onProgress: (child: ChildProcess, stderr: string) => void = () => {},
): Promise<Ended> {
  const child = spawn(process.execPath, [`out/programs/${path}`, ...args], {
    cwd: root,
    env: { ...process.env, ...env },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (data) => (stdout += data));
  child.stderr.on('data', (data) => {
    stderr += data;
    onProgress(child, stderr);
  });
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, stdout, stderr };
}

/** Runs the flagship on some threads. */
function flagship(folder: string, threads: string, onProgress?: (child: ChildProcess) => void): Promise<Ended> {
  return program(['examples/flights.js', '--out', join(out, folder)], { SLUICE_THREADS: threads }, onProgress);
}

/** Preloaded, it gives the inspector any port that is free: that 4747 is the one it takes first another test sees, beside this one. */
const anyPort = `data:text/javascript,${encodeURIComponent(`
  import { Server } from 'node:net';
  const { listen } = Server.prototype;
  Server.prototype.listen = function (options, ...rest) {
    return listen.call(this, options.port === 4747 ? { ...options, port: 0 } : options, ...rest);
  };
`)}`;

const written = (file: string): Promise<string> => readFile(join(out, 'whole', file), 'utf8');
const hours = async (): Promise<OnOneThread['hours']> =>
  (await written('hours.ndjson'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
const routes = async (): Promise<Record<keyof OnOneThread['routes'][number], string>[]> =>
  parse(await written('routes.csv'), { columns: true });

const asText = (route: object) => Object.fromEntries(Object.entries(route).map(([key, value]) => [key, String(value)]));
/** A page without what tells of the run, which comes after the charts. */
const charts = (page: string): string => page.slice(0, page.indexOf('<h2>How it was computed'));

describe('the flagship', () => {
  it('counts the whole file: its rows and their delays are those of the file read directly', async () => {
    const file = await asyncBufferFromFile(fileURLToPath(files.flights));
    let count = 0;
    let minutes = 0n;
    await parquetRead({
      file,
      compressors,
      columns: ['delay'],
      onChunk: ({ columnData }) => {
        count += columnData.length;
        for (const delay of columnData as ArrayLike<bigint> & Iterable<bigint>) minutes += delay;
      },
    });
    expect(count).toBe(FLIGHTS);
    expect({ rows: expected.rows, minutes: expected.minutes }).toEqual({ rows: count, minutes: Number(minutes) });
  }, 120_000);

  it('gives on threads what it gives on one, to the last figure that it prints and writes', async () => {
    const { code, stdout } = whole;
    expect({ code, summary: stdout.slice(0, expected.summary.length) }).toEqual({ code: 0, summary: expected.summary });
    expect(stdout).toMatch(/^flow "flights" completed after .*, 11 results/m);
    expect(stdout).toMatch(/^2 threads, [\d.]+ s: at work [\d.]+% of the time [(]decode/m);

    expect(await hours()).toEqual(expected.hours);
    expect(await routes()).toEqual(expected.routes.map(asText));
    expect(charts(await written('report.html')) === charts(expected.page)).toBe(true);
  });

  it('writes hours, routes and a page that needs nothing else, within 600 MB', async () => {
    const { stdout, stderr } = whole;
    expect(stderr.trimEnd().split('\n').at(-1)).toBe('100 %  3,000,000 flights');
    expect(stdout).toContain('3,000,000 flights');
    expect(stdout).toContain('fromIterable (source)');
    expect(Number(/peak memory (\d+) MB/.exec(stdout)![1])).toBeLessThan(600);

    expect((await readdir(join(out, 'whole'))).toSorted()).toEqual(['hours.ndjson', 'report.html', 'routes.csv']);
    expect((await hours()).reduce((sum, { flights }) => sum + flights, 0)).toBe(FLIGHTS);
    expect((await routes()).reduce((sum, { flights }) => sum + Number(flights), 0)).toBe(FLIGHTS);
    const page = await written('report.html');
    expect(page).not.toMatch(/(src|href)="(https?:)?\/\//);
    expect(page).not.toContain('Partial');
  });

  it('shows its flow on a page with --inspect', { timeout: 120_000 }, async () => {
    let shown: Promise<unknown> | undefined;
    const { code } = await program(
      ['examples/flights.js', '--out', join(out, 'inspected'), '--inspect'],
      { SLUICE_THREADS: '1', NODE_OPTIONS: `--import=${anyPort}` },
      (child, stderr) => {
        const [, url] = /^sluice inspector: (http:\S+\/)/m.exec(stderr) ?? [];
        if (url === undefined || shown !== undefined) return;
        shown = fetch(`${url}snapshot`).then(async (response) => response.json());
        void shown.catch(() => {}).then(() => child.kill('SIGINT'));
      },
    );
    expect(code).toBe(130);
    const stages = ['fromIterable', 'decode', 'sum up', 'merge'].map((name) => ({ name }));
    expect(await shown).toMatchObject({ graphs: [{ name: 'flights', stages }] });
  });

  it('ends well on Ctrl-C, with what it has so far marked as partial', { timeout: 120_000 }, async () => {
    const folder = join(out, 'partial');
    let progress = 0;
    const { code, stdout } = await flagship('partial', '1', (child) => {
      if (++progress === 1) child.kill('SIGINT');
    });
    expect(code).toBe(130);
    expect(stdout).toContain('was told to quit and ended cleanly');
    const page = await readFile(join(folder, 'report.html'), 'utf8');
    expect(page).toContain('<title>Partial');
    expect((await readdir(folder)).toSorted()).toEqual(['hours.ndjson', 'report.html', 'routes.csv']);
  });
});
