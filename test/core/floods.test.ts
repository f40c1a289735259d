import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { EMPTY, Subject, of, range, type Observable } from 'rxjs';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { hooks } from '../../src/core/hooks.ts';
import { workerPool } from '../../src/operators/workerPool.ts';
import { fromIterable } from '../../src/sources/fromIterable.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

/** As many as conformance asks for. */
const HUNDRED_THOUSAND = 100_000;
/** As many as the doc comment of `workerPool` speaks of. */
const MILLION = 1_000_000;
/** At how many places of a flood it is looked how deep the stack is, twice at each. */
const PLACES = 10;

/** How many frames are on the stack. */
function depth(): number {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = Infinity;
  const frames = new Error('depth').stack!.split('\n').length;
  Error.stackTraceLimit = stackTraceLimit;
  return frames;
}

function* numbers(count: number): Generator<number> {
  for (let i = 0; i < count; i++) yield i;
}

interface Flood {
  readonly values: number;
  /** The first value that was not the one expected. */
  readonly wrong: { readonly value: number; readonly expected: number } | undefined;
  readonly ended: string;
  /** How deep the stack was at each of these items. */
  readonly depths: readonly number[];
}

/**
 * So many items, of which the first `concurrency` end late and one after the other, so that all the rest end synchronously
 * in the call that ends one of these: as a value, without one, or as Observables of one value or none.
 */
function flood(source: Observable<number>, count: number, concurrency: number, order: 'completion' | 'input'): Flood {
  const late = Array.from({ length: concurrency }, () => new Subject<number>());
  const isLate = (item: number) => item < concurrency;
  // In completion order the flood goes through the place of item 0, and the other late ones come after it.
  const expected = (function* () {
    yield 0;
    if (order === 'input') for (let i = 1; i < concurrency; i++) yield i;
    for (let i = concurrency; i < count; i++) if (i % 4 !== 1) yield i;
    if (order === 'completion') for (let i = 1; i < concurrency; i++) yield i;
  })();
  let values = 0;
  let wrong: Flood['wrong'];
  let ended = 'not';
  const depths: number[] = [];
  source
    .pipe(
      workerPool(
        (item) => {
          if (isLate(item)) return late[item]!;
          if (item % 4 === 0) return item;
          return item % 4 === 1 ? EMPTY : of(item);
        },
        { concurrency, order, overflowLimit: Infinity },
      ),
    )
    .subscribe({
      next: (value) => {
        values++;
        const next = expected.next().value;
        if (value !== next && wrong === undefined) wrong = { value, expected: next as number };
        const place = value % (count / PLACES);
        if (place === 400 || place === 402) depths.push(depth());
      },
      error: (error: unknown) => (ended = String(error)),
      complete: () => (ended = 'completed'),
    });
  for (const [item, subject] of late.entries()) {
    subject.next(item);
    subject.complete();
  }
  return { values, wrong, ended, depths };
}

describe.each(['completion', 'input'] as const)(
  'R-22: synchronous completions in %s order',
  { timeout: 30_000 },
  (order) => {
    describe.each([
      [1, HUNDRED_THOUSAND],
      [2, MILLION],
      [16, HUNDRED_THOUSAND],
    ])('at concurrency %i, %i of them after late first ones,', (concurrency, count) => {
      test.each([
        ['that can be held back', () => fromIterable(() => numbers(count))],
        ['that cannot', () => range(0, count)],
      ])('lose nothing, keep their order and leave the stack flat, from a source %s', (_, source) => {
        vi.spyOn(hooks, 'warn').mockImplementation(() => {});
        const { depths, ...rest } = flood(source(), count, concurrency, order);
        const empty = Array.from({ length: concurrency }, (__, i) => i).filter((i) => i % 4 === 1).length;
        expect(rest).toEqual({ values: (count * 3) / 4 + empty, wrong: undefined, ended: 'completed' });
        expect(depths.length).toBe(2 * PLACES);
        // Even ones came as a value, the others from an Observable.
        for (const kind of [0, 1]) {
          const own = depths.filter((__, i) => i % 2 === kind);
          expect(Math.max(...own) - Math.min(...own)).toBe(0);
        }
      });
    });

    test('a hundred thousand of which each but the first fails and is skipped leave the stack flat', () => {
      const bad = new Error('skipped');
      let failed = 0;
      let ended = 'not';
      const first = new Subject<number>();
      fromIterable(() => numbers(HUNDRED_THOUSAND))
        .pipe(
          workerPool(
            (item): Observable<number> => {
              if (item === 0) return first;
              failed++;
              throw bad;
            },
            { order, onError: 'skip' },
          ),
        )
        .subscribe({ error: (error: unknown) => (ended = String(error)), complete: () => (ended = 'completed') });
      first.complete();
      expect({ failed, ended }).toEqual({ failed: HUNDRED_THOUSAND - 1, ended: 'completed' });
    });
  },
);

describe('a chain of stages', () => {
  // What limits a chain of two thousand is RxJS: a flow is subscribed by calls within calls, one operator in the other.
  test('R-22: of a thousand works in a fresh process, in which nothing has been optimised', async () => {
    const program = `
      import { workerPool } from './src/operators/workerPool.ts';
      import { fromIterable } from './src/sources/fromIterable.ts';
      let flow = fromIterable(Array.from({ length: 1000 }, (_, i) => i));
      for (let i = 0; i < 1000; i++) {
        flow = flow.pipe(workerPool((n) => n + 1, { concurrency: 2, order: i % 2 === 0 ? 'input' : 'completion' }));
      }
      let sum = 0;
      flow.subscribe({ next: (n) => (sum += n), error: (e) => console.log(String(e)), complete: () => console.log(sum) });
    `;
    const args = ['--import', 'tsx', '--input-type=module', '-e', program];
    const { stdout, stderr } = await promisify(execFile)(process.execPath, args);
    expect([stdout.trim(), stderr]).toEqual([`${499_500 + 1000 * 1000}`, '']);
  }, 30_000);
});
