import { setImmediate as turn } from 'node:timers/promises';
import { Observable, Subject, asyncScheduler, concat, from, of, tap, throwError, timer } from 'rxjs';
import { afterEach, beforeEach, describe, expect, expectTypeOf, test, vi } from 'vitest';
import { hooks } from '../../src/core/hooks.ts';
import { workerPool } from '../../src/operators/workerPool.ts';
import { run } from '../../src/observe/run.ts';
import { PullStage } from '../../src/sinks/pull/PullStage.ts';
import { toIterable, type ToIterableOptions } from '../../src/sinks/toIterable.ts';
import { fromIterable } from '../../src/sources/fromIterable.ts';
import { ProbeSource } from '../../src/testing/ProbeSource.ts';
import { marbles } from '../../src/testing/marbles.ts';
import { TestFlow } from '../core/TestFlow.ts';
import { badCounts, badNames, badObjects, table, thrownBy } from '../operators/badOptions.ts';

const END = { done: true, value: undefined };
const given = <T>(value: T) => ({ done: false, value });

function* naturals(): Generator<number> {
  for (let n = 0; ; n++) yield n;
}

function iterator<T>(source: Observable<T>, options?: ToIterableOptions): AsyncIterator<T> {
  return toIterable(source, options)[Symbol.asyncIterator]();
}

const late: unknown[] = [];
beforeEach(() => {
  vi.spyOn(hooks, 'lateError').mockImplementation((error, stage) => void late.push([error, stage]));
});
afterEach(() => {
  vi.restoreAllMocks();
  expect(late.splice(0)).toEqual([]);
});

describe('toIterable', () => {
  test('does what the diagram in its comment says', async () => {
    const made: [item: string, frame: number][] = [];
    const answers: Promise<unknown>[] = [];
    marbles(({ hot, flush }) => {
      const asked = hot('-n--n----n-n');
      const source = fromIterable('abc'.split('')).pipe(tap((item) => made.push([item, asyncScheduler.now()])));
      const start = asyncScheduler.now();
      const items = iterator(source);
      asked.subscribe(() => answers.push(items.next()));
      flush();
      for (const entry of made) entry[1] -= start;
    });
    expect(made).toEqual([
      ['a', 1],
      ['b', 4],
      ['c', 9],
    ]);
    expect(await Promise.all(answers)).toEqual([given('a'), given('b'), given('c'), END]);
  });

  test('R-01 R-05 subscribes with the first next() of each iteration, and anew for each', async () => {
    const source = new ProbeSource([1, 2]);
    const items = toIterable(source.items$);
    const first = items[Symbol.asyncIterator]();
    const second = items[Symbol.asyncIterator]();
    expect(source.subscriptions).toBe(0);
    expect(await first.next()).toEqual(given(1));
    expect(source.subscriptions).toBe(1);
    expect([await second.next(), await first.next(), await second.next()]).toEqual([given(1), given(2), given(2)]);
    expect(source.subscriptions).toBe(2);
    expect([await first.next(), await second.next(), await first.next()]).toEqual([END, END, END]);
    expect(source.isSubscribed).toBe(false);
    for await (const item of items) expect([1, 2]).toContain(item);
    expect(source.subscriptions).toBe(3);
  });

  test('answers several calls that wait in their order, and those beyond the end with the end', async () => {
    const source = new ProbeSource<number>([], false);
    const items = iterator(source.items$);
    const answers = Array.from({ length: 5 }, () => items.next());
    // All five are wanted, so five may come.
    expect(source.gate?.isOpen).toBe(true);
    for (const n of [1, 2, 3]) source.push(n);
    source.complete();
    expect(await Promise.all(answers)).toEqual([given(1), given(2), given(3), END, END]);
  });

  test('rejects the first of several that wait with an error, and ends the others', async () => {
    const source = new ProbeSource<number>([], false);
    const items = iterator(source.items$);
    const answers = Array.from({ length: 3 }, () => items.next());
    const error = new Error('source');
    source.fail(error);
    expect(await Promise.allSettled(answers)).toEqual([
      { status: 'rejected', reason: error },
      { status: 'fulfilled', value: END },
      { status: 'fulfilled', value: END },
    ]);
    expect(await items.next()).toEqual(END);
  });

  test('G1 fetches "capacity" items ahead, and refills when half of that is free', async () => {
    for (const capacity of [0, 1, 2, 10]) {
      const source = new ProbeSource(naturals());
      const items = iterator(source.items$, { capacity });
      const ahead: number[] = [];
      for (let n = 0; n < 100; n++) {
        expect(await items.next()).toEqual(given(n));
        ahead.push(source.produced - n - 1);
      }
      expect(Math.max(...ahead)).toBe(capacity);
      expect(Math.min(...ahead)).toBeGreaterThanOrEqual(capacity === 0 ? 0 : (capacity >> 1) - 1);
      expect(source.producedWhileClosed).toBe(0);
      await items.return!();
    }
  });

  test('lets a stage above work ahead of the loop', async () => {
    let begun = 0;
    const work = workerPool(async (n: number) => (begun++, n), { concurrency: 3 });
    const items = iterator(fromIterable(naturals).pipe(work), { capacity: 2 });
    expect((await items.next()).done).toBe(false);
    await turn();
    // One taken, two fetched ahead, and two that were running when the gate closed.
    expect(begun).toBe(5);
    await items.return!();
  });

  test('R-31 gives the items made before an error first, and then the error, once', async () => {
    for (const capacity of [0, 2, 10]) {
      const error = new Error('third');
      const items = iterator(
        concat(
          fromIterable([1, 2]),
          throwError(() => error),
        ),
        { capacity },
      );
      expect([await items.next(), await items.next()]).toEqual([given(1), given(2)]);
      await expect(items.next()).rejects.toBe(error);
      expect(await items.next()).toEqual(END);
    }
  });

  test('R-31 leaves its source at once with an error that waits for its turn', async () => {
    const source = new ProbeSource([1, 2, 3], false);
    const items = iterator(source.items$, { capacity: 5 });
    await items.next();
    source.fail('late');
    expect(source.isSubscribed).toBe(false);
    expect([await items.next(), await items.next()]).toEqual([given(2), given(3)]);
    await expect(items.next()).rejects.toBe('late');
  });

  test('keeps an error that comes while nobody asks for the next call', async () => {
    const source = new ProbeSource([1], false);
    const items = iterator(source.items$);
    await items.next();
    source.fail(undefined);
    await turn();
    await expect(items.next()).rejects.toBe(undefined);
    await items.return!();
  });

  test('R-32 reports an error that nobody asked for when the loop breaks off', async () => {
    const source = new ProbeSource([1], false);
    const error = new Error('nobody asked');
    for await (const item of toIterable(source.items$, { name: 'rows' })) {
      expect(item).toBe(1);
      source.fail(error);
      break;
    }
    expect(late.splice(0)).toEqual([[error, 'rows']]);
  });

  test('R-32 reports it also if it waits behind items that are held', async () => {
    const source = new ProbeSource([1, 2], false);
    const error = new Error('nobody asked');
    for await (const item of toIterable(source.items$, { name: 'rows', capacity: 2 })) {
      expect(item).toBe(1);
      source.fail(error);
      break;
    }
    expect(late.splice(0)).toEqual([[error, 'rows']]);
  });

  test('gives promises and other thenables as they are', async () => {
    const promise = Promise.resolve(1);
    // oxlint-disable-next-line unicorn/no-thenable -- that is what it is
    const thenable = { then: () => expect.unreachable() };
    const items = iterator<unknown>(fromIterable([promise, thenable]));
    expect((await items.next()).value).toBe(promise);
    expect((await items.next()).value).toBe(thenable);
  });

  test('is its own iterator, and reads on where a loop left it', async () => {
    const items = iterator(fromIterable([1, 2, 3])) as AsyncIterableIterator<number>;
    expect(items[Symbol.asyncIterator]()).toBe(items);
    await items.next();
    const rest: number[] = [];
    for await (const item of items) rest.push(item);
    expect(rest).toEqual([2, 3]);
  });

  test('R-20 may be asked from within the source, which has its turn after the item that is under way', async () => {
    const answers: Promise<unknown>[] = [];
    const items: AsyncIterator<number> = iterator(
      fromIterable(function* () {
        for (let n = 0; n < 5; n++) {
          answers.push(items.next());
          yield n;
        }
      }),
    );
    const first = items.next();
    await turn();
    expect(await Promise.all([first, ...answers])).toEqual([...[0, 1, 2, 3, 4].map(given), END]);
  });

  test('R-21 may be closed from within the source', async () => {
    const answers: Promise<unknown>[] = [];
    let closed = 0;
    const items: AsyncIterator<number> = iterator(
      fromIterable(function* () {
        try {
          yield 0;
          answers.push(items.return!('over'));
          yield 1;
        } finally {
          closed++;
        }
      }),
    );
    const asked = [items.next(), items.next()];
    await turn();
    expect(await Promise.all([...asked, ...answers])).toEqual([given(0), END, { done: true, value: 'over' }]);
    expect(closed).toBe(1);
  });

  test('R-22 gives a million items without growing the stack or the heap', { timeout: 60_000 }, async () => {
    let sum = 0;
    for await (const n of toIterable(fromIterable(naturals), { capacity: 64 })) {
      sum += n;
      if (n === 999_999) break;
    }
    expect(sum).toBe(499_999_500_000);
  });
});

describe('toIterable ends', () => {
  test.each(['break', 'throw', 'return'])(
    'R-42 at a "%s": unsubscribed at once, and released when the loop is over',
    async (how) => {
      const log: string[] = [];
      const error = new Error('body');
      const source = fromIterable(async function* () {
        try {
          yield* naturals();
        } finally {
          log.push('closing');
          await turn();
          log.push('closed');
        }
      });
      const loop = async (): Promise<unknown> => {
        for await (const n of toIterable(source)) {
          if (n < 2) continue;
          if (how === 'throw') throw error;
          if (how === 'return') return 'returned';
          break;
        }
        return 'over';
      };
      const expected = how === 'return' ? 'returned' : 'over';
      if (how === 'throw') await expect(loop()).rejects.toBe(error);
      else expect(await loop()).toBe(expected);
      expect(log).toEqual(['closing', 'closed']);
    },
  );

  test('R-42 with return(): at once, with its value, and with the end for every call that waits', async () => {
    const source = new Subject<number>();
    const items = iterator(source);
    const answers = [items.next(), items.next()];
    expect(source.observed).toBe(true);
    const returned = items.return!(Promise.resolve('value'));
    expect(source.observed).toBe(false);
    expect(await Promise.all(answers)).toEqual([END, END]);
    expect(await returned).toEqual({ done: true, value: 'value' });
    expect(await items.return!()).toEqual(END);
    expect(await items.next()).toEqual(END);
  });

  test('with throw(): the same, and it rejects', async () => {
    const source = new Subject<number>();
    const items = iterator(source);
    const answer = items.next();
    const error = new Error('thrown in');
    await expect(items.throw!(error)).rejects.toBe(error);
    expect(source.observed).toBe(false);
    expect(await answer).toEqual(END);
  });

  test('with return() before anything: it never subscribes', async () => {
    const source = new ProbeSource([1]);
    const items = iterator(source.items$);
    await items.return!();
    expect(await items.next()).toEqual(END);
    expect(source.subscriptions).toBe(0);
  });

  test('R-32 and reports what goes wrong while it releases', async () => {
    const error = new Error('in finally');
    const source = fromIterable(async function* () {
      try {
        yield 1;
      } finally {
        // oxlint-disable-next-line no-unsafe-finally -- what is tested
        throw error;
      }
    });
    for await (const _ of toIterable(source)) break;
    expect(late.splice(0)).toEqual([[error, 'fromIterable']]);
  });

  test('the wait for one iterable by another, all the way up', async () => {
    const log: string[] = [];
    const inner = fromIterable(async function* () {
      try {
        yield* naturals();
      } finally {
        await turn();
        log.push('inner');
      }
    });
    const report = run(
      fromIterable(toIterable(inner)).pipe(workerPool((n) => (n === 3 ? Promise.reject(new Error('stop')) : n))),
    );
    await expect(report.done).rejects.toMatchObject({ cause: new Error('stop') });
    expect(log).toEqual(['inner']);
  });

  test('R-04 with a source that is silent only when it is closed', async () => {
    const items = iterator(new Observable<number>(() => () => log.push('left')));
    const log: string[] = [];
    const answer = items.next();
    await turn();
    await items.return!();
    expect([await answer, log]).toEqual([END, ['left']]);
  });
});

describe('toIterable and a source that cannot be paused', () => {
  test('G7 keeps the surplus up to overflowLimit, warns once, and then fails', async () => {
    const warn = vi.spyOn(hooks, 'warn').mockImplementation(() => {});
    const kept = iterator(from([1, 2, 3, 4]), { name: 'ticks', overflowLimit: 3 });
    const items = [await kept.next(), await kept.next(), await kept.next(), await kept.next(), await kept.next()];
    expect(items).toEqual([given(1), given(2), given(3), given(4), END]);
    expect(warn.mock.calls.map(([, code]) => code)).toEqual(['SLUICE_OVERRUN']);
    const failing = iterator(from([1, 2, 3, 4, 5]), { name: 'ticks', overflowLimit: 3 });
    expect(await failing.next()).toEqual(given(1));
    await expect(failing.next()).rejects.toMatchObject({ code: 'ERR_OVERFLOW', stage: 'ticks', bound: 0 });
  });

  test('takes time from the source, not from the loop', async () => {
    const items = iterator(timer(1));
    expect(await items.next()).toEqual(given(0));
    expect(await items.next()).toEqual(END);
  });
});

describe('the stage behind it', () => {
  test('accounts for every item, however it ends', () => {
    for (const end of ['complete', 'fail', 'stop', 'refuse'] as const) {
      const flow = new TestFlow();
      const source = new ProbeSource([1, 2, 3, 4, 5, 6], end === 'complete');
      const taken: number[] = [];
      const ended: unknown[] = [];
      const puller = {
        wants: 0,
        take(item: number) {
          if (item === 4 && end === 'refuse') throw new Error('refused');
          puller.wants--;
          taken.push(item);
        },
        ended: () => ended.push('ended'),
        failed: (error: unknown) => ended.push(error),
      };
      const settings = { name: 'pulled', capacity: 2, overflowLimit: 10 };
      const stage = new PullStage(source.items$, settings, flow, puller);
      const ask = (count: number): void => {
        puller.wants += count;
        stage.pull();
        flow.check();
      };
      ask(1);
      expect([taken, source.produced]).toEqual([[1], 3]);
      ask(2);
      expect([taken, source.produced]).toEqual([[1, 2, 3], 5]);
      if (end === 'complete') ask(10);
      else if (end === 'fail') source.fail('source');
      else if (end === 'stop') stage.stop();
      else ask(1);
      flow.check();
      expect(flow.live.size).toBe(0);
      const { telemetry } = flow.node('pulled');
      const expected = {
        complete: [6, 6, 0, 0, ['ended']],
        fail: [5, 3, 0, 2, ['source']],
        stop: [5, 3, 0, 2, []],
        refuse: [5, 3, 1, 1, [new Error('refused')]],
      }[end];
      expect([telemetry.in, telemetry.completed, telemetry.failed, telemetry.abandoned, ended]).toEqual(expected);
      expect(source).toMatchObject({ isSubscribed: false, producedWhileClosed: 0 });
    }
  });
});

test('toIterable infers what it gives', () => {
  expectTypeOf(toIterable(of(1, 2))).toEqualTypeOf<AsyncIterable<number>>();
  expectTypeOf(toIterable(of({ id: 1 }), { capacity: 2 })).toEqualTypeOf<AsyncIterable<{ id: number }>>();
  // @ts-expect-error -- a promise is no flow
  expect(() => toIterable(Promise.resolve(1))).toThrow(TypeError);
  // @ts-expect-error -- it runs nothing
  expect(() => toIterable(of(1), { concurrency: 1 })).toThrow(TypeError);
});

describe('toIterable refuses at the call', () => {
  test.each([undefined, null, 5, 'text', [], {}, () => of(1), Promise.resolve(1), { subscribe: 1 }])(
    'the source %o',
    (source) => {
      expect(() => toIterable(source as never)).toThrow(
        expect.objectContaining({ name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE', option: 'source' }),
      );
    },
  );

  const bad = { capacity: badCounts(0, true), overflowLimit: badCounts(0, true), name: badNames };
  test.each(table(bad))('the option "$option" as $shown', ({ option, bad: [value, type, code] }) => {
    const error = thrownBy(() => toIterable(of(1), { [option]: value }));
    expect(error).toBeInstanceOf(type);
    expect(error).toMatchObject({ code, option });
  });

  test('a source that cannot even be looked at', () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(() => toIterable(proxy as never)).toThrow(expect.objectContaining({ name: 'TypeError', option: 'source' }));
  });

  test.each(badObjects)('the options %o', (options, type, code) => {
    const error = thrownBy(() => toIterable(of(1), options as never));
    expect(error).toBeInstanceOf(type);
    expect(error).toMatchObject({ code, option: 'options' });
  });

  test('an option that it does not know, and says which it may be', () => {
    expect(() => toIterable(of(1), { capacty: 1 } as never)).toThrow('Did you mean "capacity"?');
  });
});
