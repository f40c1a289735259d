import { Observable, Subject, map, of, observable, share, throwError, type Observer } from 'rxjs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { execute, type StageOutput } from '../../src/core/execute.ts';
import { hooks } from '../../src/core/hooks.ts';
import { pool } from '../../src/core/operatePool.ts';
import { workerPool } from '../../src/operators/workerPool.ts';
import { fromIterable } from '../../src/sources/fromIterable.ts';
import { gateHere } from './gateHere.ts';
import { atRest } from './PoolRun.ts';
import { Probe } from './Probe.ts';

let lateErrors: unknown[] = [];
beforeEach(() => {
  lateErrors = [];
  vi.spyOn(hooks, 'lateError').mockImplementation((error) => void lateErrors.push(error));
});
afterEach(() => {
  expect(lateErrors).toEqual([]);
  vi.restoreAllMocks();
});

const orders = ['completion', 'input'] as const;

/** A stage that gives `output` for its one item. */
function stageOf<R>(output: () => StageOutput<R>, order: (typeof orders)[number] = 'completion'): Observable<R> {
  return fromIterable([0]).pipe(workerPool<number, R>(output, { order }));
}

/** What another library's Observable looks like. */
function interop<R>(subscribe: (observer: Observer<R>) => { unsubscribe(): void }): StageOutput<R> {
  // oxlint-disable-next-line typescript/no-deprecated -- What RxJS itself looks for.
  const foreign: object = { subscribe, [observable]: () => foreign };
  return foreign as unknown as StageOutput<R>;
}

async function* twice<R>(value: R): AsyncGenerator<R> {
  yield value;
  yield value;
}

const thenable = <R>(then: (done: (value: R) => void, failed: (error: unknown) => void) => void): StageOutput<R> =>
  // oxlint-disable-next-line unicorn/no-thenable -- It is to be taken for a promise.
  ({ then }) as PromiseLike<R>;

describe.each(orders)('what a function may give back, in %s order', (order) => {
  const array = [1, 2];
  const set = new Set([1]);
  test.each<[string, () => StageOutput<unknown>, unknown[]]>([
    ['a value', () => 5, [5]],
    ['undefined, which is a value', () => undefined, [undefined]],
    ['null', () => null, [null]],
    ['a function', () => isNaN, [isNaN]],
    ['an array, which is one value', () => array, [array]],
    ['a string, which is one value', () => 'text', ['text']],
    ['a set', () => set, [set]],
    ['an error, which is no failure', () => new RangeError('value'), [new RangeError('value')]],
    ['a promise', () => Promise.resolve(5), [5]],
    ['a promise of an array', () => Promise.resolve(array), [array]],
    ['a promise of a set', () => Promise.resolve(set), [set]],
    ['a thenable', () => thenable((done) => done(5)), [5]],
    [
      'a thenable that calls back twice',
      () =>
        thenable((done, failed) => {
          done(5);
          done(6);
          failed(new Error('too late'));
        }),
      [5],
    ],
    ['a thenable of a thenable', () => thenable((done) => done(thenable((inner) => inner(5)))), [5]],
    ['an Observable', () => of(1, 2, 3), [1, 2, 3]],
    ['an Observable without values', () => of(), []],
    ['an async generator', () => twice(5), [5, 5]],
    // oxlint-disable-next-line unicorn/no-thenable -- That is what is tested.
    ['an Observable that is also thenable', () => Object.assign(of(1), { then: () => expect.fail() }), [1]],
    [
      "another library's Observable",
      () =>
        interop((observer) => {
          observer.next(1);
          observer.next(2);
          observer.complete();
          return { unsubscribe: () => {} };
        }),
      [1, 2],
    ],
    ['an async iterable', () => ({ [Symbol.asyncIterator]: () => twice(1) }), [1, 1]],
  ])('%s', async (_, output, values) => {
    const probe = new Probe<unknown>().subscribe(stageOf(output, order));
    await atRest();
    expect([probe.values, probe.ended]).toEqual([values, 'completed']);
  });

  const bad = new Error('bad');
  test.each<[string, () => StageOutput<unknown>]>([
    [
      'a function that throws',
      () => {
        throw bad;
      },
    ],
    ['a promise that rejects', () => Promise.reject(bad)],
    ['a thenable that rejects', () => thenable((_, failed) => failed(bad))],
    [
      'a thenable that throws',
      () =>
        thenable(() => {
          throw bad;
        }),
    ],
    ['an Observable that fails', () => throwError(() => bad)],
    [
      'an Observable that throws when it is subscribed',
      () =>
        new Observable(() => {
          throw bad;
        }),
    ],
    [
      "another library's Observable that fails",
      () =>
        interop((observer) => {
          observer.error(bad);
          return { unsubscribe: () => {} };
        }),
    ],
    [
      'an async generator that throws',
      async function* () {
        yield* [];
        throw bad;
      },
    ],
    [
      'an async iterable that cannot be iterated',
      () => ({
        [Symbol.asyncIterator]: () => {
          throw bad;
        },
      }),
    ],
  ])('%s fails the item', async (_, output) => {
    const probe = new Probe<unknown>().subscribe(stageOf(output, order));
    await atRest();
    expect([probe.values, probe.ended, probe.error]).toEqual([[], 'failed', bad]);
  });
});

/** Numbers for ever, and how many were made. */
function endless() {
  const numbers = { made: 0, returned: 0 };
  const next = () => ({ done: false, value: numbers.made++ });
  const end = () => {
    numbers.returned++;
    return { done: true, value: undefined };
  };
  return {
    numbers,
    sync: { [Symbol.iterator]: () => ({ next, return: end }) } as Iterable<number>,
    async: {
      [Symbol.asyncIterator]: () => ({ next: async () => next(), return: async () => end() }),
    } as AsyncIterable<number>,
  };
}

describe.each(orders)('an inner, in %s order,', (order) => {
  test.each<[string, (source: ReturnType<typeof endless>) => StageOutput<number>]>([
    ['a source of this package', ({ sync }) => fromIterable(sync)],
    ['with operators', ({ sync }) => fromIterable(sync).pipe(map((n) => n))],
    ['that is multicast', ({ sync }) => fromIterable(sync).pipe(share())],
    ['behind a stage of its own', ({ sync }) => fromIterable(sync).pipe(workerPool((n) => n, { capacity: 0 }))],
    ['an async iterable', (source) => source.async],
    ['an async source', (source) => fromIterable(source.async)],
    [
      "wrapped in another library's Observable",
      ({ sync }) => interop((observer) => fromIterable(sync).subscribe(observer)),
    ],
  ])('%s, is held back, goes on, and is closed', async (_, output) => {
    const source = endless();
    const probe = new Probe<number>();
    probe.allow(3);
    probe.subscribe(stageOf(() => output(source), order));
    await atRest();
    // What is made and not delivered lies in the stage: one, or with a stage within two.
    expect(probe.values).toEqual([0, 1, 2]);
    expect(source.numbers.made).toBeLessThanOrEqual(5);
    probe.allow(2);
    await atRest();
    expect(probe.values).toEqual([0, 1, 2, 3, 4]);
    expect(source.numbers.made).toBeLessThanOrEqual(7);
    probe.unsubscribe();
    await atRest();
    expect(source.numbers.returned).toBe(1);
  });

  test('an async generator is closed on unsubscribe, also while it waits', async () => {
    const log: string[] = [];
    const ticks = new Subject<void>();
    const probe = new Probe<number>().subscribe(
      stageOf(async function* () {
        try {
          yield 1;
          await new Promise<void>((resolve) => ticks.subscribe(() => resolve()));
          yield 2;
        } finally {
          log.push('closed');
        }
      }, order),
    );
    await atRest();
    probe.unsubscribe();
    await atRest();
    // A generator cannot be stopped while it awaits: its `return()` waits for the next `yield`.
    expect([probe.values, log]).toEqual([[1], []]);
    ticks.next();
    await atRest();
    expect([probe.values, log]).toEqual([[1], ['closed']]);
  });

  test('is unsubscribed when the stage is', () => {
    const inner = new Subject<number>();
    let foreign = 0;
    const probe = new Probe<number>().subscribe(
      fromIterable([0, 1]).pipe(
        workerPool((n) => (n === 0 ? inner : interop<number>(() => ({ unsubscribe: () => foreign++ }))), {
          concurrency: 2,
          order,
        }),
      ),
    );
    expect(inner.observed).toBe(true);
    probe.unsubscribe();
    expect([inner.observed, foreign]).toEqual([false, 1]);
  });

  test('is not subscribed if the function itself ended the flow', async () => {
    let subscribed = 0;
    const cold = new Observable<number>(() => {
      subscribed++;
    });
    const iterable = {
      [Symbol.asyncIterator]: () => {
        subscribed++;
        return twice(1);
      },
    };
    for (const output of [cold, iterable, interop<number>((observer) => cold.subscribe(observer))]) {
      const probe = new Probe<number>();
      probe.subscribe(
        stageOf(() => {
          probe.unsubscribe();
          return output;
        }, order),
      );
      await atRest();
      expect(probe.isClosed).toBe(true);
    }
    expect(subscribed).toBe(0);
  });
});

test('what a stage subscribes for an item is the last to find the gate of that item', () => {
  const items = new Subject<number>();
  const probe = new Probe<number>().subscribe(items.pipe(workerPool((n: number) => of(n))));
  const outside = gateHere();
  items.next(1);
  expect(probe.values).toEqual([1]);
  expect(gateHere()).toBe(outside);
});

describe('with discard', () => {
  test.each<[string, () => StageOutput<unknown>]>([
    ['a value', () => 5],
    ['an array', () => [1, 2]],
    ['a promise', () => Promise.resolve(5)],
    ['a thenable', () => thenable((done) => done(5))],
    ['an Observable', () => of(1, 2)],
    ['an async iterable', () => twice(5)],
  ])('%s is waited for, and not sent on', async (_, output) => {
    const probe = new Probe<unknown>().subscribe(
      fromIterable([1, 2]).pipe(pool('fn', 'fn', { concurrency: 2 }, execute(output, true))),
    );
    await atRest();
    expect([probe.values, probe.ended]).toEqual([[], 'completed']);
  });

  test('a failure fails the flow all the same', async () => {
    const bad = new Error('bad');
    const probe = new Probe<unknown>().subscribe(
      fromIterable([1]).pipe(
        pool(
          'fn',
          'fn',
          {},
          execute(() => Promise.reject(bad), true),
        ),
      ),
    );
    await atRest();
    expect(probe.error).toBe(bad);
  });
});
