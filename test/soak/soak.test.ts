import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { describe, expect, test } from 'vitest';
import { makeOperator } from '../../scripts/soak/operators.ts';
import { Random } from '../../scripts/soak/Random.ts';
import { floor, slope } from '../../scripts/soak/slope.ts';
import { readSettings } from '../../scripts/soak/readSettings.ts';
import { grown, type Resources } from '../../scripts/soak/Resources.ts';
import { Tally } from '../../scripts/soak/Tally.ts';

interface Ended {
  readonly code: number;
  readonly lines: readonly string[];
  /** The temporary folders that it has left. */
  readonly folders: readonly string[];
}

/** Runs a soak as a process of its own. */
function soak(args: readonly string[], plants = ''): Promise<Ended> {
  const env = { ...process.env, SOAK_PLANTS: plants };
  const command = ['--expose-gc', '--import', 'tsx', 'scripts/soak.ts', ...args];
  return new Promise((resolve) => {
    const { pid } = execFile(process.execPath, command, { env }, (error, stdout, stderr) => {
      const code = error === null ? 0 : Number(error.code);
      const folders = readdirSync(tmpdir()).filter((name) => name.startsWith(`soak-${pid}-`));
      resolve({ code, lines: `${stdout}${stderr}`.trimEnd().split('\n'), folders });
    });
  });
}

describe.concurrent('a soak', { timeout: 120_000 }, () => {
  test('loses nothing, leaves nothing behind, and says what it did', async () => {
    const { code, lines, folders } = await soak(['--minutes', '0.04', '--seed', '7']);
    expect({ code, lines, folders }).toMatchObject({ code: 0, folders: [] });
    expect(lines[0]).toBe('seed       7');
    expect(lines.at(-1)).toBe('PASSED');
    expect(lines.find((line) => line.startsWith('heap'))).toMatch(
      /not judged: a run of less than 1 minutes says nothing/,
    );
    const [, flows, made] = /^flows +(\d+):[^]*\nitems +(\d+) made/m.exec(lines.join('\n')) ?? [];
    expect(Number(flows)).toBeGreaterThan(20);
    expect(Number(made)).toBeGreaterThan(500);
  });

  // A process takes much longer to start than a fault to be found, so that one has them all. Each has words of its own.
  test('finds every planted fault', async () => {
    const { code, lines, folders } = await soak(
      ['--minutes', '0.01', '--seed', '7', '--judge'],
      'heap,timer,listener,file,loss,rejection',
    );
    expect([code, folders]).toEqual([1, []]);
    expect(lines).toContain('FAILED');
    const faults = lines.filter((line) => line.startsWith('FAULT')).join('\n');
    expect(faults).toMatch(/the heap grows by \d+ KB a minute, where 50 may be/);
    expect(faults).toMatch(/handles have grown from \d+ to \d+/);
    expect(faults).toMatch(/listeners have grown from \d+ to \d+/);
    expect(faults).toMatch(/files have grown from \d+ to \d+/);
    expect(faults).toMatch(/and 1 of \d+ items are lost/);
    expect(faults).toMatch(/a rejection that nobody handles: Error: planted/);
  });

  test('refuses what it is told wrongly, and ends with 1', async () => {
    const { code, lines } = await soak(['--minutes', '0']);
    expect(code).toBe(1);
    expect(lines.join('\n')).toMatch(/--minutes must be/);
  });
});

describe('the flows of a soak', () => {
  test('are made of the operators that lose nothing or say what', () => {
    const fixtures = undefined as never;
    const tally = new Tally(0);
    const names = Array.from(
      { length: 2_000 },
      (_, i) => makeOperator({ random: new Random(i), tally, fixtures, index: i, mayFail: true }).name,
    );
    // prettier-ignore
    const expected = [
      'workerPool', 'keyed', 'fanOut', 'buffered', 'batch', 'delay', 'rateLimit', 'broadcast', 'conflate',
      'valve', 'toIterable', 'toReadable', 'toWeb',
      'map', 'mergeMap', 'concatMap', 'share', 'bufferCount',
    ];
    expect(new Set(names.map((name) => /^\w+/.exec(name)![0]))).toEqual(new Set(expected));
    for (const part of ['okOnly', 'splitResults', 'fromIterable']) {
      expect(
        names.filter((name) => name.includes(`, ${part}`)),
        part,
      ).not.toEqual([]);
    }
  });
});

const judges = (...args: string[]): boolean => readSettings(args).judges;

describe('the settings of a soak', () => {
  test.each([
    [['--minutes', '0'], /--minutes must be/],
    [['--minutes', 'x'], /--minutes must be/],
    [['--seed', '1.5'], /--seed must be/],
    [['--hours', '1'], /Unknown option '--hours'/],
  ])('refuse %j', (args, message) => {
    expect(() => readSettings(args)).toThrow(message);
  });

  test('have the heap judged from a minute on, or if they are told to', () => {
    expect([judges(), judges('--minutes', '0.9'), judges('--minutes', '0.9', '--judge')]).toEqual([true, false, true]);
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
