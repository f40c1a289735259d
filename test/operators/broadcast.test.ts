import fc from 'fast-check';
import {
  EMPTY,
  finalize,
  merge,
  NEVER,
  Observable,
  of,
  retry,
  Subject,
  take,
  tap,
  type MonoTypeOperatorFunction,
  type UnsubscriptionError,
} from 'rxjs';
import { afterEach, beforeEach, describe, expect, expectTypeOf, test, vi } from 'vitest';
import { hooks } from '../../src/core/hooks.ts';
import { run } from '../../src/observe/run.ts';
import { broadcast } from '../../src/operators/broadcast.ts';
import { workerPool } from '../../src/operators/workerPool.ts';
import { fromIterable } from '../../src/sources/fromIterable.ts';
import { marbles } from '../../src/testing/marbles.ts';
import { ProbeSource } from '../../src/testing/ProbeSource.ts';
import { Probe } from '../core/Probe.ts';
import { TestFlow } from '../core/TestFlow.ts';
import { thrownBy } from './badOptions.ts';

const warnings: string[] = [];
beforeEach(() => {
  vi.spyOn(hooks, 'warn').mockImplementation((message) => void warnings.push(message));
});
afterEach(() => {
  vi.restoreAllMocks();
  warnings.length = 0;
});

function* naturals(): Generator<number> {
  for (let n = 0; ; n++) yield n;
}

/** A probe whose gate is closed. */
function shut<T>(flow?: TestFlow): Probe<T> {
  const probe = new Probe<T>(flow);
  probe.close();
  return probe;
}

describe('broadcast', () => {
  test('one that is unsubscribed before it comes subscribes nothing', () => {
    const source = new Subject<number>();
    const shared = source.pipe(broadcast());
    new Observable<number>((subscriber) => {
      subscriber.unsubscribe();
      return shared.subscribe(subscriber);
    }).subscribe();
    expect(source.observed).toBe(false);
    const probe = new Probe<number>().subscribe(shared);
    source.next(1);
    probe.unsubscribe();
    expect([probe.values, source.observed]).toEqual([[1], false]);
  });

  test('does what the diagram in its comment says', () => {
    marbles(({ gated, expectObservable }) => {
      const demand = gated<string>('x--o--');
      const first = '              a--(bc|)';
      const second = '             ---(abc|)';
      const shared = fromIterable(['a', 'b', 'c']).pipe(broadcast({ subscribers: 2 }));
      expectObservable(shared).toBe(first);
      expectObservable(shared.pipe(demand)).toBe(second);
    });
  });

  test('subscribes to its source once, with the first subscriber, and unsubscribes with the last', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('  -a-b-c-d-e-');
      const shared = source.pipe(broadcast());
      expectObservable(shared, '^---!      ').toBe('-a-b');
      expectObservable(shared, '--^----!   ').toBe('---b-c-');
      expectSubscriptions(source.subscriptions).toBe('^------!');
    });
  });

  test('many, the end and an error reach everyone', () => {
    marbles(({ hot, expectObservable }) => {
      const good = hot('-a-(bc)-|').pipe(broadcast());
      const bad = hot(' -a-b-#   ').pipe(broadcast());
      for (let i = 0; i < 3; i++) {
        expectObservable(good).toBe('-a-(bc)-|');
        expectObservable(bad).toBe('-a-b-#');
      }
    });
  });

  test('R-03, R-04: an empty source, and one that says nothing', () => {
    marbles(({ expectObservable }) => {
      expectObservable(EMPTY.pipe(broadcast())).toBe('|');
      expectObservable(NEVER.pipe(broadcast()), '--!').toBe('---');
    });
  });

  test('R-10: the slowest subscriber holds the source back; a fast one is ahead by its capacity', () => {
    for (const capacity of [1, 4]) {
      const source = new ProbeSource(naturals());
      const shared = source.items$.pipe(broadcast({ capacity, subscribers: 2 }));
      const [slow, fast] = [shut<number>(), new Probe<number>()];
      slow.subscribe(shared);
      fast.subscribe(shared);
      expect([source.produced, fast.values.length]).toEqual([capacity + 1, capacity]);
      slow.allow(1);
      expect([slow.values, source.produced, fast.values.length]).toEqual([[0], capacity + 2, capacity + 1]);
      // The other way round the fast one would never come to an end.
      for (const probe of [fast, slow]) probe.unsubscribe();
      expect([source.isSubscribed, source.producedWhileClosed]).toEqual([false, 0]);
    }
  });

  test('a subscriber that leaves holds nothing back any more', () => {
    const source = new ProbeSource([0, 1, 2, 3, 4]);
    const shared = source.items$.pipe(broadcast({ subscribers: 3 }));
    const [a, b, c] = [shut<number>(), shut<number>(), new Probe<number>()];
    for (const probe of [a, b, c]) probe.subscribe(shared);
    expect(c.values).toEqual([0]);
    a.unsubscribe();
    expect(c.values).toEqual([0]);
    b.unsubscribe();
    expect([c.values, c.ended]).toEqual([[0, 1, 2, 3, 4], 'completed']);
  });

  test('one that ends by itself (take) leaves, too', () => {
    const shared = fromIterable(naturals()).pipe(broadcast({ subscribers: 2 }));
    const seen: number[][] = [[], []];
    shared.pipe(take(2)).subscribe((n) => seen[0]!.push(n));
    shared.pipe(take(5)).subscribe((n) => seen[1]!.push(n));
    expect(seen).toEqual([
      [0, 1],
      [0, 1, 2, 3, 4],
    ]);
  });

  test('completion reaches each when its items have left; an error at once', () => {
    for (const how of ['complete', 'error'] as const) {
      const source = new Subject<number>();
      const shared = source.pipe(broadcast());
      const [slow, fast] = [shut<number>(), new Probe<number>()];
      for (const probe of [slow, fast]) probe.subscribe(shared);
      source.next(1);
      source[how]('bad');
      expect([fast.values, fast.ended]).toEqual([[1], how === 'error' ? 'failed' : 'completed']);
      expect(slow.ended).toBe(how === 'error' ? 'failed' : undefined);
      slow.open();
      expect([slow.values, slow.ended]).toEqual(how === 'error' ? [[], 'failed'] : [[1], 'completed']);
    }
  });

  test('who subscribes after the end, or after the last has left, begins anew', () => {
    let subscriptions = 0;
    const source = new Observable<number>((out) => {
      subscriptions++;
      out.next(subscriptions);
      if (subscriptions === 1) out.complete();
      if (subscriptions === 2) out.error('bad');
    });
    const shared = source.pipe(broadcast());
    const probes = [1, 2, 3, 4].map(() => new Probe<number>());
    for (const probe of probes) {
      probe.subscribe(shared);
      probe.unsubscribe();
    }
    expect(probes.map(({ values, ended }) => [values[0], ended])).toEqual([
      [1, 'completed'],
      [2, 'failed'],
      [3, undefined],
      [4, undefined],
    ]);
  });

  test('while one of the old subscribers still takes what is left, a new one begins anew', () => {
    const source = new ProbeSource(['a']);
    const shared = source.items$.pipe(broadcast());
    const [old, young] = [shut<string>(), new Probe<string>()];
    old.subscribe(shared);
    expect([old.ended, source.isSubscribed]).toEqual([undefined, false]);
    young.subscribe(shared);
    expect([young.values, young.ended, source.subscriptions]).toEqual([['a'], 'completed', 2]);
    old.open();
    expect([old.values, old.ended]).toEqual([['a'], 'completed']);
  });

  test('subscribers: waits for so many, and goes on with fewer; those who leave before do not count', () => {
    const source = new ProbeSource([1, 2, 3]);
    const shared = source.items$.pipe(broadcast({ subscribers: 2 }));
    const [gone, slow, fast] = [new Probe<number>(), shut<number>(), new Probe<number>()];
    gone.subscribe(shared);
    gone.unsubscribe();
    slow.subscribe(shared);
    expect(source.subscriptions).toBe(0);
    fast.subscribe(shared);
    expect([source.subscriptions, fast.values]).toEqual([1, [1]]);
    slow.unsubscribe();
    expect([fast.values, fast.ended]).toEqual([[1, 2, 3], 'completed']);
  });

  test('retry below one subscriber begins anew for all', () => {
    let tries = 0;
    const source = new Observable<number>((out) => {
      out.next(++tries);
      if (tries < 3) out.error('bad');
      else out.complete();
    });
    const seen: number[] = [];
    source.pipe(broadcast(), retry(5)).subscribe((n) => seen.push(n));
    expect(seen).toEqual([1, 2, 3]);
  });

  test('R-20, R-21: subscribing, sending and unsubscribing inside a value', () => {
    const source = new Subject<number>();
    const shared = source.pipe(broadcast());
    const late = new Probe<number>();
    const first = new Probe<number>();
    const second = new Probe<number>();
    first.onNext = (n) => {
      if (n === 1) {
        late.subscribe(shared);
        source.next(2);
        second.unsubscribe();
      }
      if (n === 3) first.unsubscribe();
    };
    first.subscribe(shared);
    second.subscribe(shared);
    for (const n of [1, 3, 4]) source.next(n);
    expect([first.values, second.values, late.values]).toEqual([[1, 2, 3], [], [2, 3, 4]]);
    late.unsubscribe();
    expect(source.observed).toBe(false);
  });

  test('a subscriber that unsubscribes while the source is being subscribed stops that', () => {
    let made = 0;
    const probe = new Probe<number>();
    probe.onNext = (n) => n === 2 && probe.unsubscribe();
    probe.subscribe(
      fromIterable(function* () {
        for (;;) yield made++;
      }).pipe(broadcast()),
    );
    expect([probe.values, made]).toEqual([[0, 1, 2], 3]);
  });

  test('R-34: a subscriber that throws does not disturb the others', () => {
    vi.useFakeTimers();
    try {
      const source = new Subject<number>();
      const shared = source.pipe(broadcast());
      shared.subscribe(() => {
        throw new Error('consumer');
      });
      const probe = new Probe<number>().subscribe(shared);
      source.next(1);
      source.next(2);
      expect(probe.values).toEqual([1, 2]);
      expect(() => vi.runAllTimers()).toThrow('consumer');
      probe.unsubscribe();
    } finally {
      vi.useRealTimers();
    }
  });

  test('G7: a source that cannot be paused is kept once for all, with one warning', () => {
    const source = new Subject<number>();
    const shared = source.pipe(broadcast());
    const [slow, fast] = [shut<number>(), new Probe<number>()];
    for (const probe of [slow, fast]) probe.subscribe(shared);
    for (let n = 0; n < 9; n++) source.next(n);
    expect([fast.values, warnings.length]).toEqual([[0], 1]);
    slow.open();
    expect([slow.values, fast.values]).toEqual([slow.values, slow.values]);
    expect(slow.values.length).toBe(9);
    for (const probe of [slow, fast]) probe.unsubscribe();
  });

  test('R-22: 100,000 items to three', () => {
    let seen = 0;
    const shared = fromIterable(Array.from({ length: 100_000 }, (_, n) => n)).pipe(broadcast({ subscribers: 3 }));
    for (let i = 0; i < 3; i++) shared.subscribe(() => seen++);
    expect(seen).toBe(300_000);
  });

  test('everybody gets everything in order, however the gates move; nothing is left behind', () => {
    const moves = fc.array(fc.tuple(fc.nat(2), fc.constantFrom('open', 'close', 'one', 'leave', 'stay')), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(moves, fc.integer({ min: 1, max: 3 }), (all, capacity) => {
        const flow = new TestFlow();
        const source = new ProbeSource(Array.from({ length: 12 }, (_, n) => n));
        const shared = source.items$.pipe(broadcast({ capacity, subscribers: 3 }));
        const probes = [0, 1, 2].map(() => shut<number>(flow).subscribe(shared));
        const left = new Set<number>();
        for (const [i, move] of all) {
          const probe = probes[i]!;
          if (move === 'open') probe.open();
          else if (move === 'close') probe.close();
          else if (move === 'one') probe.allow(1);
          else if (move === 'leave') {
            if (probe.ended === undefined) left.add(i);
            probe.unsubscribe();
          }
          flow.check();
          const live = probes.filter((_, n) => !left.has(n));
          const slowest = Math.min(...live.map(({ values }) => values.length));
          if (live.length > 0) expect(source.produced - slowest).toBeLessThanOrEqual(capacity + 1);
        }
        for (const probe of probes) probe.open();
        for (const [i, { values, ended }] of probes.entries()) {
          expect(values).toEqual(Array.from({ length: left.has(i) ? values.length : 12 }, (_, n) => n));
          if (!left.has(i)) expect(ended).toBe('completed');
        }
        flow.check();
        expect([source.isSubscribed, flow.live.size, source.producedWhileClosed]).toEqual([false, 0, 0]);
        for (const { gate } of probes) expect([gate.attached, gate.waiting]).toEqual([0, 0]);
      }),
      { numRuns: 1_000 },
    );
  });

  test.each(['error', 'complete'] as const)(
    'R-34, R-35: one whose teardown throws does not keep %s from the others',
    (end) => {
      const torn = new Error('teardown');
      const flow = new TestFlow();
      const source = new Subject<number>();
      const shared = source.pipe(broadcast({ subscribers: 3 }));
      const throwing = finalize<number>(() => {
        throw torn;
      });
      const probes = [new Probe<number>(flow), new Probe<number>(flow), new Probe<number>(flow)];
      for (const [i, probe] of probes.entries()) probe.subscribe(i < 2 ? shared.pipe(throwing) : shared);
      source[end]('boom');
      expect(probes.map(({ ended }) => ended)).toEqual(Array(3).fill(end === 'error' ? 'failed' : 'completed'));
      expect(flow.live.size).toBe(0);
      const late = flow.lateErrors.map(({ error, stage }) => [(error as UnsubscriptionError).errors, stage]);
      expect(late).toEqual([
        [[torn], 'broadcast'],
        [[torn], 'broadcast'],
      ]);
      for (const { gate } of probes) expect([gate.attached, gate.waiting]).toEqual([0, 0]);
    },
  );

  test('under run: both ways are in the report, and a graceful end loses nothing', async () => {
    const seen: [number[], number[]] = [[], []];
    const shared = fromIterable(naturals()).pipe(broadcast({ subscribers: 2 }));
    const flow = run(
      merge(
        shared.pipe(workerPool(async (n) => void seen[0].push(n), { name: 'slow' })),
        shared.pipe(tap((n) => (seen[1].push(n) === 50 ? void flow.shutdown() : undefined))),
      ),
    );
    const report = await flow.done;
    expect(report.ended).toBe('quit');
    expect(seen[0]).toEqual(seen[1]);
    expect(report.abandoned).toBe(0);
    expect(report.stages.map(({ name }) => name)).toEqual(expect.arrayContaining(['broadcast', 'slow']));
  });

  test.each([
    [{ capacity: 0 }, 'capacity', RangeError],
    [{ subscribers: 0 }, 'subscribers', RangeError],
    [{ name: '' }, 'name', TypeError],
    [{ reset: true }, 'options', TypeError],
  ])('refuses %o', (options, option, type) => {
    const error = thrownBy(() => broadcast(options as never));
    expect(error).toBeInstanceOf(type);
    expect(error).toMatchObject({ option });
  });

  test('types', () => {
    expectTypeOf(of(1).pipe(broadcast())).toEqualTypeOf<Observable<number>>();
    expectTypeOf(broadcast<string>({ subscribers: 2 })).toEqualTypeOf<MonoTypeOperatorFunction<string>>();
  });
});
