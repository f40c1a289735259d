import { inspect } from 'node:util';
import fc from 'fast-check';
import { EMPTY, NEVER, Subject, concat, map, of, throwError, timer, type Observable } from 'rxjs';
import { afterEach, beforeEach, describe, expect, expectTypeOf, test, vi } from 'vitest';
import { OverflowError } from '../../src/core/errors.ts';
import { hooks } from '../../src/core/hooks.ts';
import { DisorderError } from '../../src/sources/DisorderError.ts';
import { fromIterable } from '../../src/sources/fromIterable.ts';
import { mergeSorted } from '../../src/sources/mergeSorted.ts';
import { Probe } from '../../src/testing/Probe.ts';
import { ProbeSource } from '../../src/testing/ProbeSource.ts';
import { marbles } from '../../src/testing/marbles.ts';
import { TestFlow } from '../core/TestFlow.ts';
import { thrownBy } from '../operators/badOptions.ts';
import { ended } from './events.ts';

const warnings: string[] = [];
beforeEach(() => {
  vi.spyOn(hooks, 'warn').mockImplementation((message) => void warnings.push(message));
});
afterEach(() => {
  vi.restoreAllMocks();
  expect(warnings.splice(0)).toEqual([]);
});

const by = Number;

/** A flow below which nothing is taken until the probe says so. */
function held<T>(source: Observable<T>) {
  const flow = new TestFlow();
  const probe = new Probe<T>(flow);
  probe.close();
  probe.subscribe(source);
  return { flow, probe };
}

const stepped = (from: number, step: number, size: number): Observable<number> =>
  fromIterable(Array.from({ length: size }, (_, i) => from + i * step));

describe('mergeSorted', () => {
  test('does what the diagram in its comment says', () => {
    marbles(({ cold, expectObservable }) => {
      const first = cold(' 1--4---------5--|   ');
      const second = cold('--2---3-----7------|');
      const expected = '   --12--3-----45--7--|';
      expectObservable(mergeSorted([first, second], { by })).toBe(expected);
    });
  });

  test('R-03, R-04: empty sources complete; one that says nothing keeps the others waiting, and lets go of all', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      expectObservable(mergeSorted([EMPTY, cold('---|'), []], { by })).toBe('---|');
      expectObservable(mergeSorted([], { by })).toBe('|');
      const source = cold('-1-');
      expectObservable(mergeSorted([source, NEVER], { by }), '-----!').toBe('------');
      expectSubscriptions(source.subscriptions).toBe('^----!');
    });
  });

  test('G6: an error passes at once, also while items wait and the gate is closed', () => {
    marbles(({ cold, gated, expectObservable, expectSubscriptions }) => {
      const other = cold('-2------');
      const result = mergeSorted([cold('-1---#'), other], { by }).pipe(gated('x'));
      expectObservable(result).toBe('-----#');
      expectSubscriptions(other.subscriptions).toBe('^----!');
    });
  });

  test('completes when the last item has left through the gate', () => {
    marbles(({ gated, expectObservable }) => {
      const demand = '  x--o-x-o  ';
      const expected = '---(123|)  ';
      expectObservable(mergeSorted([['1', '3'], ['2']], { by }).pipe(gated(demand))).toBe(expected);
    });
  });

  test('G1: holds one item of each source, and takes the next only of the one that had its turn', () => {
    const sources = [new ProbeSource([1, 4, 5]), new ProbeSource([2, 3, 6])];
    const { probe, flow } = held(
      mergeSorted(
        sources.map(({ items$ }) => items$),
        { by },
      ),
    );
    const made = [sources.map(({ produced }) => produced)];
    for (let i = 0; i < 5; i++) {
      probe.allow(1);
      made.push(sources.map(({ produced }) => produced));
      flow.check();
    }
    expect(made).toEqual([
      [1, 1],
      [2, 1],
      [2, 2],
      [2, 3],
      [3, 3],
      [3, 3],
    ]);
    probe.open();
    expect([probe.values, probe.ended, probe.violations]).toEqual([[1, 2, 3, 4, 5, 6], 'completed', []]);
    expect(sources.map(({ producedWhileClosed }) => producedWhileClosed)).toEqual([0, 0]);
    expect(flow.live.size).toBe(0);
  });

  test('is stable: of equal items the source that stands first comes first, each source in its order', () => {
    const seen: string[] = [];
    mergeSorted([['1a', '1b', '2a'], ['1c', '2b'], ['1d']], { by: (text) => Number(text[0]) }).subscribe((text) =>
      seen.push(text),
    );
    expect(seen).toEqual(['1a', '1b', '1c', '1d', '2a', '2b']);
  });

  test('sorts by bigints beside numbers, and by texts', () => {
    const seen: unknown[] = [];
    mergeSorted(
      [
        [1, 3],
        [1n, 2n],
      ],
      { by: (n) => n },
    ).subscribe((n) => seen.push(n));
    mergeSorted(
      [
        ['a', 'c'],
        ['B', 'b'],
      ],
      { by: (text) => text },
    ).subscribe((text) => seen.push(text));
    expect(seen).toEqual([1, 1n, 2n, 3, 'B', 'a', 'b', 'c']);
  });

  test('an item out of order fails the flow with a DisorderError that has the numbers', () => {
    const { probe, flow } = held(mergeSorted([[1, 5], fromIterable([2, 4, 3])], { by, name: 'log' }));
    probe.open();
    expect(probe.error).toBeInstanceOf(DisorderError);
    expect(probe.error).toMatchObject({ code: 'ERR_DISORDER', stage: 'log', source: 1, item: 3, key: 3, previous: 4 });
    expect(String(probe.error)).toContain('Source 1 of "log" is not sorted: 3 came after 4.');
    flow.check();
    expect(flow.live.size).toBe(0);
  });

  test('a DisorderError does not show the item where it is printed: it may have a secret in it', () => {
    const error = new DisorderError('log', 0, { at: 1, password: 'hunter2' }, 1, 2);
    expect(error.item).toEqual({ at: 1, password: 'hunter2' });
    expect([inspect(error), JSON.stringify(error)].join('\n')).not.toContain('hunter2');
  });

  test("with onDisorder: 'pass' it is taken as it comes, and nothing is lost", () => {
    const { probe } = held(
      mergeSorted(
        [
          [1, 5],
          [2, 4, 3, 6],
        ],
        { by, onDisorder: 'pass' },
      ),
    );
    probe.open();
    expect(probe.values).toEqual([1, 2, 4, 3, 5, 6]);
  });

  test.each([
    [{}, TypeError],
    [null, TypeError],
    [new Date(0), TypeError],
    [NaN, RangeError],
  ])('a key of %s ends the flow with an error that says so', (key, type) => {
    const source = new Subject<number>();
    const probe = new Probe<number>().subscribe(mergeSorted([source, NEVER], { by: () => key as never }));
    source.next(1);
    expect(probe.error).toBeInstanceOf(type);
    expect(probe.error).toMatchObject({ option: 'by', received: key });
    expect(source.observed).toBe(false);
  });

  test('texts and numbers cannot be compared: that ends the flow', () => {
    const probe = new Probe<unknown>().subscribe(mergeSorted([[1], ['a']], { by: (it) => it }));
    expect(probe.error).toMatchObject({ option: 'by', received: 'a', code: 'ERR_INVALID_ARG_TYPE' });
  });

  test('R-30: an error that by throws ends the flow and unsubscribes all', () => {
    const bad = new Error('by');
    const [first, second] = [new Subject<number>(), new Subject<number>()];
    const probe = new Probe<number>().subscribe(
      mergeSorted([first, second], {
        by: () => {
          throw bad;
        },
      }),
    );
    second.next(1);
    expect([probe.error === bad, first.observed, second.observed]).toEqual([true, false, false]);
  });

  test('G7: what a hot source sends while another is slow is kept in order, with one warning, up to the limit', () => {
    const [fast, slow] = [new Subject<number>(), new Subject<number>()];
    const probe = new Probe<number>().subscribe(mergeSorted([fast, slow], { by, overflowLimit: 3 }));
    for (const n of [1, 2, 3]) fast.next(n);
    slow.next(2);
    expect(warnings.splice(0)).toEqual([expect.stringContaining('"mergeSorted" is sent more than the 1 items')]);
    expect(probe.values).toEqual([1, 2, 2]);
    slow.next(9);
    expect(probe.values).toEqual([1, 2, 2, 3]);
    for (const n of [4, 5, 6, 7, 8, 9, 10]) slow.next(9 + n);
    expect(probe.error).toBeInstanceOf(OverflowError);
  });

  test('R-20, R-21: what is sent from within an item comes in its place, and an end from within is the end', () => {
    const [first, second] = [new Subject<number>(), new Subject<number>()];
    const flow = new TestFlow();
    const probe = new Probe<number>(flow);
    probe.onNext = (n) => {
      if (n === 1) first.next(3);
      if (n === 2) second.complete();
      if (n === 3) first.next(4);
      if (n === 4) probe.unsubscribe();
    };
    probe.subscribe(mergeSorted([first, second], { by }));
    first.next(1);
    second.next(2);
    expect([probe.values, probe.violations, first.observed]).toEqual([[1, 2, 3, 4], [], false]);
    flow.check();
  });

  test('R-05: two subscriptions know nothing of each other, and it is subscribed anew', () => {
    const merged = mergeSorted([fromIterable(() => [1, 3]), fromIterable(() => [2])], { by });
    const [one, other] = [held(merged).probe, held(merged).probe];
    one.allow(1);
    other.open();
    one.open();
    expect([one.values, other.values]).toEqual([
      [1, 2, 3],
      [1, 2, 3],
    ]);
  });

  test('R-22: 100,000 items of two sources, and of 1,000 sources, do not grow the stack', { timeout: 60_000 }, () => {
    let count = 0;
    let last = -1;
    const take = (n: number): void => {
      if (n < last) throw new Error(`${n} after ${last}`);
      last = n;
      count++;
    };
    mergeSorted([stepped(0, 2, 50_000), stepped(1, 2, 50_000)], { by }).subscribe(take);
    expect(count).toBe(100_000);
    last = -1;
    mergeSorted(
      Array.from({ length: 1000 }, (_, i) => stepped(i, 1000, 20)),
      { by },
    ).subscribe(take);
    expect(count).toBe(120_000);
  });

  test('an async source is waited for', async () => {
    const later = fromIterable(async function* () {
      yield* [2, 4];
    });
    const probe = new Probe<number>().subscribe(mergeSorted([[1, 3, 5], later], { by }));
    await ended(probe);
    expect(probe.values).toEqual([1, 2, 3, 4, 5]);
  });

  test('under run tells how long items were held back by what is below', () => {
    const { probe, flow } = held(mergeSorted([[1, 2], [3]], { by }));
    probe.open();
    const total = flow.nodes.reduce((sum, { name, telemetry }) => {
      return name === 'mergeSorted' ? sum + telemetry.heldBack!.durations.count : sum;
    }, 0);
    expect(total).toBe(1);
    flow.check();
  });

  test('told to quit, it sends what it has', () => {
    const [first, second] = [new Subject<number>(), new Subject<number>()];
    const flow = new TestFlow();
    const probe = new Probe<number>(flow).subscribe(mergeSorted([first, second], { by }));
    first.next(1);
    for (const node of flow.live) node.quit();
    expect([probe.values, probe.ended, first.observed, flow.live.size]).toEqual([[1], 'completed', false, 0]);
  });

  test('refuses what is no list of sources', () => {
    expect(thrownBy(() => mergeSorted([[], 'ab'] as never, { by }))).toMatchObject({ option: 'sources[1]' });
    expect(thrownBy(() => mergeSorted(of(1) as never, { by }))).toMatchObject({ option: 'sources' });
    expect(thrownBy(() => mergeSorted([], {} as never))).toMatchObject({ option: 'by', received: undefined });
  });

  test('infers its types', () => {
    const merged = mergeSorted([of({ at: 1 }), [{ at: 2 }]], { by: ({ at }) => at });
    expectTypeOf(merged).toExtend<Observable<{ at: number }>>();
    expectTypeOf(mergeSorted([of(1), ['2']], { by: Number })).toEqualTypeOf<Observable<number | string>>();
    // @ts-expect-error -- a key is something that sorts
    mergeSorted([of({ at: 1 })], { by: (it) => it });
  });
});

describe('any sorted sources', () => {
  const sources = fc.array(
    fc.record({
      keys: fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 12 }).map((keys) => keys.toSorted((a, b) => a - b)),
      kind: fc.constantFrom('pausable' as const, 'array' as const, 'timed' as const),
      gap: fc.integer({ min: 0, max: 4 }),
    }),
    { maxLength: 6 },
  );

  test('come as a stable sort would have them, through any gate, in virtual time', { timeout: 120_000 }, () => {
    fc.assert(
      fc.property(sources, fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 10 }), (list, gaps) => {
        vi.mocked(hooks.warn).mockImplementation(() => {});
        const items = list.map(({ keys }, source) => keys.map((key, place) => ({ key, source, place })));
        const seen: unknown[] = [];
        let drawn = '';
        gaps.forEach((gap, i) => (drawn += '-'.repeat(gap) + (i % 2 === 0 ? 'x' : 'o')));
        marbles(({ gated, expectObservable }) => {
          const inputs = items.map((own, i) => {
            const { kind, gap } = list[i]!;
            if (kind === 'array') return own;
            if (kind === 'pausable') return fromIterable(own);
            return concat(...own.map((item) => timer(gap).pipe(map(() => item))));
          });
          const merged = mergeSorted(inputs, { by: ({ key }) => key }).pipe(gated(`${drawn}o`));
          merged.subscribe((item) => seen.push(item));
          expectObservable(NEVER, '300ms !').toBe('');
        });
        const expected = items.flat().toSorted((a, b) => a.key - b.key || a.source - b.source || a.place - b.place);
        expect(seen).toEqual(expected);
      }),
      { numRuns: 1500 },
    );
  });

  test('with an error in one of them, give a part of that and the error', () => {
    fc.assert(
      fc.property(sources, (list) => {
        const items = list.map(({ keys }) => keys);
        const probe = new Probe<number>();
        const failing = throwError(() => 'bad');
        probe.subscribe(mergeSorted([...items.map((keys) => fromIterable(keys)), failing], { by }));
        expect([probe.ended, probe.error, probe.violations]).toEqual(['failed', 'bad', []]);
      }),
      { numRuns: 1000 },
    );
  });
});
