import fc from 'fast-check';
import {
  EMPTY,
  NEVER,
  Observable,
  Subject,
  concat,
  concatMap,
  defer,
  interval,
  lastValueFrom,
  map,
  merge,
  mergeMap,
  of,
  range,
  repeat,
  retry,
  share,
  take,
  throwError,
  timer,
  toArray,
} from 'rxjs';
import { afterEach, beforeEach, describe, expect, expectTypeOf, test, vi } from 'vitest';
import { OverflowError } from '../../src/core/errors.ts';
import { Waiter } from '../../src/core/gate.ts';
import { hooks } from '../../src/core/hooks.ts';
import { run } from '../../src/observe/run.ts';
import { workerPool } from '../../src/operators/workerPool.ts';
import { fanIn, type FanInOptions } from '../../src/sources/fanIn.ts';
import { fromIterable } from '../../src/sources/fromIterable.ts';
import { Probe } from '../../src/testing/Probe.ts';
import { ProbeSource } from '../../src/testing/ProbeSource.ts';
import { marbles } from '../../src/testing/marbles.ts';
import { TestFlow } from '../core/TestFlow.ts';
import { badCounts, badNames, badObjects, table, thrownBy } from '../operators/badOptions.ts';
import { turns } from './events.ts';

const warnings: string[] = [];
beforeEach(() => {
  vi.spyOn(hooks, 'warn').mockImplementation((message) => void warnings.push(message));
});
afterEach(() => {
  vi.restoreAllMocks();
  expect(warnings.splice(0)).toEqual([]);
});

const all = <T>(source: Observable<T>): Promise<T[]> => lastValueFrom(source.pipe(toArray()));

/** Never ends: a0, a1, ... */
function* endless(name: string): Generator<string> {
  for (let n = 0; ; n++) yield `${name}${n}`;
}

async function* endlessAsync(name: string): AsyncGenerator<string> {
  yield* endless(name);
}

/** A flow below which nothing is taken until the probe says so. */
function held<T>(source: Observable<T>) {
  const flow = new TestFlow();
  const probe = new Probe<T>(flow);
  probe.close();
  probe.subscribe(source);
  return { flow, probe };
}

describe('fanIn', () => {
  test('G6, R-42: leaves nothing at the gate below when it ends within its last item', () => {
    const probe = new Probe<string>();
    probe.close();
    probe.subscribe(fanIn(['a'], EMPTY));
    probe.allow(1);
    expect([probe.values, probe.ended]).toEqual([['a'], 'completed']);
    expect([probe.gate.attached, probe.gate.waiting]).toEqual([0, 0]);
  });

  test('G7: is not taken for one that still waits: what comes after it overruns nothing', async () => {
    const flow = concat(fanIn(['a'], ['b']), fromIterable([1, 2]).pipe(mergeMap((n) => of(n, n)))).pipe(
      workerPool(async (x: string | number) => x, { concurrency: 1, capacity: 0 }),
    );
    expect(await run(flow, { strict: true }).done).toMatchObject({ ended: 'completed', results: 6 });
  });

  test('does what the diagram in its comment says', () => {
    marbles(({ hot, expectObservable }) => {
      const demand = '  ---o--o--o--o--o   ';
      const expected = '---a--u--b--v--(c|)';
      const probe = new Probe<string>();
      probe.close();
      hot(demand).subscribe(() => probe.allow(1));
      expectObservable(fanIn(['a', 'b', 'c'], ['u', 'v']).pipe(probe.operator())).toBe(expected);
    });
  });

  test('R-01: does nothing before it is subscribed', () => {
    const subscribed = vi.fn(() => undefined);
    const iterated = vi.fn(() => [][Symbol.iterator]());
    fanIn(new Observable(subscribed), { [Symbol.iterator]: iterated });
    expect([subscribed.mock.calls, iterated.mock.calls]).toEqual([[], []]);
  });

  test('R-05: two subscriptions take turns each for itself', () => {
    const source = fanIn(
      [() => endless('a'), () => endless('b')].map((give) => fromIterable(give)),
      {
        priority: [2, 1],
      },
    );
    const [first, second] = [held(source).probe, held(source).probe];
    first.allow(1);
    second.allow(4);
    first.allow(3);
    expect([first.values, second.values]).toEqual([
      ['a0', 'a1', 'b0', 'a2'],
      ['a0', 'a1', 'b0', 'a2'],
    ]);
    first.unsubscribe();
    second.unsubscribe();
  });

  test('R-05: it is subscribed anew by retry and repeat', async () => {
    let tries = 0;
    const failing = defer(() => (++tries < 3 ? throwError(() => new Error('again')) : of('c')));
    expect(await all(fanIn(of('a'), failing, of('b')).pipe(retry(2)))).toEqual(['a', 'a', 'a', 'c', 'b']);
    expect(await all(fanIn(['a', 'b'], ['c']).pipe(repeat(2)))).toEqual(['a', 'b', 'c', 'a', 'b', 'c']);
  });

  test('R-06: false values are held and passed like any other', () => {
    const odd = [undefined, null, 0, '', NaN, false];
    const { probe, flow } = held<unknown>(fanIn(odd, odd));
    for (let i = 0; i < 12; i++) probe.allow(1);
    expect([probe.values, probe.ended]).toEqual([odd.flatMap((it) => [it, it]), 'completed']);
    flow.check();
  });

  test('R-22: 1,000 sources, and each has its turn', { timeout: 60_000 }, () => {
    const count = 1000;
    const sources = Array.from({ length: count }, (_, i) => fromIterable(() => [i, i + count]));
    const { probe, flow } = held(fanIn(...sources));
    for (let i = 0; i < count; i++) probe.allow(1);
    expect(new Set(probe.values).size).toBe(count);
    expect(Math.max(...probe.values)).toBe(count - 1);
    probe.open();
    expect([probe.values.length, probe.ended]).toEqual([2 * count, 'completed']);
    flow.check();
  });

  test('R-22: 100,000 sources that complete synchronously', { timeout: 60_000 }, async () => {
    const sources = Array.from({ length: 100_000 }, () => EMPTY);
    expect(await all(fanIn(sources, {}))).toEqual([]);
    expect(
      (
        await all(
          fanIn(
            Array.from({ length: 10_000 }, () => [1, 2]),
            {},
          ),
        )
      ).length,
    ).toBe(20_000);
  });

  test(
    'R-22: a gate that closes and opens for each of 100,000 items does not grow the stack',
    { timeout: 60_000 },
    () => {
      const probe = new Probe<number>();
      probe.onNext = () => {
        probe.close();
        probe.open();
      };
      probe.subscribe(fanIn(fromIterable(numbers(50_000)), range(0, 50_000)));
      expect([probe.values.length, probe.ended, probe.violations]).toEqual([100_000, 'completed', []]);
    },
  );

  test('R-23: a synchronous source stops in the middle', () => {
    let made = 0;
    const counting = function* (): Generator<number> {
      for (;;) yield made++;
    };
    const values: number[] = [];
    fanIn(fromIterable(counting), [7])
      .pipe(take(3))
      .subscribe((n) => values.push(n));
    expect([values, made]).toEqual([[0, 1, 2], 3]);
  });
});

describe('fanIn that is held back', () => {
  test('no source starves: an endless one leaves the others their turns', () => {
    const { probe, flow } = held(fanIn(endless('a'), endless('b'), endless('c')));
    for (let i = 0; i < 4; i++) probe.allow(1);
    probe.allow(5);
    expect(probe.values).toEqual(['a0', 'b0', 'c0', 'a1', 'b1', 'c1', 'a2', 'b2', 'c2']);
    flow.check();
    probe.unsubscribe();
  });

  test('no source starves: one that never pauses, above a slow stage, in time', () => {
    marbles(({ expectObservable }) => {
      const slow = workerPool((item: string) => timer(2).pipe(map(() => item)), { capacity: 0 });
      const result = fanIn(Array.from('abcdefgh'), ['u', 'v']).pipe(slow);
      // `a` is taken as it comes, before the second source is there, and `b` waits first.
      expectObservable(result).toBe('--a-b-u-c-v-d-e-f-g-(h|)');
    });
  });

  test('no source starves: above a stage that takes many at a time', () => {
    const { probe } = held(fanIn(endless('a'), endless('b')));
    probe.allow(1000);
    const ofB = probe.values.filter((value) => value.startsWith('b')).length;
    expect(ofB).toBe(500);
    probe.unsubscribe();
  });

  test('a source that becomes ready takes its turn behind those that wait, and before one that has just had its turn', () => {
    const late = new Subject<string>();
    const { probe } = held(fanIn([late, endless('a'), endless('b')], {}));
    probe.allow(1);
    late.next('late');
    for (let i = 0; i < 4; i++) probe.allow(1);
    expect(probe.values).toEqual(['a0', 'b0', 'late', 'a1', 'b1']);
    probe.unsubscribe();
  });

  test('one that is subscribed late has its turns like the others', () => {
    marbles(({ hot, expectObservable }) => {
      const probe = new Probe<string>();
      probe.close();
      hot('--o-o-o-o-o-o').subscribe(() => probe.allow(1));
      const late = timer(3).pipe(concatMap(() => fromIterable(() => ['x', 'y'])));
      const expected = '--a-x-b-y-c-(d|)';
      expectObservable(fanIn(['a', 'b', 'c', 'd'], late).pipe(probe.operator())).toBe(expected);
    });
  });

  test('R-10: it holds one item of each source, and of a source that waits for an answer none besides', async () => {
    const sources = ['a', 'b', 'c'].map((name) => new ProbeSource(endless(name)));
    const { probe, flow } = held(fanIn(...sources.map(({ items$ }) => items$)));
    const taken = (name: string): number => probe.values.filter((value) => value.startsWith(name)).length;
    for (const count of [0, 1, 1, 2, 1, 5, 3]) {
      if (count > 0) probe.allow(count);
      for (const [i, name] of ['a', 'b', 'c'].entries()) {
        expect(sources[i]!.produced - taken(name)).toBe(1);
        expect(sources[i]!.producedWhileClosed).toBe(0);
      }
      flow.check();
    }
    expect(flow.nodes.filter(({ name }) => name === 'fanIn').map((node) => [node.held, node.telemetry.peak])).toEqual([
      [1, 1],
      [1, 1],
      [1, 1],
    ]);
    probe.unsubscribe();
    expect(sources.map(({ isSubscribed }) => isSubscribed)).toEqual([false, false, false]);
  });

  test('R-11, R-15: what is held leaves in order, and the end waits for it; an end with nothing held does not wait', () => {
    marbles(({ cold, gated, expectObservable }) => {
      expectObservable(fanIn(cold('ab|'), cold('-u|')).pipe(gated('x----o'))).toBe('-----(aub|)');
      expectObservable(fanIn(cold('--|'), cold('-|')).pipe(gated('x----'))).toBe('--|');
      expectObservable(fanIn(cold('a---|'), cold('-|')).pipe(gated('x-o--'))).toBe('--a-|');
    });
    warnings.length = 0;
  });

  test('G6, R-15: an error passes a closed gate at once, and the others are unsubscribed', () => {
    marbles(({ cold, gated, expectObservable, expectSubscriptions }) => {
      const failing = cold('-a-#');
      const other = cold('  u----|');
      const subs = '        ^--!';
      expectObservable(fanIn(failing, other).pipe(gated('x'))).toBe('---#');
      expectSubscriptions(failing.subscriptions).toBe(subs);
      expectSubscriptions(other.subscriptions).toBe(subs);
    });
  });

  test('R-16: through a chain of fan-ins each source has stopped after as many items as there are stages', () => {
    const depth = 10;
    const source = new ProbeSource(endless('a'));
    let chain: Observable<string> = source.items$;
    for (let i = 0; i < depth; i++) chain = fanIn(chain, NEVER);
    const { probe, flow } = held(chain);
    expect(source.produced).toBe(depth);
    probe.allow(3);
    expect([probe.values, source.produced]).toEqual([['a0', 'a1', 'a2'], depth + 3]);
    flow.check();
    probe.unsubscribe();
  });

  test('above a pool with several at once every source gets on, and nothing is lost', async () => {
    const work = workerPool((item: string) => Promise.resolve(item), { concurrency: 3 });
    const values = await all(fanIn(endless('a'), endlessAsync('b')).pipe(work, take(200)));
    expect(values.filter((value) => value.startsWith('b')).length).toBeGreaterThan(5);
    for (const name of ['a', 'b']) {
      const own = values.filter((value) => value.startsWith(name));
      expect(own.toSorted((x, y) => Number(x.slice(1)) - Number(y.slice(1)))).toEqual(own.map((_, n) => `${name}${n}`));
    }
  });

  test.each([
    ['R-40: while all wait', 0],
    ['R-41: in the middle of the turns', 2],
  ])('%s, an unsubscribe releases everything at once', (_, taken) => {
    const sources = ['a', 'b'].map((name) => new ProbeSource(endless(name)));
    const { probe, flow } = held(fanIn(...sources.map(({ items$ }) => items$)));
    if (taken > 0) probe.allow(taken);
    expect([probe.gate.attached, probe.gate.waiting]).toEqual([1, 1]);
    probe.unsubscribe();
    expect([probe.gate.attached, probe.gate.waiting, flow.live.size]).toEqual([0, 0, 0]);
    probe.open();
    expect(probe.values.length).toBe(taken);
    expect(sources.map(({ isSubscribed, gate }) => [isSubscribed, gate!.attached, gate!.waiting])).toEqual([
      [false, 0, 0],
      [false, 0, 0],
    ]);
    flow.check();
  });

  test('R-42: in every ending nothing is left at the gate below', () => {
    for (const last of [EMPTY, throwError(() => 'failed')]) {
      const { probe, flow } = held<unknown>(fanIn([1, 2], timer(1_000_000).pipe(take(0)), last));
      probe.open();
      expect([probe.gate.attached, probe.gate.waiting, flow.live.size]).toEqual([0, 0, 0]);
    }
  });
});

/** Endless sources with these weights, of which one sends a's, the next b's. */
const named = (...weights: number[]) =>
  fanIn(
    weights.map((_, i) => fromIterable(() => endless('abcdef'[i]!))),
    { priority: weights },
  ).pipe(map((value) => value[0]!));

/** What comes of them in that many rounds. */
const cycles = (weights: readonly number[], count: number): string =>
  weights
    .map((weight, i) => 'abcdef'[i]!.repeat(weight))
    .join('')
    .repeat(count);

describe('the turns of fanIn', () => {
  test.each([[[3, 1]], [[1, 3]], [[1, 1]], [[2, 1, 1]], [[5, 3, 2]], [[1]]])(
    'with priority %j, one taken at a time',
    (weights) => {
      const { probe, flow } = held(named(...weights));
      const expected = cycles(weights, 5);
      for (let i = 0; i < expected.length; i++) probe.allow(1);
      expect(probe.values.join('')).toBe(expected);
      flow.check();
      probe.unsubscribe();
    },
  );

  test('are the same however many are taken at a time (property)', { timeout: 60_000 }, () => {
    const anyWeights = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(anyWeights, fc.array(fc.integer({ min: 1, max: 7 }), { maxLength: 30 }), (weights, counts) => {
        const { probe } = held(named(...weights));
        for (const count of counts) probe.allow(count);
        expect(probe.values.join('')).toBe(cycles(weights, 200).slice(0, probe.values.length));
        expect(probe.values.length).toBe(counts.reduce((sum, count) => sum + count, 0));
        probe.unsubscribe();
      }),
      { numRuns: 300 },
    );
  });

  test('with asynchronous sources: one whose next item comes before the next turn keeps its turn', async () => {
    const { probe } = held(fanIn([endlessAsync('a'), endlessAsync('b')], { priority: [3, 1] }));
    await turns(2);
    for (let i = 0; i < 8; i++) {
      probe.allow(1);
      await turns(2);
    }
    expect(probe.values).toEqual(['a0', 'a1', 'a2', 'b0', 'a3', 'a4', 'a5', 'b1']);
    probe.unsubscribe();
  });

  test('a source with nothing ready gives its turn away, also in the middle of it', () => {
    const first = new Subject<string>();
    const { probe } = held(fanIn([first, endless('b')], { priority: [3, 1] }));
    first.next('a0');
    // The second became ready first.
    for (let i = 0; i < 4; i++) probe.allow(1);
    expect(probe.values).toEqual(['b0', 'a0', 'b1', 'b2']);
    first.next('a1');
    probe.allow(2);
    expect(probe.values.slice(4)).toEqual(['a1', 'b3']);
    probe.unsubscribe();
  });

  test('R-11: what comes just as the gate opens does not overtake what is held', () => {
    const [first, second] = [new Subject<string>(), new Subject<string>()];
    const { probe } = held(fanIn(first, second));
    // It stands in the queue before the fan-in does.
    probe.gate.wait(new Waiter(() => second.next('b0')));
    first.next('a0');
    probe.open();
    expect([probe.values, probe.violations]).toEqual([['a0', 'b0'], []]);
  });

  test('R-11: nor does it overtake the source whose turn it is', () => {
    const late = new Subject<string>();
    const { probe } = held(fanIn([endless('a'), late], { priority: [2, 1] }));
    probe.onNext = (item) => {
      if (item === 'a0') probe.gate.wait(new Waiter(() => late.next('late')));
    };
    probe.allow(1);
    probe.allow(2);
    expect([probe.values, probe.violations]).toEqual([['a0', 'a1', 'late'], []]);
    probe.unsubscribe();
  });

  test(
    'R-12: however sources and gate behave, all arrives once, each source in order, and none waits longer than it may (property)',
    { timeout: 60_000 },
    () => {
      const step = fc.oneof(
        fc.record({ do: fc.constant('push' as const), source: fc.nat(2), count: fc.integer({ min: 1, max: 3 }) }),
        fc.record({ do: fc.constant('allow' as const), count: fc.integer({ min: 1, max: 6 }) }),
        fc.record({ do: fc.constant('open' as const) }),
        fc.record({ do: fc.constant('close' as const) }),
      );
      const anyWeights = fc.tuple(
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 1, max: 3 }),
      );
      fc.assert(
        fc.property(fc.array(step, { maxLength: 40 }), anyWeights, fc.boolean(), (steps, weights, feedsBack) => {
          const sources = [new Subject<string>(), new Subject<string>(), new Subject<string>()];
          const pushed: string[][] = [[], [], []];
          const push = (i: number): void => {
            const item = `${i}:${pushed[i]!.length}`;
            pushed[i]!.push(item);
            sources[i]!.next(item);
          };
          const { probe, flow } = held(fanIn(sources, { priority: weights }));
          let passed = 0;
          let ending = false;
          const since = [0, 0, 0];
          const longest = weights.reduce((sum, weight) => sum + weight, 0);
          probe.onNext = (item) => {
            flow.check();
            const own = Number(item[0]);
            passed++;
            for (const i of [0, 1, 2]) {
              const waits = pushed[i]!.length > probe.values.filter((value) => value.startsWith(`${i}:`)).length;
              since[i] = i === own || !waits ? 0 : since[i]! + 1;
              // A turn may be under way when it comes, and begin again for those that came before it.
              expect(since[i]).toBeLessThanOrEqual(2 * longest);
            }
            if (feedsBack && passed % 5 === 0 && !ending) push((own + 1) % 3);
          };
          for (const to of steps) {
            if (to.do === 'open') probe.open();
            else if (to.do === 'close') probe.close();
            else if (to.do === 'allow') probe.allow(to.count);
            else for (let n = 0; n < to.count; n++) push(to.source);
            flow.check();
          }
          ending = true;
          for (const source of sources) source.complete();
          probe.open();
          expect([probe.ended, probe.error, probe.violations]).toEqual(['completed', undefined, []]);
          for (const i of [0, 1, 2]) {
            expect(probe.values.filter((value) => value.startsWith(`${i}:`))).toEqual(pushed[i]);
          }
        }),
        { numRuns: 500 },
      );
      warnings.length = 0;
    },
  );
});

describe('fanIn of sources that cannot be paused', () => {
  test('G7: what they send meanwhile is kept in order, with one warning for all', () => {
    const { probe, flow } = held<string>(fanIn(of('a', 'b', 'c'), of('u', 'v', 'w'), of('x')));
    expect(warnings).toEqual([expect.stringContaining('Stage "fanIn" is sent more than the 1 items it may hold.')]);
    warnings.length = 0;
    probe.open();
    expect([probe.values, probe.ended]).toEqual([['a', 'u', 'x', 'b', 'v', 'c', 'w'], 'completed']);
    flow.check();
  });

  test('G7: beyond overflowLimit it fails, with the name and the numbers, and the others are unsubscribed', () => {
    const [first, second] = [new Subject<number>(), new Subject<number>()];
    const { probe, flow } = held(fanIn([first, second], { overflowLimit: 2, name: 'both' }));
    for (const n of [1, 2, 3]) first.next(n);
    expect([probe.ended, warnings.splice(0).length]).toEqual([undefined, 1]);
    first.next(4);
    expect(probe.error).toBeInstanceOf(OverflowError);
    expect(probe.error).toMatchObject({ stage: 'both', bound: 1 });
    expect([first.observed, second.observed]).toEqual([false, false]);
    flow.check();
  });

  test('G7: in a strict run the first item too many fails', () => {
    const flow = new TestFlow();
    flow.strict = true;
    const probe = new Probe<number>(flow);
    probe.close();
    const [first, second] = [new Subject<number>(), new Subject<number>()];
    probe.subscribe(fanIn(first, second));
    first.next(1);
    second.next(2);
    expect(probe.ended).toBeUndefined();
    second.next(3);
    expect(probe.error).toBeInstanceOf(OverflowError);
    flow.check();
  });

  test('while the gate is open nothing is an overrun, however much they send, in a strict run too', () => {
    const flow = new TestFlow();
    flow.strict = true;
    const probe = new Probe<number>(flow).subscribe(fanIn(range(0, 1000), range(0, 1000)));
    expect([probe.values.length, probe.ended]).toEqual([2000, 'completed']);
    flow.check();
  });

  test('R-20: what a consumer sends into the sources while it takes an item comes after that item, for every observer', () => {
    const flow = new TestFlow();
    flow.strict = true;
    const probe = new Probe<number>(flow);
    const [first, second] = [new Subject<number>(), new Subject<number>()];
    probe.onNext = (n) => {
      if (n >= 100) return;
      second.next(n + 100);
      second.next(n + 200);
      first.next(n + 300);
      if (n === 2) second.complete();
    };
    probe.subscribe(fanIn(first, second));
    first.next(1);
    expect(probe.values).toEqual([1, 101, 301, 201]);
    first.next(2);
    expect([probe.values.slice(4), probe.violations]).toEqual([[2, 102, 302, 202], []]);
    first.complete();
    expect(probe.ended).toBe('completed');
    flow.check();
  });

  test('R-20: a source that completes within its own item completes after it', () => {
    const source = new Subject<number>();
    const probe = new Probe<number>();
    probe.onNext = () => source.complete();
    probe.subscribe(fanIn(source, EMPTY));
    source.next(1);
    expect([probe.values, probe.ended, probe.violations]).toEqual([[1], 'completed', []]);
  });

  test('R-21: unsubscribing, closing and failing inside next leaves a sound state', () => {
    for (const act of ['unsubscribe', 'close', 'error'] as const) {
      const [first, second] = [new Subject<number>(), new Subject<number>()];
      const flow = new TestFlow();
      const probe = new Probe<number>(flow);
      probe.onNext = (n) => {
        if (n !== 1) return;
        second.next(2);
        if (act === 'close') probe.close();
        else if (act === 'unsubscribe') probe.unsubscribe();
        else second.error('failed');
        first.next(3);
      };
      probe.subscribe(fanIn(first, second));
      first.next(1);
      expect([act, probe.values]).toEqual([act, [1]]);
      flow.check();
      probe.open();
      expect([act, probe.values, probe.violations]).toEqual([act, act === 'close' ? [1, 2, 3] : [1], []]);
      expect([first.observed, second.observed]).toEqual(act === 'close' ? [true, true] : [false, false]);
    }
  });
});

describe('fanIn in a run', () => {
  test('is one stage in the report, with the items of all sources', async () => {
    const work = workerPool((item: string) => item, { name: 'work' });
    const report = await run(fanIn(['a', 'b'], of('c'), Promise.resolve('d')).pipe(work)).done;
    const [stage, ...rest] = report.stages.filter(({ name }) => name.startsWith('fanIn'));
    expect(rest).toEqual([]);
    expect(stage).toMatchObject({ kind: 'stage', name: 'fanIn', in: 4, out: 4, completed: 4, held: 0 });
    expect(report.stages.map(({ name }) => name)).toEqual(['fromIterable', 'fanIn', 'work']);
  });

  test('counts the time for which it was held back', async () => {
    const { probe, flow } = held(fanIn(['a', 'b', 'c'], ['d']));
    const { telemetry, outlets } = flow.node('fanIn');
    expect(telemetry.heldBack!.total).toBe(0);
    probe.allow(1);
    const first = telemetry.heldBack!.total;
    expect(first).toBeGreaterThan(0);
    probe.allow(2);
    expect(telemetry.heldBack!.total).toBeGreaterThan(first);
    probe.open();
    // Once for each item: while the gate is open a source is not held back.
    expect([telemetry.heldBack!.durations.count, outlets]).toEqual([3, [probe.gate]]);
  });

  test('an endless synchronous source leaves the others and the event loop their turns, with nothing that holds it back', async () => {
    const seen = new Set<string>();
    const started = run(
      fanIn(endless('a'), endless('b'), interval(1).pipe(map(() => 'tick'))).pipe(
        map((value) => {
          seen.add(value[0]!);
          if (seen.size === 3) void started.shutdown();
        }),
      ),
    );
    expect((await started.done).ended).toBe('quit');
    expect(seen).toEqual(new Set(['a', 'b', 't']));
  });

  test('ends gracefully: what can be paused ends, what cannot is cut off, and what is held leaves', async () => {
    const taken: unknown[] = [];
    const ticks = new Subject<string>();
    let finish: (() => void) | undefined;
    const work = workerPool(
      async (item: string) => {
        if (taken.length === 0) await new Promise<void>((resolve) => (finish = resolve));
        taken.push(item);
      },
      { capacity: 0 },
    );
    const started = run(fanIn(endless('a'), ticks).pipe(work));
    // A busy process may have to give the event loop a turn before the second is made.
    const isHeld = () => started.stats().stages.find(({ name }) => name === 'fanIn')!.held > 0;
    while (!isHeld()) await new Promise((resolve) => setImmediate(resolve));
    ticks.next('tick');
    const done = started.shutdown();
    expect(ticks.observed).toBe(false);
    finish!();
    const report = await done;
    expect([report.ended, report.abandoned]).toEqual(['quit', 0]);
    expect(taken).toEqual(['a0', 'a1', 'tick']);
  });

  test('in a flow that quits already nothing is pulled', () => {
    const flow = new TestFlow();
    flow.admits = false;
    const pulled = vi.fn(() => ({ done: true, value: undefined }) as const);
    const probe = new Probe<unknown>(flow).subscribe(fanIn({ [Symbol.iterator]: () => ({ next: pulled }) }));
    expect(pulled).not.toHaveBeenCalled();
    probe.unsubscribe();
  });

  test('finds its gate behind share, as every source does', async () => {
    const sources = ['a', 'b'].map((name) => new ProbeSource(endless(name)));
    const slow = workerPool(() => new Promise<never>(() => {}), { capacity: 0 });
    const subscription = fanIn(...sources.map(({ items$ }) => items$.pipe(share())))
      .pipe(share(), slow)
      .subscribe();
    expect(sources.map(({ produced }) => produced)).toEqual([2, 1]);
    subscription.unsubscribe();
    expect(sources.map(({ isSubscribed }) => isSubscribed)).toEqual([false, false]);
  });

  test('beside another source above the same stage both get on', async () => {
    const work = workerPool((item: string) => Promise.resolve(item), { capacity: 0 });
    const both = merge(fanIn(endless('a'), endless('b')), fromIterable(endless('c'))).pipe(work, take(30));
    const values = await all(both);
    expect(new Set(values.map(([name]) => name))).toEqual(new Set(['a', 'b', 'c']));
  });
});

describe('bad input of fanIn', () => {
  const EXPECTED = 'an Observable, a promise, an iterable or an async iterable';

  test.each([undefined, null, 5, true, {}, Symbol('source'), () => of(1), new Date(0), /x/])(
    'a source that is none, %o, is refused at the call, by its index',
    (value) => {
      for (const call of [() => fanIn(of(1), value as never), () => fanIn([of(1), value as never], {})]) {
        const error = thrownBy(call);
        expect(error).toMatchObject({ name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE', option: 'sources[1]' });
        expect((error as Error).message).toContain(`fanIn(): "sources[1]" must be ${EXPECTED}. Received `);
      }
    },
  );

  test('a string is refused, and what to say instead', () => {
    expect(thrownBy(() => fanIn('abc'))).toMatchObject({
      code: 'ERR_INVALID_ARG_VALUE',
      option: 'sources[0]',
      message: `fanIn(): "sources[0]" must be ${EXPECTED}; say [...text] for the characters. Received "abc" (string)`,
    });
  });

  test('a list of Observables without options is refused: it would be a source of Observables', () => {
    expect(thrownBy(() => fanIn([of(1), of(2)]))).toMatchObject({
      code: 'ERR_INVALID_ARG_VALUE',
      option: 'sources[0]',
      message: expect.stringContaining('not a list of sources; say fanIn(...sources), or fanIn(sources, options)'),
    });
  });

  test('a hole in the list is refused, and what cannot be looked at', () => {
    // oxlint-disable-next-line no-sparse-arrays -- that is what it is about
    expect(thrownBy(() => fanIn([of(1), , of(2)] as never, {}))).toMatchObject({ option: 'sources[1]' });
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(thrownBy(() => fanIn(of(1), proxy as never))).toMatchObject({ option: 'sources[1]' });
    expect(thrownBy(() => fanIn(proxy as never, {}))).toMatchObject({ option: 'sources[0]' });
  });

  const isList = 'a list of 2 integers of 1 or more, one for each source';
  test.each<[unknown, string, string]>([
    [null, 'ERR_INVALID_ARG_TYPE', isList],
    [3, 'ERR_INVALID_ARG_TYPE', isList],
    ['31', 'ERR_INVALID_ARG_TYPE', isList],
    [{ 0: 3, 1: 1, length: 2 }, 'ERR_INVALID_ARG_TYPE', isList],
    [[], 'ERR_INVALID_ARG_VALUE', isList],
    [[1], 'ERR_INVALID_ARG_VALUE', isList],
    [[1, 2, 3], 'ERR_INVALID_ARG_VALUE', isList],
    [Array(1000), 'ERR_INVALID_ARG_VALUE', isList],
  ])('priority: %o is refused', (value, code, rule) => {
    const error = thrownBy(() => fanIn([of(1), of(2)], { priority: value as number[] }));
    expect(error).toMatchObject({ name: 'TypeError', code, option: 'priority', received: value });
    expect((error as Error).message).toContain(`fanIn(): "priority" must be ${rule}. Received `);
  });

  test.each(table({ 'priority[1]': badCounts(1, false) }))(
    '$option: $shown is refused',
    ({ bad: [value, type, code] }) => {
      const error = thrownBy(() => fanIn([of(1), of(2)], { priority: [1, value as number] }));
      expect(error).toBeInstanceOf(type);
      expect(error).toMatchObject({ code, option: 'priority[1]' });
    },
  );

  test.each(table({ name: badNames, overflowLimit: badCounts(0, true) }))(
    '$option: $shown is refused at the call',
    ({ option, bad: [value, type, code] }) => {
      const error = thrownBy(() => fanIn([of(1)], { [option]: value }));
      expect(error).toBeInstanceOf(type);
      expect(error).toMatchObject({ code, option });
    },
  );

  test('an unknown option is refused with the nearest name', () => {
    const error = thrownBy(() => fanIn([of(1)], { priorty: [1] } as FanInOptions));
    expect((error as Error).message).toContain('Did you mean "priority"?');
  });

  test.each(table({ options: badObjects.filter(([value]) => !Array.isArray(value)) }))(
    'options: $shown are taken for a source, and refused',
    ({ bad: [value] }) => {
      expect(thrownBy(() => fanIn([of(1)], value as FanInOptions))).toMatchObject({ option: 'sources[1]' });
    },
  );

  test('what is later done to the lists changes nothing', async () => {
    const sources = [fromIterable(['a', 'b']), fromIterable(['u', 'v'])];
    const priority = [1, 1];
    const result = fanIn(sources, { priority });
    sources.length = 0;
    priority[0] = 100;
    const { probe } = held(result);
    probe.open();
    expect(probe.values).toEqual(['a', 'u', 'b', 'v']);
  });
});

describe('the types of fanIn', () => {
  test('are the union of those of the sources', () => {
    expectTypeOf(fanIn()).toEqualTypeOf<Observable<never>>();
    expectTypeOf(fanIn(of(1), of('a'))).toEqualTypeOf<Observable<number | string>>();
    expectTypeOf(fanIn([1, 2], Promise.resolve('a'), new Set([true]))).toEqualTypeOf<
      Observable<number | string | boolean>
    >();
    expectTypeOf(fanIn(endlessAsync('a'), of(1))).toEqualTypeOf<Observable<number | string>>();
    const list: Observable<number>[] = [of(1), of(2)];
    expectTypeOf(fanIn(...list)).toEqualTypeOf<Observable<number>>();
    expectTypeOf(fanIn([of(1), of('a')], { priority: [1, 2] })).toEqualTypeOf<Observable<number | string>>();
    expectTypeOf(fanIn([of(1)] as readonly Observable<number>[], {})).toEqualTypeOf<Observable<number>>();
    expectTypeOf(() => {
      // @ts-expect-error -- a number is no source
      fanIn(of(1), 5);
      // @ts-expect-error -- a function that makes one is none either
      fanIn(() => of(1));
      // @ts-expect-error -- weights are numbers
      fanIn([of(1)], { priority: ['high'] });
      // @ts-expect-error -- no such option
      fanIn([of(1)], { weights: [1] });
    }).toBeFunction();
  });
});

function* numbers(count: number): Generator<number> {
  for (let n = 0; n < count; n++) yield n;
}
