import fc from 'fast-check';
import {
  EMPTY,
  NEVER,
  Observable,
  Subject,
  firstValueFrom,
  lastValueFrom,
  map,
  of,
  range,
  repeat,
  share,
  throwError,
  timer,
  toArray,
} from 'rxjs';
import { afterEach, beforeEach, describe, expect, expectTypeOf, test, vi } from 'vitest';
import { hooks } from '../../src/core/hooks.ts';
import { run } from '../../src/observe/run.ts';
import { channel, type Channel } from '../../src/sources/channel.ts';
import { fromIterable } from '../../src/sources/fromIterable.ts';
import { select, type SelectOptions } from '../../src/sources/select.ts';
import { Probe } from '../../src/testing/Probe.ts';
import { ProbeSource } from '../../src/testing/ProbeSource.ts';
import { marbles } from '../../src/testing/marbles.ts';
import { TestFlow } from '../core/TestFlow.ts';
import { thrownBy } from '../operators/badOptions.ts';
import { received, turns } from './events.ts';

const warnings: string[] = [];
beforeEach(() => {
  vi.spyOn(hooks, 'warn').mockImplementation((message) => void warnings.push(message));
});
afterEach(() => {
  vi.restoreAllMocks();
  expect(warnings.splice(0)).toEqual([]);
});

const same = <T>(item: T): T => item;
const all = <T>(source: Observable<T>): Promise<T[]> => lastValueFrom(source.pipe(toArray()), { defaultValue: [] });

/** Random numbers, the same for each seed (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** A channel that holds these values. */
function full<T>(...values: T[]): Channel<T> {
  const made = channel<T>({ capacity: Infinity });
  for (const value of values) made.trySend(value);
  return made;
}

/** Takes so long over an item. */
const busy =
  (frames: number) =>
  (item: string): Observable<string> =>
    timer(frames).pipe(map(() => item));

const numbers = (size: number): Observable<number> => fromIterable(Array.from({ length: size }, (_, i) => i));

const later = (from: number): Observable<number> =>
  fromIterable(async function* () {
    for (let i = 0; i < 20; i++) yield from + i;
  });

/** Chooses so often from sources that are always ready, and counts how often each was. */
function rounds(count: number, sources: number, options: SelectOptions<never>): number[] {
  const chosen: number[] = [];
  const probe = new Probe<number>();
  probe.onNext = (index) => {
    chosen.push(index);
    if (chosen.length === count) probe.unsubscribe();
  };
  const cases = Array.from({ length: sources }, (_, index) => {
    const endless = fromIterable(function* () {
      for (;;) yield index;
    });
    return [endless, same<number>] as const;
  });
  probe.subscribe(select(cases, { ...options, repeat: true }));
  return chosen;
}

describe('select', () => {
  test('R-42: sets no timer once the last of its cases has ended it all', () => {
    vi.useFakeTimers();
    try {
      const down = throwError(() => 'down');
      select([[down, (x) => x]], { timeout: [60_000, () => 'late'] }).subscribe({ error: () => {} });
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  test('does what the diagrams in its comment say', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const first = cold(' -----a--');
      const second = cold('--b-----');
      const expected = '   --(y|)  ';
      const chosen = select([
        [first, () => 'x'],
        [second, () => 'y'],
      ]);
      expectObservable(chosen).toBe(expected);
      expectSubscriptions(first.subscriptions).toBe(' ^-!');
      expectSubscriptions(second.subscriptions).toBe('^-!');
    });
    marbles(({ cold, expectObservable }) => {
      const chosen = select(
        [
          [cold('--------'), () => 'x'],
          [cold('--------'), () => 'y'],
        ],
        { timeout: [3, () => 'z'] },
      );
      expectObservable(chosen).toBe('---(z|)');
    });
  });

  test('takes one item of one channel, and nothing of the others', () => {
    for (let seed = 0; seed < 20; seed++) {
      const channels = [full('a1', 'a2'), full('b1', 'b2'), full('c1', 'c2')];
      const seen: string[] = [];
      select(
        channels.map((each) => [each, same<string>] as const),
        { random: seeded(seed) },
      ).subscribe((item) => seen.push(item));
      expect(seen).toHaveLength(1);
      expect(channels.reduce((sum, { length }) => sum + length, 0)).toBe(5);
      expect(channels['abc'.indexOf(seen[0]!.charAt(0))]!.length).toBe(1);
    }
  });

  test('a channel that is sent to while all wait: it wins, and what is sent to the others afterwards stays there', () => {
    const [first, second] = [channel<string>({ capacity: 3 }), channel<string>({ capacity: 3 })];
    const probe = new Probe<string>().subscribe(
      select([
        [first, same],
        [
          second,
          (item) => {
            // Nobody listens any more, before the case runs.
            expect([first.trySend('x'), second.trySend('y')]).toEqual(['sent', 'sent']);
            return item;
          },
        ],
      ]),
    );
    expect(second.trySend('b')).toBe('sent');
    expect([probe.values, probe.ended, first.length, second.length]).toEqual([['b'], 'completed', 1, 1]);
  });

  test('a rendezvous: the sender that is not chosen goes on waiting', async () => {
    const [first, second] = [channel<string>({ capacity: 0 }), channel<string>({ capacity: 0 })];
    let sent = '';
    void first.send('a').then(() => (sent += 'a'));
    void second.send('b').then(() => (sent += 'b'));
    const chosen = await all(
      select(
        [
          [first, same],
          [second, same],
        ],
        { fairness: 'order' },
      ),
    );
    await turns(2);
    expect([chosen, sent]).toEqual([['a'], 'a']);
  });

  test('makes nothing of a pausable source that is not chosen', () => {
    const [first, second] = [new ProbeSource(['a', 'b']), new ProbeSource(['c', 'd'])];
    const seen: string[] = [];
    select(
      [
        [first.items$, same],
        [second.items$, same],
      ],
      { fairness: 'order' },
    ).subscribe((item) => seen.push(item));
    expect([seen, first.produced, second.produced, first.isSubscribed]).toEqual([['a'], 1, 0, false]);
  });

  test('G5: chooses nothing while the gate below is closed', () => {
    const jobs = full('a', 'b');
    const fn = vi.fn(same<string>);
    const probe = new Probe<string>();
    probe.close();
    probe.subscribe(select([[jobs, fn]]));
    expect([jobs.length, fn.mock.calls.length]).toEqual([2, 0]);
    probe.open();
    expect([jobs.length, probe.values, probe.ended]).toEqual([1, ['a'], 'completed']);
  });

  test('an item that comes after the gate has closed waits for it, and its case begins when it opens', () => {
    marbles(({ cold, gated, expectObservable }) => {
      const demand = '  -x-----o   ';
      const source = '  ---a       ';
      const expected = '-------(a|)';
      expectObservable(select([[cold(source), same]]).pipe(gated(demand))).toBe(expected);
    });
  });

  test('emits whatever its case gives: promises, Observables, async iterables; an array is one value', async () => {
    const given = [async () => 1, () => of(2, 3), () => fromIterable([4]), () => [5, 6], () => undefined];
    const results = await Promise.all(given.map((fn) => all(select<unknown, unknown>([[of(0), fn]]))));
    expect(results).toEqual([[1], [2, 3], [4], [[5, 6]], [undefined]]);
  });

  test('R-44: unsubscribing aborts the signal of the case that runs', () => {
    const signals: AbortSignal[] = [];
    const subscription = select([[of(1), (_, { signal }) => (signals.push(signal), NEVER)]]).subscribe();
    expect(signals[0]?.aborted).toBe(false);
    subscription.unsubscribe();
    expect(signals[0]?.aborted).toBe(true);
  });

  describe('default', () => {
    test('runs at once if nothing is ready, and otherwise not', () => {
      const jobs = channel<string>({ capacity: 1 });
      const seen: string[] = [];
      const chosen = select([[jobs, same]], { default: () => 'nothing' });
      chosen.subscribe((it) => seen.push(it));
      jobs.trySend('a');
      chosen.subscribe((it) => seen.push(it));
      chosen.subscribe((it) => seen.push(it));
      expect([seen, jobs.length]).toEqual([['nothing', 'a', 'nothing'], 0]);
    });

    test('runs if all sources have completed', async () => {
      expect(await all(select([[EMPTY, same]], { default: () => 'nothing' }))).toEqual(['nothing']);
    });

    test('unsubscribes the sources before it runs', () => {
      const source = new Subject<number>();
      const fn = vi.fn(() => source.observed);
      const seen: unknown[] = [];
      select([[source, same]], { default: fn }).subscribe((it) => seen.push(it));
      expect(seen).toEqual([false]);
    });
  });

  describe('timeout', () => {
    test('is called off by an item, and leaves no timer', () => {
      vi.useFakeTimers();
      try {
        const source = new Subject<string>();
        const probe = new Probe<string>().subscribe(select([[source, same]], { timeout: [100, () => 'late'] }));
        expect(vi.getTimerCount()).toBe(1);
        source.next('a');
        expect([vi.getTimerCount(), probe.values, probe.ended]).toEqual([0, ['a'], 'completed']);
        const other = select([[source, same]], { timeout: [100, () => 'late'] }).subscribe();
        other.unsubscribe();
        expect(vi.getTimerCount()).toBe(0);
      } finally {
        vi.useRealTimers();
      }
    });

    test('of 0 lets promises in time be late', async () => {
      expect(await all(select([[NEVER, same]], { timeout: [0, async () => 'late'] }))).toEqual(['late']);
    });

    test('does not wait where nothing can come any more', () => {
      marbles(({ cold, expectObservable }) => {
        expectObservable(select([[cold('--|'), same]], { timeout: [9, () => 'late'] })).toBe('--|');
      });
    });

    test('with repeat counts anew for each round, after the case of the last', () => {
      marbles(({ cold, expectObservable }) => {
        const source = cold('   -a----------b---|');
        const expected = '      ---a---t---t--b-|';
        expectObservable(select([[source, busy(2)]], { repeat: true, timeout: [4, () => 't'] })).toBe(expected);
      });
    });
  });

  test('R-03, R-04: completes empty when every source has, and waits for one that says nothing', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      expectObservable(
        select([
          [cold('--|'), same],
          [cold('----|'), same],
        ]),
      ).toBe('----|');
      const never = cold('-');
      expectObservable(
        select([
          [EMPTY, same],
          [never, same],
        ]),
        '-----!',
      ).toBe('------');
      expectSubscriptions(never.subscriptions).toBe('^----!');
    });
  });

  test('G6: an error of any source passes at once, and the others are unsubscribed', () => {
    marbles(({ cold, gated, expectObservable, expectSubscriptions }) => {
      const other = cold('-------');
      const chosen = select([
        [other, same],
        [cold('---#'), same],
      ]).pipe(gated('-x'));
      expectObservable(chosen).toBe('---#');
      expectSubscriptions(other.subscriptions).toBe('^--!');
    });
  });

  test('R-30: what a case, default or random throws ends the flow', () => {
    const bad = new Error('case');
    const fail = (): never => {
      throw bad;
    };
    const tries: Observable<unknown>[] = [
      select([[of(1), fail]]),
      select([[NEVER, same]], { default: fail }),
      select(
        [
          [NEVER, same],
          [NEVER, same],
        ],
        { random: fail },
      ),
      select([[throwError(() => bad), same]]),
    ];
    for (const each of tries) expect(new Probe<unknown>().subscribe(each).error).toBe(bad);
  });

  test('R-23: a firehose is left after its first item, one that does not look too', () => {
    const polite = vi.fn();
    select([
      [
        new Observable<number>((out) => {
          for (let i = 0; i < 100 && !out.closed; i++) {
            polite();
            out.next(i);
          }
        }),
        same,
      ],
    ]).subscribe();
    const seen: number[] = [];
    select([[range(0, 100_000), same]]).subscribe((n) => seen.push(n));
    expect([polite.mock.calls.length, seen]).toEqual([1, [0]]);
  });

  test('R-05: every subscription chooses for itself', async () => {
    const chosen = select([[fromIterable(() => [1, 2]), same]]);
    expect([await all(chosen), await all(chosen)]).toEqual([[1], [1]]);
  });

  test('stock repeat loses nothing of channels', async () => {
    const [first, second] = [full(1, 3, 5), full(2, 4)];
    first.close();
    second.close();
    const five = select([
      [first, same],
      [second, same],
    ]).pipe(repeat(5));
    expect((await all(five)).toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5]);
  });

  test('takes the gate of a stage below a share', () => {
    const jobs = full('a', 'b', 'c');
    const probe = new Probe<string>();
    probe.close();
    probe.subscribe(select([[jobs.pipe(share()), same]], { repeat: true }).pipe(share()));
    expect(jobs.length).toBe(3);
    probe.allow(1);
    expect([probe.values, jobs.length]).toEqual([['a'], 2]);
    probe.unsubscribe();
  });
});

describe('select with repeat', () => {
  test('takes everything of all, one at a time, and completes when all have', () => {
    marbles(({ cold, expectObservable }) => {
      const first = cold(' -a---b------|   ');
      const second = cold('---x----|       ');
      const expected = '   --a-x-b-----|   ';
      expectObservable(
        select(
          [
            [first, busy(1)],
            [second, busy(1)],
          ],
          { repeat: true },
        ),
      ).toBe(expected);
    });
  });

  test('never runs two cases at once, and loses nothing that came meanwhile', async () => {
    let running = 0;
    let peak = 0;
    const work = async (n: number): Promise<number> => {
      peak = Math.max(peak, ++running);
      await turns(1);
      running--;
      return n;
    };
    const result = await all(
      select(
        [
          [later(0), work],
          [later(100), work],
        ],
        { repeat: true },
      ),
    );
    expect(peak).toBe(1);
    expect(result.toSorted((a, b) => a - b)).toEqual([
      ...Array.from({ length: 20 }, (_, i) => i),
      ...Array.from({ length: 20 }, (_, i) => 100 + i),
    ]);
  });

  test('rotate: each source that is ready has its turn in every round of all', () => {
    const chosen = rounds(1000, 5, { fairness: 'rotate' });
    for (let i = 0; i < chosen.length; i += 5) {
      expect(chosen.slice(i, i + 5).toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4]);
    }
  });

  test('random: each source is chosen about as often, the same way for the same numbers', () => {
    const chosen = rounds(10_000, 5, { random: seeded(7) });
    const counts = [0, 1, 2, 3, 4].map((source) => chosen.filter((it) => it === source).length);
    // Six standard deviations of 40.
    for (const count of counts) expect(Math.abs(count - 2000)).toBeLessThan(240);
    expect(rounds(100, 5, { random: seeded(7) })).toEqual(chosen.slice(0, 100));
  });

  test('order: the first that is ready, always', () => {
    expect(new Set(rounds(100, 3, { fairness: 'order' }))).toEqual(new Set([0]));
  });

  test('a fast source does not starve one that is slow', () => {
    marbles(({ cold, expectObservable }) => {
      const fast = fromIterable(function* () {
        for (;;) yield 'f';
      });
      const slow = cold('   -s-----s----');
      const expected = '    --f-s-f-f-s-f';
      expectObservable(
        select(
          [
            [fast, busy(2)],
            [slow, busy(2)],
          ],
          { repeat: true, fairness: 'rotate' },
        ),
        '-------------!',
      ).toBe(expected);
    });
  });

  test('odd random numbers do no harm', () => {
    for (const odd of [NaN, -1, 1, 2, Infinity, -Infinity, undefined, 'x']) {
      expect(rounds(9, 3, { random: () => odd as number })).toHaveLength(9);
    }
  });

  test('G7: what a hot source sends between two rounds is kept, with one warning', () => {
    const source = new Subject<number>();
    const gate = new Subject<void>();
    const probe = new Probe<number>().subscribe(
      select([[source, (n) => new Promise<number>((resolve) => gate.subscribe(() => resolve(n)))]], { repeat: true }),
    );
    for (const n of [1, 2, 3, 4]) source.next(n);
    expect(warnings.splice(0)).toEqual([expect.stringContaining('Stage "select" is sent more than the 1 items')]);
    probe.unsubscribe();
    expect(source.observed).toBe(false);
  });

  test('what was kept of a source that has completed is taken before it ends', async () => {
    const source = new Subject<number>();
    const probe = new Probe<number>();
    probe.subscribe(select([[source, async (n) => n]], { repeat: true }));
    source.next(1);
    source.next(2);
    source.complete();
    await received(probe, 2);
    await turns(1);
    expect([probe.values, probe.ended, probe.violations]).toEqual([[1, 2], 'completed', []]);
  });

  test('R-20, R-21: sent to, completed and unsubscribed from within a case', () => {
    const [first, second] = [new Subject<number>(), channel<number>({ capacity: 5 })];
    const flow = new TestFlow();
    const probe = new Probe<number>(flow);
    probe.onNext = (n) => {
      if (n === 1) {
        second.trySend(2);
        first.next(3);
      }
      if (n === 2) first.complete();
      if (n === 3) second.trySend(4);
      if (n === 4) probe.unsubscribe();
    };
    probe.subscribe(
      select(
        [
          [first, same],
          [second, same],
        ],
        { repeat: true, fairness: 'order' },
      ),
    );
    first.next(1);
    expect([probe.values, probe.violations, first.observed]).toEqual([[1, 3, 2, 4], [], false]);
    flow.check();
    expect(flow.live.size).toBe(0);
  });

  test('R-22: 100,000 rounds of sources and cases that answer at once do not grow the stack', () => {
    let count = 0;
    select(
      [
        [numbers(50_000), same],
        [numbers(50_000), () => of(0)],
      ],
      { repeat: true },
    ).subscribe(() => count++);
    expect(count).toBe(100_000);
  });

  test('G1: above a closed gate it takes what it runs, and nothing more', () => {
    const sources = [new ProbeSource(['a', 'b']), new ProbeSource(['c', 'd'])];
    const flow = new TestFlow();
    const probe = new Probe<string>(flow);
    probe.close();
    probe.subscribe(
      select(
        sources.map(({ items$ }) => [items$, same<string>] as const),
        { repeat: true, fairness: 'rotate' },
      ),
    );
    const made = (): number[] => sources.map(({ produced }) => produced);
    const seen = [made()];
    for (let i = 0; i < 3; i++) {
      probe.allow(1);
      seen.push(made());
    }
    probe.open();
    expect(seen).toEqual([
      [0, 0],
      [1, 0],
      [1, 1],
      [2, 1],
    ]);
    expect([probe.values, probe.ended, probe.violations]).toEqual([['a', 'c', 'b', 'd'], 'completed', []]);
    flow.check();
  });

  test('a graceful end lets the case that runs finish, and takes no more', async () => {
    const jobs = full(1, 2, 3);
    const done: number[] = [];
    const started = new Subject<void>();
    const isStarted = firstValueFrom(started);
    const work = async (n: number): Promise<number> => {
      started.next();
      await turns(3);
      return n;
    };
    const flow = select([[jobs, work]], { repeat: true }).pipe(map((n) => done.push(n)));
    const running = run(flow, { name: 'jobs' });
    await isStarted;
    const report = await running.shutdown();
    expect([done, jobs.length, report.ended]).toEqual([[1], 2, 'quit']);
  });
});

describe('any channels and cases', () => {
  test('everything that was sent is taken once, in the order of its channel', { timeout: 60_000 }, () => {
    const step = fc.record({
      to: fc.integer({ min: 0, max: 2 }),
      act: fc.constantFrom('send' as const, 'send' as const, 'close gate' as const, 'open gate' as const),
    });
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 40 }),
        fc.constantFrom('random' as const, 'rotate' as const, 'order' as const),
        fc.integer(),
        (steps, fairness, seed) => {
          const channels = [0, 1, 2].map(() => channel<number>({ capacity: Infinity }));
          const probe = new Probe<readonly [number, number]>();
          const cases = channels.map((each, to) => [each, (n: number) => [to, n] as const] as const);
          probe.subscribe(select(cases, { repeat: true, fairness, random: seeded(seed) }));
          const sent: number[][] = [[], [], []];
          let n = 0;
          for (const { to, act } of steps) {
            if (act === 'close gate') probe.close();
            else if (act === 'open gate') probe.open();
            else {
              sent[to]!.push(n);
              channels[to]!.trySend(n++);
            }
            const held = channels.reduce((sum, { length }) => sum + length, 0);
            // Of what is not taken yet all but one at most lies in its channel.
            expect(n - probe.values.length - held).toBeLessThanOrEqual(1);
          }
          for (const each of channels) each.close();
          probe.open();
          const taken = [0, 1, 2].map((to) => probe.values.filter(([from]) => from === to).map(([, value]) => value));
          expect([taken, probe.ended, probe.violations]).toEqual([sent, 'completed', []]);
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe('the arguments of select', () => {
  test('are refused when they are wrong', () => {
    expect(thrownBy(() => select([]))).toMatchObject({ code: 'ERR_OUT_OF_RANGE', option: 'cases' });
    expect(thrownBy(() => select([[of(1)]] as never))).toMatchObject({ option: 'cases[0]' });
    expect(thrownBy(() => select([['ab', same]] as never))).toMatchObject({ option: 'cases[0][0]' });
    expect(thrownBy(() => select([[of(1), 5]] as never))).toMatchObject({ option: 'cases[0][1]', received: 5 });
    const both = { default: () => 1, timeout: [1, () => 1] as const };
    expect(thrownBy(() => select([[of(1), same]], both))).toMatchObject({ option: 'default' });
    expect(thrownBy(() => select([[of(1), same]], { default: same, repeat: true }))).toMatchObject({
      option: 'default',
    });
  });

  test('give the result its type', () => {
    const chosen = select([
      [of(1), (n) => n.toFixed()],
      [of('x'), async (text) => text.length],
      [timer(3), () => of(true)],
    ]);
    expectTypeOf(chosen).toEqualTypeOf<Observable<string | number | boolean>>();
    const withLate = select([[of(1), (n) => [n]]], { timeout: [3, () => 'late' as const] });
    expectTypeOf(withLate).toEqualTypeOf<Observable<number[] | 'late'>>();
    const list: (readonly [Observable<number>, (n: number) => string])[] = [];
    expectTypeOf(() => select(list)).returns.toEqualTypeOf<Observable<string>>();
    expectTypeOf(() => {
      // @ts-expect-error -- the function takes what the source gives
      select([[of(1), (text: string) => text]]);
    }).toBeFunction();
  });
});
