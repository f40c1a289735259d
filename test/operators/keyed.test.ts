import { setImmediate as tick } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import {
  BehaviorSubject,
  lastValueFrom,
  map,
  NEVER,
  of,
  Subject,
  take,
  timer,
  type Observable,
  type OperatorFunction,
} from 'rxjs';
import { afterEach, describe, expect, expectTypeOf, test, vi } from 'vitest';
import { OverflowError } from '../../src/core/errors.ts';
import { execute } from '../../src/core/execute.ts';
import { hooks } from '../../src/core/hooks.ts';
import { operate } from '../../src/core/operate.ts';
import type { Result } from '../../src/core/options.ts';
import { keyed, type KeyedOptions } from '../../src/operators/keyed.ts';
import { KeyedPool } from '../../src/operators/keyed/KeyedPool.ts';
import { fromIterable } from '../../src/sources/fromIterable.ts';
import { fixedLimit } from '../../src/sync/limits/fixedLimit.ts';
import { marbles } from '../../src/testing/marbles.ts';
import { ProbeSource } from '../../src/testing/ProbeSource.ts';
import { simulate } from '../../src/testing/simulate.ts';

import { Probe } from '../core/Probe.ts';
import { TestFlow } from '../core/TestFlow.ts';
import { violations } from '../core/violations.ts';

afterEach(() => {
  vi.restoreAllMocks();
  expect(violations.splice(0)).toEqual([]);
});

/** How many schedules each simulation has to stand; a longer search sets RUNS. */
const runs = Number(process.env['RUNS'] ?? 200);
const ORDERS = ['completion', 'input'] as const;

/** The numbers below `count`. */
function many(count: number): Observable<number> {
  return fromIterable(function* () {
    for (let i = 0; i < count; i++) yield i;
  });
}

/** How many are left once the garbage is collected. */
function aliveOf(kept: readonly WeakRef<object>[]): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  return kept.filter((ref) => ref.deref() !== undefined).length;
}

/** The letter alone: `a1` and `a2` are of one key. */
const letter = (item: string): string => item[0]!;

/** Work to be ended by hand, and a note of what has begun. */
function manual() {
  const begun: string[] = [];
  const running = new Map<string, Subject<string>>();
  return {
    begun,
    running,
    fn: (item: string): Observable<string> => {
      begun.push(item);
      const work = new Subject<string>();
      running.set(item, work);
      return work;
    },
    end: (item: string): void => {
      const work = running.get(item)!;
      running.delete(item);
      work.next(item);
      work.complete();
    },
  };
}

/** A source that cannot be paused, through `keyed` with work to be ended by hand. */
function byHand(options: KeyedOptions<string>) {
  const warn = vi.spyOn(hooks, 'warn').mockImplementation(() => {});
  const source = new Subject<string>();
  const flow = new TestFlow();
  const probe = new Probe<string>(flow);
  const work = manual();
  probe.subscribe(source.pipe(keyed(letter, work.fn, { name: 'keyed', ...options })));
  const send = (...items: string[]): void => items.forEach((item) => source.next(item));
  return { ...work, warn, source, probe, flow, send, node: flow.node('keyed') as unknown as KeyedPool<string, string> };
}

describe('keyed', () => {
  test('does what the diagram in its comment says', () => {
    marbles(({ cold, expectObservable }) => {
      const source = '  abA-|            ';
      const expected = '---ab-(A|)       ';
      const stage = keyed(
        (x: string) => x.toLowerCase(),
        (x) => timer(3).pipe(map(() => x)),
        { concurrency: 2 },
      );
      expectObservable(cold(source).pipe(stage)).toBe(expected);
    });
  });

  test('runs the items of one key one after the other, in their order, and those of others at once', () => {
    const { send, begun, end, probe } = byHand({ concurrency: 3, capacity: 10 });
    send('a1', 'a2', 'b1', 'a3', 'c1', 'c2');
    expect(begun).toEqual(['a1', 'b1', 'c1']);
    end('a1');
    end('a2');
    end('c1');
    expect(begun).toEqual(['a1', 'b1', 'c1', 'a2', 'a3', 'c2']);
    expect(probe.values).toEqual(['a1', 'a2', 'c1']);
  });

  test('perKey lets more of one key run', () => {
    const { send, begun, end } = byHand({ concurrency: 4, perKey: 2, capacity: 10 });
    send('a1', 'a2', 'a3', 'a4', 'b1');
    expect(begun).toEqual(['a1', 'a2', 'b1']);
    end('a2');
    expect(begun).toEqual(['a1', 'a2', 'b1', 'a3']);
  });

  test('a key with many items does not keep another waiting: those that are ready take turns', () => {
    const { send, begun, end } = byHand({ concurrency: 1, capacity: 20 });
    send('a1', 'a2', 'a3', 'a4', 'b1', 'b2', 'c1');
    for (const item of ['a1', 'b1', 'c1', 'a2', 'b2', 'a3']) end(item);
    expect(begun).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3', 'a4']);
  });

  test('a key takes no more than perKey of the places, however many items it has', () => {
    const { send, begun } = byHand({ concurrency: 3, perKey: 2, capacity: 20 });
    send('a1', 'a2', 'a3', 'a4', 'a5', 'b1');
    expect(begun).toEqual(['a1', 'a2', 'b1']);
  });

  test("order 'input': results leave in the order of the items, whatever ends first", () => {
    const { send, end, probe } = byHand({ concurrency: 3, order: 'input', capacity: 10 });
    send('a1', 'a2', 'b1', 'c1');
    end('c1');
    end('b1');
    expect(probe.values).toEqual([]);
    end('a1');
    expect(probe.values).toEqual(['a1']);
    end('a2');
    expect(probe.values).toEqual(['a1', 'a2', 'b1', 'c1']);
  });

  test("order 'input': the first item has a place although all are taken by what is held back behind it", async () => {
    const flow = new TestFlow();
    const probe = new Probe<string>(flow);
    const ended = new Promise<void>((resolve) => (probe.onEnd = resolve));
    const limits = new BehaviorSubject(3);
    const work = manual();
    const values = (item: string): Observable<string> =>
      item.startsWith('a') ? work.fn(item) : fromIterable(Array.from({ length: 20 }, (_, i) => `${item}.${i}`));
    probe.subscribe(
      fromIterable(['a1', 'a2', 'b1', 'c1', 'd1', 'e1']).pipe(
        keyed(letter, values, { concurrency: limits, capacity: 3, order: 'input' }),
      ),
    );
    limits.next(1);
    expect(work.begun).toEqual(['a1']);
    // b1 and c1 run, and neither can end behind a2: they go on, so that a2 gets its place.
    work.end('a1');
    expect(work.begun).toEqual(['a1', 'a2']);
    work.end('a2');
    await ended;
    expect(probe.ended).toBe('completed');
    expect(probe.values).toHaveLength(2 + 4 * 20);
    flow.check();
  });

  test('the index is that of the input, also where items begin in another order or are given up', () => {
    const seen: [string, number][] = [];
    const source = new Subject<string>();
    const work = manual();
    source
      .pipe(
        keyed(
          letter,
          (item, { index }) => {
            seen.push([item, index]);
            return work.fn(item);
          },
          { concurrency: 2, maxWaitingPerKey: 1, overflow: 'dropNewest' },
        ),
      )
      .subscribe();
    for (const item of ['a1', 'a2', 'a3', 'b1']) source.next(item);
    work.end('a1');
    expect(seen).toEqual([
      ['a1', 0],
      ['b1', 3],
      ['a2', 1],
    ]);
  });

  test('keys are compared as in a Map: NaN with itself, objects by identity, undefined too', () => {
    const keys = [NaN, NaN, undefined, undefined, {}, {}, 0, -0, '0'];
    const begun: number[] = [];
    const stage = keyed(
      (i: number) => keys[i],
      (i) => {
        begun.push(i);
        return new Subject<never>();
      },
      { concurrency: 20 },
    );
    of(0, 1, 2, 3, 4, 5, 6, 7, 8).pipe(stage).subscribe();
    expect(begun).toEqual([0, 2, 4, 5, 6, 8]);
  });

  test('calls key once for each item', () => {
    const key = vi.fn((n: number) => n % 2);
    fromIterable([1, 2, 3, 4, 5])
      .pipe(keyed(key, (n) => n))
      .subscribe();
    expect(key.mock.calls).toEqual([[1], [2], [3], [4], [5]]);
  });

  test("what key throws ends the flow, and the siblings' signals have it as their reason (R-30)", () => {
    const failure = new Error('key');
    const signals: AbortSignal[] = [];
    const flow = new TestFlow();
    const probe = new Probe<never>(flow);
    const stage = keyed(
      (n: number) => {
        if (n === 3) throw failure;
        return n;
      },
      (_, { signal }) => {
        signals.push(signal);
        return new Subject<never>();
      },
      { name: 'keyed', concurrency: 2 },
    );
    probe.subscribe(fromIterable([1, 2, 3, 4]).pipe(stage));
    expect([probe.ended, probe.error]).toEqual(['failed', failure]);
    expect(signals.map(({ reason }) => reason as unknown)).toEqual([failure, failure]);
    flow.check();
    expect(flow.node('keyed').telemetry).toMatchObject({ in: 3, failed: 1, abandoned: 2 });
  });

  test('a key function that ends the subscription has the last word', () => {
    const probe = new Probe<number>(new TestFlow());
    const fn = vi.fn((n: number) => n);
    probe.subscribe(
      of(1, 2, 3).pipe(
        keyed((n: number) => {
          if (n === 2) probe.unsubscribe();
          return n;
        }, fn),
      ),
    );
    expect(fn.mock.calls.map(([n]) => n)).toEqual([1]);
  });

  test('a failed item lets the next of its key begin, when its dead letter has been taken', async () => {
    let taken!: () => void;
    const begun: number[] = [];
    const stage = keyed(
      () => 'one',
      (n: number) => {
        begun.push(n);
        if (n === 1) throw new Error('one');
        return n;
      },
      { concurrency: 2, onError: { deadLetter: () => new Promise<void>((resolve) => (taken = resolve)) } },
    );
    const probe = new Probe<number>(new TestFlow());
    const ended = new Promise<void>((resolve) => (probe.onEnd = resolve));
    probe.subscribe(fromIterable([1, 2]).pipe(stage));
    expect(begun).toEqual([1]);
    taken();
    await ended;
    expect([begun, probe.values]).toEqual([[1, 2], [2]]);
  });
});

describe('keyed with maxWaitingPerKey', () => {
  test("'wait': an item too many holds the source back, and all keys with it, until its key has room", () => {
    const source = new ProbeSource(['a1', 'a2', 'a3', 'b1', 'c1'], false);
    const work = manual();
    const probe = new Probe<string>(new TestFlow());
    probe.subscribe(source.items$.pipe(keyed(letter, work.fn, { concurrency: 3, maxWaitingPerKey: 1 })));
    // a1 runs, a2 waits, a3 stands in front of the line.
    expect([source.produced, work.begun]).toEqual([3, ['a1']]);
    work.end('a1');
    expect([source.produced, work.begun]).toEqual([5, ['a1', 'a2', 'b1', 'c1']]);
    expect(source.producedWhileClosed).toBe(0);
  });

  test("'dropNewest': the item is given up, counted and told", () => {
    const dropped: [string, string][] = [];
    const { send, end, begun, node, flow } = byHand({
      concurrency: 2,
      maxWaitingPerKey: 1,
      overflow: 'dropNewest',
      onDrop: (item, reason) => dropped.push([item, reason]),
    });
    send('a1', 'a2', 'a3', 'a4', 'b1');
    end('a1');
    expect(begun).toEqual(['a1', 'b1', 'a2']);
    expect(dropped).toEqual([
      ['a3', 'dropNewest'],
      ['a4', 'dropNewest'],
    ]);
    expect(node.telemetry).toMatchObject({ in: 5, dropped: 2, completed: 1 });
    flow.check();
  });

  test.each(ORDERS)("'dropOldest', in %s order: the oldest that waits makes room", (order) => {
    const dropped: [string, string][] = [];
    const { send, end, begun, node, flow, probe, source } = byHand({
      concurrency: 2,
      order,
      maxWaitingPerKey: 2,
      overflow: 'dropOldest',
      onDrop: (item, reason) => dropped.push([item, reason]),
    });
    send('a1', 'a2', 'a3', 'a4', 'b1', 'a5');
    expect([node.held, dropped.map(([item]) => item)]).toEqual([4, ['a2', 'a3']]);
    for (const item of ['a1', 'b1', 'a4', 'a5']) end(item);
    source.complete();
    expect(begun).toEqual(['a1', 'b1', 'a4', 'a5']);
    expect(probe.values).toEqual(order === 'input' ? ['a1', 'a4', 'b1', 'a5'] : ['a1', 'b1', 'a4', 'a5']);
    expect(node.telemetry).toMatchObject({ in: 6, dropped: 2, completed: 4 });
    expect(probe.ended).toBe('completed');
    flow.check();
  });

  test("'dropOldest' gives the item itself up where none may wait", () => {
    const dropped: [string, string][] = [];
    const { send, begun } = byHand({
      concurrency: 2,
      maxWaitingPerKey: 0,
      overflow: 'dropOldest',
      onDrop: (item, reason) => dropped.push([item, reason]),
    });
    send('a1', 'a2', 'b1');
    expect([begun, dropped]).toEqual([['a1', 'b1'], [['a2', 'dropNewest']]]);
  });

  test("'dropOldest' goes on for ever behind a first item that does not end", () => {
    const { send, node, end, probe } = byHand({
      concurrency: 2,
      order: 'input',
      maxWaitingPerKey: 2,
      overflow: 'dropOldest',
      overflowLimit: 0,
    });
    send('a0');
    for (let i = 1; i <= 10_000; i++) send(`a${i}`);
    expect([node.held, node.telemetry.dropped, probe.ended]).toEqual([3, 9_998, undefined]);
    end('a0');
    end('a9999');
    end('a10000');
    expect(probe.values).toEqual(['a0', 'a9999', 'a10000']);
  });

  test("'fail': fails with an OverflowError that says what to do", () => {
    const { send, probe, flow } = byHand({ concurrency: 2, maxWaitingPerKey: 1, overflow: 'fail' });
    send('b1', 'a1', 'a2', 'a3');
    expect(probe.error).toBeInstanceOf(OverflowError);
    expect(probe.error).toMatchObject({
      stage: 'keyed',
      held: 3,
      bound: 2,
      message:
        'Stage "keyed" holds 3 items and may hold 2. They are of one key: choose another overflow policy than \'fail\', or a larger maxWaitingPerKey.',
    });
    flow.check();
  });

  test('a noisy key fills neither the places nor the waiting room', () => {
    const { send, begun, warn } = byHand({
      concurrency: 2,
      capacity: 3,
      maxWaitingPerKey: 2,
      overflow: 'dropNewest',
    });
    for (let i = 0; i < 100; i++) send(`a${i}`);
    send('b1', 'c1');
    expect(begun).toEqual(['a0', 'b1']);
    expect(warn).not.toHaveBeenCalled();
  });

  test('what onDrop throws ends the flow', () => {
    const failure = new Error('onDrop');
    const { send, probe } = byHand({
      maxWaitingPerKey: 0,
      overflow: 'dropNewest',
      onDrop: () => {
        throw failure;
      },
    });
    send('a1', 'a2');
    expect([probe.ended, probe.error]).toEqual(['failed', failure]);
  });

  test('G5: above a closed gate nothing begins, and what is dropped is the same', () => {
    const { send, begun, probe, node } = byHand({ concurrency: 2, maxWaitingPerKey: 1, overflow: 'dropOldest' });
    probe.close();
    send('a1', 'a2', 'a3', 'b1');
    expect([begun, node.telemetry.dropped]).toEqual([[], 1]);
    probe.open();
    expect(begun).toEqual(['a2', 'b1']);
  });
});

describe('a surplus of what cannot be paused', () => {
  test('G7: is kept with one warning, in order, and begins as soon as its key may', () => {
    const { send, begun, end, warn, source, probe } = byHand({ concurrency: 2, capacity: 1 });
    send('a1', 'a2', 'a3', 'a4', 'b1', 'a5', 'b2');
    expect(begun).toEqual(['a1', 'b1']);
    expect(warn).toHaveBeenCalledTimes(1);
    source.complete();
    for (const item of ['b1', 'b2', 'a1', 'a2', 'a3', 'a4', 'a5']) end(item);
    expect(probe.ended).toBe('completed');
    expect(begun).toEqual(['a1', 'b1', 'b2', 'a2', 'a3', 'a4', 'a5']);
  });
});

/** `keyed`, and the stage that it makes. */
function inspected<T, R>(key: (item: T) => unknown, fn: (item: T) => R) {
  let stage: KeyedPool<T, R> | undefined;
  const settings = {
    name: 'keyed',
    concurrency: 4,
    capacity: undefined,
    order: 'completion' as const,
    onError: 'stop' as const,
    key,
    perKey: 1,
    maxWaitingPerKey: Infinity,
    policy: 'wait' as const,
    onDrop: undefined,
  };
  const operator: OperatorFunction<T, R> = operate<T, R>((connection) => {
    stage = new KeyedPool<T, R>(connection, settings, execute<T, R>(fn));
    return stage;
  });
  return { operator, stage: () => stage! };
}

describe('no bound', () => {
  test.each([{ concurrency: Infinity }, { capacity: Infinity }])('%o: a full key holds the source back', (options) => {
    const source = new ProbeSource(Array.from({ length: 1_000 }, () => 'a'));
    const stage = keyed(letter, () => NEVER, { ...options, maxWaitingPerKey: 3 });
    const probe = new Probe<never>().subscribe(source.items$.pipe(stage));
    expect(source.produced).toBe(5);
    probe.unsubscribe();
  });
});

describe('many items', () => {
  test.each(ORDERS)('a key is forgotten although there always is another (%s order)', async (order) => {
    const kept: WeakRef<object>[] = [];
    const items = function* () {
      for (let i = 0; i < 1_500; i++) {
        const item = { i };
        kept.push(new WeakRef(item));
        yield item;
      }
    };
    let left = Infinity;
    const look = (_: unknown, i: number): void => {
      if (i === 1_000) left = aliveOf(kept);
    };
    await lastValueFrom(
      fromIterable(items).pipe(
        keyed(
          (item) => item,
          () => tick(),
          { order },
        ),
        map(look),
      ),
    );
    expect(left).toBeLessThan(100);
  });

  test('a million distinct keys leave nothing behind', () => {
    const { operator, stage } = inspected(
      (n: number) => n,
      (n) => n,
    );
    let sum = 0;
    let most = 0;
    const over = vi.fn();
    many(1_000_000)
      .pipe(operator)
      .subscribe({
        next: (n) => {
          sum += n;
          most = Math.max(most, stage().keys);
        },
        complete: over,
      });
    expect(over).toHaveBeenCalled();
    expect([sum, most, stage().keys, stage().held]).toEqual([499_999_500_000, 0, 0, 0]);
  });

  test('a key is kept only as long as it has an item in the stage', async () => {
    const { operator, stage } = inspected(
      (n: number) => `${n % 1000}`,
      (n: number) => Promise.resolve(n),
    );
    let most = 0;
    await new Promise<void>((resolve) => {
      many(10_000)
        .pipe(operator)
        .subscribe({ next: () => (most = Math.max(most, stage().keys)), complete: resolve });
    });
    // Twelve items are in the stage at once, and the one that leaves has let its key go.
    expect(most).toBeLessThanOrEqual(12);
    expect(stage().keys).toBe(0);
  });

  test('unsubscribing forgets all keys', () => {
    const { operator, stage } = inspected(
      (n: number) => n,
      () => new Promise<never>(() => {}),
    );
    const subscription = many(10).pipe(operator).subscribe();
    expect(stage().keys).toBe(10);
    subscription.unsubscribe();
    expect(stage().keys).toBe(0);
  });

  test.each(ORDERS)('R-22: 100,000 synchronous items of one key leave the stack flat, in %s order', (order) => {
    let count = 0;
    many(100_000)
      .pipe(
        keyed(
          () => 1,
          (n) => n,
          { concurrency: 8, order },
        ),
      )
      .subscribe(() => count++);
    expect(count).toBe(100_000);
  });

  test('R-23: a firehose is stopped in the middle', () => {
    let made = 0;
    const endless = fromIterable(function* () {
      for (;;) yield made++;
    });
    const taken: number[] = [];
    endless
      .pipe(
        keyed(
          (n) => n % 3,
          (n) => n,
          { concurrency: 2 },
        ),
        take(3),
      )
      .subscribe((n) => taken.push(n));
    expect([taken, made]).toEqual([[0, 1, 2], 3]);
  });
});

const third = (n: number): number => n % 3;

describe('R-24: a simulated keyed keeps the order of each key, its bound and its limit, and loses nothing', () => {
  const cases = ORDERS.flatMap((order) =>
    (['stop', 'skip', 'emit', 'deadLetter'] as const).map((onError) => ({ order, onError })),
  );

  test.each(cases)('in $order order, with onError: $onError', { timeout: 120_000 }, async ({ order, onError }) => {
    const made = simulate(
      (fn, { deadLetter }) => {
        const policy = (onError === 'deadLetter' ? { deadLetter } : onError) as 'skip';
        return keyed(third, fn, { concurrency: 3, order, onError: policy });
      },
      { bound: 9, concurrency: 3, key: third, order, onError, runs },
    );
    expect((await made).runs).toBe(runs);
  });

  const policies = ORDERS.flatMap((order) =>
    (['dropNewest', 'dropOldest', 'wait'] as const).map((overflow) => ({ order, overflow })),
  );

  test.each(policies)(
    'in $order order, with overflow: $overflow',
    { timeout: 120_000 },
    async ({ order, overflow }) => {
      for (const maxWaitingPerKey of [0, 1, 2]) {
        const options = { concurrency: 2, capacity: 6, order, maxWaitingPerKey, overflow, onError: 'skip' as const };
        await simulate((fn, { onDrop }) => keyed(third, fn, { ...options, onDrop }), {
          bound: 8,
          concurrency: 2,
          key: third,
          order,
          onError: 'skip',
          drops: overflow !== 'wait',
          keeps: overflow === 'wait',
          runs,
        });
      }
    },
  );

  test.each(ORDERS)(
    'in %s order, with a limit that changes and two of each key',
    { timeout: 120_000 },
    async (order) => {
      await simulate(
        (fn, { limits }) => keyed(third, fn, { concurrency: limits, capacity: 3, order, perKey: 2, onError: 'skip' }),
        { bound: (limit) => limit + 3, concurrency: 3, perKey: 2, key: third, order, onError: 'skip', runs: runs * 2 },
      );
    },
  );
});

test('fairness: between two items of one key, every other key that waits begins one (1,000 runs)', () => {
  const arrivals = fc.array(fc.oneof(fc.constant('a'), fc.constantFrom('a', 'b', 'c', 'd')), {
    minLength: 2,
    maxLength: 30,
  });
  fc.assert(
    fc.property(arrivals, (keys) => {
      const { send, begun, end } = byHand({ concurrency: 1, capacity: 100 });
      const items = keys.map((key, i) => `${key}${i}`);
      send(...items);
      for (let i = 0; i < items.length; i++) end(begun[i]!);
      expect(begun).toHaveLength(items.length);
      for (const [at, item] of begun.entries()) {
        const again = begun.findIndex((other, i) => i > at && letter(other) === letter(item));
        if (again === -1) continue;
        const waiting = new Set(begun.slice(again + 1).map(letter));
        waiting.delete(letter(item));
        const between = new Set(begun.slice(at + 1, again).map(letter));
        // All but the first item arrived while that ran, so all of these waited.
        for (const key of waiting)
          expect([...between], `${begun.join(' ')}: between ${at} and ${again}`).toContain(key);
      }
    }),
    { numRuns: 1000 },
  );
});

test('conservation: whatever is dropped, ends or waits, the counters add up (1,000 runs)', () => {
  const acts = fc.array(fc.tuple(fc.constantFrom('send', 'send', 'end', 'open', 'close'), fc.nat(3)), {
    maxLength: 60,
  });
  const policy = fc.constantFrom('wait', 'dropNewest', 'dropOldest');
  fc.assert(
    fc.property(acts, policy, fc.nat(2), fc.constantFrom(...ORDERS), (all, overflow, maxWaitingPerKey, order) => {
      let told = 0;
      const options = { concurrency: 2, overflow, maxWaitingPerKey, order, onDrop: () => told++ } as const;
      const { send, probe, running, end, flow, node, source, begun } = byHand(options);
      let sent = 0;
      for (const [act, n] of all) {
        if (act === 'send') send(`${'abcd'[n]}${sent++}`);
        else if (act === 'end') [...running.keys()].slice(n, n + 1).forEach(end);
        else if (act === 'open') probe.open();
        else probe.close();
        flow.check();
        const keys = [...running.keys()].map(letter);
        expect(new Set(keys).size).toBe(keys.length);
      }
      source.complete();
      probe.open();
      while (running.size > 0) [...running.keys()].forEach(end);
      expect([probe.ended, node.telemetry.dropped]).toEqual(['completed', told]);
      expect(probe.values).toHaveLength(sent - told);
      for (const each of 'abcd') {
        const own = begun.filter((item) => letter(item) === each).map((item) => Number(item.slice(1)));
        expect(own).toEqual(own.toSorted((a, b) => a - b));
      }
    }),
    { numRuns: 1000 },
  );
});

describe('the concurrency of keyed', () => {
  test('may be a limit', () => {
    const { send, begun } = byHand({ concurrency: fixedLimit(2), capacity: 10 });
    send('a1', 'b1', 'c1');
    expect(begun).toEqual(['a1', 'b1']);
  });

  test('0 pauses, and goes on', () => {
    const limits = new BehaviorSubject(0);
    const { send, begun } = byHand({ concurrency: limits, capacity: 4 });
    send('a1', 'b1');
    expect(begun).toEqual([]);
    limits.next(2);
    expect(begun).toEqual(['a1', 'b1']);
  });
});

describe('the types of keyed', () => {
  test('flow from the source, to the key, the function and the result', () => {
    const made = of({ id: 1 }).pipe(
      keyed(
        (item) => {
          expectTypeOf(item).toEqualTypeOf<{ id: number }>();
          return item.id;
        },
        async (item) => `${item.id}`,
        { onDrop: (item) => expectTypeOf(item).toEqualTypeOf<{ id: number }>() },
      ),
    );
    expectTypeOf(made).toEqualTypeOf<Observable<string>>();
    const results = of(1).pipe(
      keyed(
        (n) => n,
        (n: number) => `${n}`,
        { onError: 'emit' },
      ),
    );
    expectTypeOf(results).toEqualTypeOf<Observable<Result<string, number>>>();
  });

  test('refuse what cannot work', () => {
    expectTypeOf(() => {
      // @ts-expect-error -- the function is missing
      keyed((n: number) => n);
      keyed(
        (n: number) => n,
        (n) => n,
        // @ts-expect-error -- no such policy
        { overflow: 'latest' },
      );
    }).toBeFunction();
  });
});
