import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { floor, slope } from '../../scripts/soak/slope.ts';
import { grown, type Resources } from '../../scripts/soak/Resources.ts';
import { Tally } from '../../scripts/soak/Tally.ts';

interface Ended {
  readonly code: number;
  readonly lines: readonly string[];
}

/** Runs a soak as a process of its own, with a folder for its temporary files. */
function soak(args: readonly string[], plant?: string, tmp = mkdtempSync(join(folder, 'run-'))): Promise<Ended> {
  const env = { ...process.env, TMPDIR: tmp, SOAK_PLANT: plant ?? '' };
  const command = ['--expose-gc', '--import', 'tsx', 'scripts/soak.ts', ...args];
  return new Promise((resolve) => {
    execFile(process.execPath, command, { env }, (error, stdout, stderr) => {
      const code = error === null ? 0 : Number(error.code);
      resolve({ code, lines: `${stdout}${stderr}`.trimEnd().split('\n') });
    });
  });
}

const folder = mkdtempSync(join(tmpdir(), 'soak-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

// Each is a process that mostly waits.
describe.concurrent('a soak', () => {
  test('loses nothing, leaves nothing behind, and says what it did', { timeout: 120_000 }, async () => {
    const tmp = mkdtempSync(join(folder, 'clean-'));
    const { code, lines } = await soak(['--minutes', '0.07', '--seed', '7'], undefined, tmp);
    expect({ code, lines }).toMatchObject({ code: 0 });
    expect(lines[0]).toBe('seed       7');
    expect(lines.at(-1)).toBe('PASSED');
    expect(lines.find((line) => line.startsWith('heap'))).toMatch(
      /not judged: a run of less than 1 minutes says nothing/,
    );
    const [, flows, made] = /^flows +(\d+):[^]*\nitems +(\d+) made/m.exec(lines.join('\n')) ?? [];
    expect(Number(flows)).toBeGreaterThan(20);
    expect(Number(made)).toBeGreaterThan(500);
    // The loader keeps its cache there, too.
    expect(readdirSync(tmp).filter((name) => name.startsWith('soak-'))).toEqual([]);
  });

  test.each([
    ['heap', /the heap grows by \d+ KB a minute, where 50 may be/],
    ['timer', /handles have grown from \d+ to \d+/],
    ['listener', /listeners have grown from \d+ to \d+/],
    ['file', /files have grown from \d+ to \d+/],
    ['loss', /and 1 of \d+ items are lost/],
    ['rejection', /a rejection that nobody handles: Error: planted/],
  ])('finds a planted fault: %s', { timeout: 120_000 }, async (plant, message) => {
    const { code, lines } = await soak(
      ['--minutes', '0.07', '--seed', '7', ...(plant === 'heap' ? ['--judge'] : [])],
      plant,
    );
    expect(code).toBe(1);
    expect(lines.filter((line) => line.startsWith('FAULT')).join('\n')).toMatch(message);
    expect(lines).toContain('FAILED');
  });

  test.each([
    [['--minutes', '0'], /--minutes must be/],
    [['--minutes', 'x'], /--minutes must be/],
    [['--seed', '1.5'], /--seed must be/],
    [['--hours', '1'], /Unknown option '--hours'/],
  ])('refuses %j', { timeout: 60_000 }, async (args, message) => {
    const { code, lines } = await soak(args);
    expect(code).toBe(1);
    expect(lines.join('\n')).toMatch(message);
  });
});

const sample = (files: number): Resources => ({ heap: 0, handles: 1, kinds: '', files, listeners: 1 });

describe('what a soak judges by', () => {
  test('the slope is that of the line nearest to the points', () => {
    expect(slope([0, 1, 2, 3].map((x) => ({ x, y: 5 + 7 * x })))).toBeCloseTo(7);
    expect(slope([10, 12, 9, 11].map((y, x) => ({ x, y })))).toBeCloseTo(0);
  });

  test('of each stretch only the lowest point counts', () => {
    const points = [4, 1, 3, 9, 2, 8].map((y, x) => ({ x, y }));
    expect(floor(points, 2).map(({ y }) => y)).toEqual([1, 3, 2]);
  });

  test('a count has grown if it never came back to what it was', () => {
    expect(grown([3, 4, 3, 9, 4, 5].map(sample))).toEqual([]);
    expect(grown([3, 4, 3, 9, 5, 6].map(sample))).toEqual(['files have grown from 4 to 5']);
    expect(grown([3, 4].map(sample))).toEqual([]);
  });

  test('an item has one fate', () => {
    const tally = new Tally(3);
    tally.made([0, 1]);
    tally.end([0], 'arrived');
    expect([tally.open, tally.faults]).toEqual([1, []]);
    tally.end([0], 'dropped');
    tally.end([2], 'arrived');
    tally.made([3]);
    expect(tally.faults).toEqual([
      'item 0 dropped, and it was arrived already',
      'item 2 arrived, and it was not made already',
      'item 3 made, and there is none',
    ]);
  });
});
