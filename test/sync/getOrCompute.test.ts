import { getEventListeners } from 'node:events';
import { timer } from 'rxjs';
import { afterEach, beforeEach, describe, expect, expectTypeOf, test, vi } from 'vitest';
import {
  getOrCompute,
  type Cache,
  type CacheGetOptions,
  type CacheStats,
  type GetOrComputeOptions,
} from '../../src/sync/getOrCompute.ts';
import { Deferred } from '../../src/sync/waiting/Deferred.ts';
import { marbles } from '../../src/testing/marbles.ts';
import { watchLateErrors } from '../core/watchLateErrors.ts';
import {
  badCounts,
  badDurations,
  badFunctions,
  badNames,
  badObjects,
  table,
  thrownBy,
} from '../operators/badOptions.ts';
import { turns } from '../sources/events.ts';

const { late, unhandled } = watchLateErrors();

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

const pass = (ms: number): void => void vi.advanceTimersByTime(ms);

/** A promise in virtual time, which those of the language know nothing of. */
const later = <T>(value: T): PromiseLike<T> => ({
  // oxlint-disable-next-line unicorn/no-thenable -- that is what it is to be
  then(resolve) {
    timer(2).subscribe(() => void resolve?.(value));
    return new Promise<never>(() => {});
  },
});

/** A value that has nothing but what it is known to have. */
const strict = (error: Error): object =>
  new Proxy(
    {},
    {
      get() {
        throw error;
      },
    },
  );

interface Call {
  key: string;
  signal: AbortSignal;
  run: Deferred<string>;
}

/** A cache whose computations are settled by hand. */
function bench(options: Partial<GetOrComputeOptions<string, string>> = {}) {
  const calls: Call[] = [];
  const cache = getOrCompute<string, string>({
    compute: (key, { signal }) => {
      const run = new Deferred<string>();
      calls.push({ key, signal, run });
      return run.promise;
    },
    ...options,
  });
  const log: string[] = [];
  const get = (name: string, key = 'k', signal?: AbortSignal): void => {
    cache.get(key, { signal }).then(
      (value) => log.push(`${name}: ${value}`),
      (error: unknown) => log.push(`${name} failed: ${String(error)}`),
    );
  };
  /** What was logged since the last look. */
  const since = async (): Promise<string[]> => {
    await turns(1);
    return log.splice(0);
  };
  /** Has a key computed. */
  const fill = async (key: string, value: string): Promise<void> => {
    get('fill', key);
    calls.at(-1)!.run.resolve(value);
    expect(await since()).toEqual([`fill: ${value}`]);
  };
  return { cache, calls, get, since, fill };
}

describe('getOrCompute', () => {
  test('does what the diagram in its comment says', async () => {
    const { calls, get, since } = bench({ ttl: 5, staleWhileRevalidate: 10 });
    const asks = '    a-b-----c-----d------e';
    const compute = ' [---]         [---]    ';
    const expected = '----v---v-----v------w';
    const [line, computed] = [asks.trim(), compute.trim()];
    let seen = '';
    for (let frame = 0; frame < line.length; frame++) {
      if (computed[frame] === ']') calls.at(-1)!.run.resolve(calls.length === 1 ? 'v' : 'w');
      const begun = calls.length;
      if (line[frame] !== '-') get(line[frame]!);
      expect(calls.length > begun).toBe(computed[frame] === '[');
      const values = (await since()).map((entry) => entry.at(-1));
      seen += values[0] ?? '-';
      pass(1);
    }
    expect(seen).toBe(expected);
  });

  test('R-01: computes nothing before it is asked, and one for each key however many ask', async () => {
    const { cache, calls, get, since } = bench();
    expect(calls).toEqual([]);
    for (const name of ['a', 'b', 'c']) get(name);
    get('other', 'l');
    expect(calls.map(({ key }) => key)).toEqual(['k', 'l']);
    calls[0]!.run.resolve('v');
    calls[1]!.run.resolve('w');
    expect(await since()).toEqual(['a: v', 'b: v', 'c: v', 'other: w']);
    get('later');
    expect(await since()).toEqual(['later: v']);
    expect(cache.stats()).toEqual({
      hits: 1,
      stale: 0,
      misses: 2,
      shared: 2,
      refreshes: 0,
      failures: 0,
      evicted: 0,
      size: 2,
      running: 0,
    } satisfies CacheStats);
  });

  test.each([undefined, null, 0, '', Number.NaN, false])(
    'R-06: %o is a value and a key like any other',
    async (odd) => {
      const compute = vi.fn((key: unknown) => key);
      const cache = getOrCompute({ compute });
      expect([await cache.get(odd), await cache.get(odd)]).toEqual([odd, odd]);
      expect(compute).toHaveBeenCalledTimes(1);
      expect([cache.delete(odd), cache.delete(odd), cache.stats().size]).toEqual([true, false, 0]);
    },
  );

  test('undefined and null are two keys', async () => {
    const cache = getOrCompute<unknown, string>({ compute: String });
    expect([await cache.get(undefined), await cache.get(null), cache.stats().size]).toEqual(['undefined', 'null', 2]);
  });

  test('key says which keys are one; compute is given the first that asked', async () => {
    const compute = vi.fn(({ id, at }: { id: number; at: string }) => `${id} ${at}`);
    const cache = getOrCompute({ compute, key: ({ id }) => id });
    expect(await cache.get({ id: 1, at: 'a' })).toBe('1 a');
    expect(await cache.get({ id: 1, at: 'b' })).toBe('1 a');
    expect(await cache.get({ id: 2, at: 'b' })).toBe('2 b');
    expect(cache.delete({ id: 1, at: 'c' })).toBe(true);
    expect(await cache.get({ id: 1, at: 'd' })).toBe('1 d');
    expect(compute).toHaveBeenCalledTimes(3);
  });

  test('what key throws, get rejects with', async () => {
    const error = new Error('key');
    const cache = getOrCompute({
      compute: () => 1,
      key: () => {
        throw error;
      },
    });
    await expect(cache.get(1)).rejects.toBe(error);
    expect(cache.stats().misses).toBe(0);
  });

  test('a computation that gives its value at once is over when get returns', async () => {
    const cache = getOrCompute({ compute: (n: number) => n * 2 });
    const promise = cache.get(4);
    expect(cache.stats()).toMatchObject({ size: 1, running: 0 });
    expect(await promise).toBe(8);
  });

  describe('time', () => {
    test('a value is fresh until ttl after it was computed', async () => {
      const { calls, get, since, fill } = bench({ ttl: 10 });
      await fill('k', 'v');
      pass(9.999);
      get('a');
      expect([await since(), calls.length]).toEqual([['a: v'], 1]);
      pass(0.001);
      get('b');
      expect([await since(), calls.length]).toEqual([[], 2]);
      calls[1]!.run.resolve('w');
      expect(await since()).toEqual(['b: w']);
    });

    test('without a ttl it stays for as long as there is room', async () => {
      const { calls, get, since, fill } = bench();
      await fill('k', 'v');
      pass(2 ** 31);
      get('a');
      expect([await since(), calls.length]).toEqual([['a: v'], 1]);
    });

    test('a ttl of 0 remembers nothing, and still shares what runs', async () => {
      const { cache, calls, get, since } = bench({ ttl: 0 });
      get('a');
      get('b');
      calls[0]!.run.resolve('v');
      expect([await since(), cache.stats().size]).toEqual([['a: v', 'b: v'], 0]);
      get('c');
      expect(calls.length).toBe(2);
    });

    test('is virtual under a TestScheduler, from frame 0 on', () => {
      marbles(() => {
        const began: number[] = [];
        let frame = 0;
        const compute = (key: string): PromiseLike<string> => {
          began.push(frame);
          return later(key);
        };
        const slow = getOrCompute({ compute, ttl: 5, staleWhileRevalidate: 5 });
        const quick = getOrCompute({ compute: () => began.push(-frame), ttl: 3 });
        for (const at of [0, 1, 4, 6, 7, 11, 20]) {
          timer(at).subscribe(() => {
            frame = at;
            void slow.get('k');
          });
        }
        for (const at of [30, 32, 33, 35, 36]) {
          timer(at).subscribe(() => {
            frame = at;
            void quick.get(1);
          });
        }
        // 0: computed until 2, fresh until 7. 7: stale, computed until 9, fresh until 14. 20: too old even for that.
        timer(50).subscribe(() => expect(began).toEqual([0, 7, 20, -30, -33, -36]));
      });
    });
  });

  describe('staleWhileRevalidate', () => {
    test('gives the old value at once and computes the new one once, in the background', async () => {
      const { cache, calls, get, since, fill } = bench({ ttl: 10, staleWhileRevalidate: 10 });
      await fill('k', 'v');
      pass(10);
      get('a');
      get('b');
      expect([await since(), calls.length]).toEqual([['a: v', 'b: v'], 2]);
      calls[1]!.run.resolve('w');
      await turns(1);
      get('c');
      expect([await since(), calls.length]).toEqual([['c: w'], 2]);
      expect(cache.stats()).toMatchObject({ hits: 1, stale: 2, misses: 1, shared: 0, refreshes: 1, running: 0 });
    });

    test('ends: after that a get waits, for the refresh if one runs', async () => {
      const { calls, get, since, fill } = bench({ ttl: 10, staleWhileRevalidate: 10 });
      await fill('k', 'v');
      pass(19.999);
      get('a');
      expect([await since(), calls.length]).toEqual([['a: v'], 2]);
      pass(0.001);
      get('b');
      expect([await since(), calls.length]).toEqual([[], 2]);
      calls[1]!.run.resolve('w');
      expect(await since()).toEqual(['b: w']);
      pass(20);
      get('c');
      expect([await since(), calls.length]).toEqual([[], 3]);
    });

    test('who joins a refresh and leaves does not cancel it', async () => {
      const { calls, get, since, fill } = bench({ ttl: 10, staleWhileRevalidate: 10 });
      await fill('k', 'v');
      pass(15);
      get('a');
      pass(10);
      const controller = new AbortController();
      get('b', 'k', controller.signal);
      controller.abort('reason');
      expect([await since(), calls[1]!.signal.aborted]).toEqual([['a: v', 'b failed: reason'], false]);
      calls[1]!.run.resolve('w');
      await turns(1);
      get('c');
      expect([await since(), calls.length]).toEqual([['c: w'], 2]);
    });

    test('a refresh that fails leaves the old value until its end, and is tried again by the next who asks', async () => {
      const { cache, calls, get, since, fill } = bench({ ttl: 10, staleWhileRevalidate: 10, name: 'users' });
      await fill('k', 'v');
      pass(12);
      get('a');
      calls[1]!.run.reject('down');
      expect(await since()).toEqual(['a: v']);
      expect(late.splice(0)).toEqual([['down', 'users']]);
      get('b');
      expect([await since(), calls.length, cache.stats()]).toMatchObject([['b: v'], 3, { failures: 1, refreshes: 2 }]);
      calls[2]!.run.reject('down');
      await turns(1);
      expect(late.splice(0).length).toBe(1);
      pass(8);
      get('c');
      calls[3]!.run.reject('still down');
      expect(await since()).toEqual(['c failed: still down']);
    });

    test('with negativeTtl a refresh that failed is not tried again for so long', async () => {
      const onRefreshError = vi.fn();
      const { calls, get, since, fill } = bench({ ttl: 10, staleWhileRevalidate: 90, negativeTtl: 20, onRefreshError });
      await fill('k', 'v');
      pass(10);
      get('a');
      calls[1]!.run.reject('down');
      await since();
      expect(onRefreshError.mock.calls).toEqual([['down', 'k']]);
      pass(19);
      get('b');
      expect([await since(), calls.length]).toEqual([['b: v'], 2]);
      pass(1);
      get('c');
      expect([await since(), calls.length]).toEqual([['c: v'], 3]);
    });

    test('an error that somebody waits for is theirs, and is not reported as well', async () => {
      const { calls, get, since, fill } = bench({ ttl: 10, staleWhileRevalidate: 10, negativeTtl: 5 });
      await fill('k', 'v');
      pass(15);
      get('a');
      pass(5);
      get('b');
      calls[1]!.run.reject('down');
      expect(await since()).toEqual(['a: v', 'b failed: down']);
      get('c');
      expect([await since(), calls.length]).toEqual([['c failed: down'], 2]);
    });

    test('what onRefreshError throws goes to hooks.lateError', async () => {
      const { calls, get, since, fill } = bench({
        ttl: 10,
        staleWhileRevalidate: 10,
        onRefreshError: () => {
          throw new Error('handler');
        },
      });
      await fill('k', 'v');
      pass(10);
      get('a');
      calls[1]!.run.reject('down');
      await since();
      expect(late.splice(0)).toEqual([[new Error('handler'), 'compute']]);
    });

    test('a refresh that gives its value at once: who asks still gets the old one', async () => {
      let n = 0;
      const cache = getOrCompute({ compute: () => n++, ttl: 10, staleWhileRevalidate: 10 });
      expect(await cache.get('k')).toBe(0);
      pass(10);
      expect([await cache.get('k'), await cache.get('k')]).toEqual([0, 1]);
    });

    test('a refresh whose value cannot be asked whether it is a promise is reported, and the old one given', async () => {
      const bad = new Error('no such property');
      const values: object[] = [{ a: 1 }, strict(bad), { a: 2 }];
      const cache = getOrCompute({ compute: () => values.shift(), ttl: 10, staleWhileRevalidate: 10, name: 'strict' });
      await cache.get('k');
      pass(10);
      expect(await cache.get('k')).toEqual({ a: 1 });
      expect(late.splice(0)).toEqual([[bad, 'strict']]);
      expect(await cache.get('k')).toEqual({ a: 1 });
      expect(await cache.get('k')).toEqual({ a: 2 });
    });

    test('a refresh that throws at once is reported', async () => {
      let n = 0;
      const compute = (): number => {
        if (n++ > 0) throw new Error('at once');
        return 0;
      };
      const cache = getOrCompute({ compute, ttl: 10, staleWhileRevalidate: 10 });
      await cache.get('k');
      pass(10);
      expect(await cache.get('k')).toBe(0);
      expect(late.splice(0)).toEqual([[new Error('at once'), 'compute']]);
    });
  });

  describe('failures', () => {
    test('all who wait get the very error, and the next who asks tries again', async () => {
      const { cache, calls, get, since } = bench();
      const error = new Error('down');
      const first = cache.get('k');
      get('b');
      calls[0]!.run.reject(error);
      await expect(first).rejects.toBe(error);
      expect(await since()).toEqual(['b failed: Error: down']);
      get('c');
      calls[1]!.run.resolve('v');
      expect([await since(), cache.stats()]).toMatchObject([['c: v'], { failures: 1, misses: 2 }]);
    });

    test('a value that cannot be asked whether it is a promise is one: who waits gets the error, the next tries again', async () => {
      const bad = new Error('no such property');
      const values: object[] = [strict(bad), { a: 1 }];
      const cache = getOrCompute({ compute: () => values.shift() });
      await expect(cache.get('k')).rejects.toBe(bad);
      expect(cache.stats()).toMatchObject({ failures: 1, running: 0 });
      expect(await cache.get('k')).toEqual({ a: 1 });
    });

    test('are remembered for negativeTtl', async () => {
      const { cache, calls, get, since } = bench({ negativeTtl: 10 });
      get('a');
      calls[0]!.run.reject('down');
      await since();
      pass(9);
      get('b');
      expect([await since(), calls.length, cache.stats().size]).toEqual([['b failed: down'], 1, 1]);
      pass(1);
      get('c');
      calls[1]!.run.resolve('v');
      expect([await since(), cache.stats()]).toMatchObject([['c: v'], { hits: 1, misses: 2, failures: 1 }]);
    });

    test.each([undefined, null, 'text', { a: 1 }])(
      'R-33: of %o reach who asks unchanged, thrown at once too',
      async (error) => {
        const cache = getOrCompute({
          compute: (): number => {
            throw error;
          },
          negativeTtl: 5,
        });
        await expect(cache.get(1)).rejects.toBe(error);
        await expect(cache.get(1)).rejects.toBe(error);
        expect(cache.stats()).toMatchObject({ misses: 1, hits: 1 });
      },
    );

    test('that nobody looks at are unhandled, as those of any promise', async () => {
      const { cache, calls } = bench();
      void cache.get('k');
      calls[0]!.run.reject('down');
      await turns(2);
      expect(unhandled.splice(0)).toEqual(['down']);
    });
  });

  describe('a signal', () => {
    test('R-44: that has aborted asks for nothing', async () => {
      const { cache, calls } = bench();
      await expect(cache.get('k', { signal: AbortSignal.abort('reason') })).rejects.toBe('reason');
      expect([calls.length, cache.stats().misses]).toEqual([0, 0]);
    });

    test('ends the wait of one; the last who leaves cancels the computation', async () => {
      const { cache, calls, get, since } = bench();
      const controllers = [new AbortController(), new AbortController()];
      get('a', 'k', controllers[0]!.signal);
      get('b', 'k', controllers[1]!.signal);
      controllers[0]!.abort('first');
      expect([await since(), calls[0]!.signal.aborted]).toEqual([['a failed: first'], false]);
      controllers[1]!.abort('second');
      expect([calls[0]!.signal.aborted, calls[0]!.signal.reason, cache.stats().running]).toEqual([true, 'second', 0]);
      calls[0]!.run.reject(calls[0]!.signal.reason);
      expect(await since()).toEqual(['b failed: second']);
      for (const { signal } of controllers) expect(getEventListeners(signal, 'abort')).toEqual([]);
    });

    test('one who gave none keeps the computation', async () => {
      const { calls, get, since } = bench();
      const controller = new AbortController();
      get('a');
      get('b', 'k', controller.signal);
      controller.abort('reason');
      expect(calls[0]!.signal.aborted).toBe(false);
      calls[0]!.run.resolve('v');
      expect(await since()).toEqual(['b failed: reason', 'a: v']);
    });

    test('R-43: what a cancelled computation gives is dropped, and the next who asks begins another at once', async () => {
      const { cache, calls, get, since } = bench();
      const controller = new AbortController();
      get('a', 'k', controller.signal);
      controller.abort('reason');
      get('b');
      expect(calls.length).toBe(2);
      calls[0]!.run.resolve('old');
      expect([await since(), cache.stats().size]).toEqual([['a failed: reason'], 0]);
      calls[1]!.run.resolve('new');
      expect(await since()).toEqual(['b: new']);
    });

    test('R-32: an error of a cancelled computation goes to hooks.lateError, unless it only says that', async () => {
      const { calls, get, since } = bench({ name: 'users' });
      for (const key of ['k', 'l', 'm']) {
        const controller = new AbortController();
        get(key, key, controller.signal);
        controller.abort('reason');
      }
      calls[0]!.run.reject('reason');
      calls[1]!.run.reject(new DOMException('aborted', 'AbortError'));
      calls[2]!.run.reject(new Error('disk full'));
      expect((await since()).length).toBe(3);
      expect(late.splice(0)).toEqual([[new Error('disk full'), 'users']]);
    });

    test('is listened to only during the wait, once for many', async () => {
      const { calls, get, since, fill } = bench();
      const { signal } = new AbortController();
      await fill('there', 'v');
      get('hit', 'there', signal);
      expect(getEventListeners(signal, 'abort').length).toBe(0);
      for (let i = 0; i < 20; i++) get(`${i}`, 'k', signal);
      expect(getEventListeners(signal, 'abort').length).toBe(1);
      calls.at(-1)!.run.resolve('w');
      expect((await since()).length).toBe(21);
      expect(getEventListeners(signal, 'abort').length).toBe(0);
    });

    test('that compute itself aborts', async () => {
      const controller = new AbortController();
      const signals: AbortSignal[] = [];
      const cache = getOrCompute({
        compute: (_key: string, context) => {
          controller.abort('within');
          signals.push(context.signal);
          return 1;
        },
      });
      await expect(cache.get('k', { signal: controller.signal })).rejects.toBe('within');
      expect([signals[0]!.aborted, signals[0]!.reason, cache.stats()]).toMatchObject([
        true,
        'within',
        { size: 0, running: 0 },
      ]);
    });
  });

  describe('delete and clear', () => {
    test('forget what is there, and say so', async () => {
      const { cache, calls, get, since, fill } = bench();
      await fill('k', 'v');
      await fill('l', 'w');
      expect([cache.delete('k'), cache.delete('k'), cache.stats().size]).toEqual([true, false, 1]);
      cache.clear();
      expect(cache.stats().size).toBe(0);
      get('a', 'l');
      expect([await since(), calls.length]).toEqual([[], 3]);
    });

    test.each(['delete', 'clear'] as const)(
      '%s during a computation: who waits gets it, and it is not remembered',
      async (how) => {
        const { cache, calls, get, since } = bench();
        get('a');
        if (how === 'clear') cache.clear();
        else expect(cache.delete('k')).toBe(true);
        // Whoever asks from now on must not get what was computed before.
        get('b');
        expect([calls.length, calls[0]!.signal.aborted, cache.stats().running]).toEqual([2, false, 2]);
        calls[1]!.run.resolve('new');
        calls[0]!.run.resolve('old');
        expect((await since()).toSorted()).toEqual(['a: old', 'b: new']);
        get('c');
        expect([await since(), cache.stats()]).toMatchObject([['c: new'], { size: 1, running: 0 }]);
      },
    );

    test('a computation that was deleted is still cancelled by the last who leaves', async () => {
      const { cache, calls, get, since } = bench();
      const controller = new AbortController();
      get('a', 'k', controller.signal);
      cache.delete('k');
      get('b');
      controller.abort('reason');
      expect([await since(), calls.map(({ signal }) => signal.aborted)]).toEqual([['a failed: reason'], [true, false]]);
      calls[1]!.run.resolve('v');
      expect([await since(), cache.stats().size]).toEqual([['b: v'], 1]);
    });

    test.each(['delete', 'clear'] as const)('%s cancels a refresh, for which nobody waits', async (how) => {
      const { cache, calls, get, since, fill } = bench({ ttl: 10, staleWhileRevalidate: 10 });
      await fill('k', 'v');
      pass(10);
      get('a');
      if (how === 'clear') cache.clear();
      else cache.delete('k');
      expect([calls[1]!.signal.aborted, (calls[1]!.signal.reason as Error).name]).toEqual([true, 'AbortError']);
      calls[1]!.run.resolve('w');
      expect([await since(), cache.stats()]).toMatchObject([['a: v'], { size: 0, running: 0 }]);
    });

    test('a failure that comes after a delete is not remembered either', async () => {
      const { cache, calls, get, since } = bench({ negativeTtl: 10 });
      get('a');
      cache.delete('k');
      calls[0]!.run.reject('down');
      expect([await since(), cache.stats().size]).toEqual([['a failed: down'], 0]);
    });

    test('R-21: from within compute', async () => {
      const cache: Cache<string, string> = getOrCompute({
        compute: (key: string) => {
          expect(cache.delete(key)).toBe(true);
          return key;
        },
      });
      expect(await cache.get('k')).toBe('k');
      expect(cache.stats()).toMatchObject({ size: 0, running: 0 });
    });
  });

  describe('its bound', () => {
    test('max: the key that was asked for least recently makes room', async () => {
      const { cache, calls, get, since, fill } = bench({ max: 2 });
      await fill('a', '1');
      await fill('b', '2');
      get('a again', 'a');
      await since();
      await fill('c', '3');
      expect(cache.stats()).toMatchObject({ size: 2, evicted: 1 });
      get('a', 'a');
      expect(await since()).toEqual(['a: 1']);
      get('b', 'b');
      expect([await since(), calls.length]).toEqual([[], 4]);
    });

    test('1,000 by default: of 200,000 distinct keys no more are left', async () => {
      const cache = getOrCompute({ compute: (n: number) => n });
      for (let n = 0; n < 200_000; n++) void cache.get(n);
      expect(cache.stats()).toMatchObject({ size: 1000, evicted: 199_000, running: 0 });
      await turns(1);
    });

    test('takes no memory for what is not there: a bound of millions of millions is no matter', async () => {
      const cache = getOrCompute({ compute: (n: number) => n, max: Number.MAX_SAFE_INTEGER });
      expect([await cache.get(1), cache.stats().size]).toEqual([1, 1]);
    });

    test('a refresh whose value makes room is cancelled: there are never more of them than max', async () => {
      const { cache, calls, get, since, fill } = bench({ max: 1, ttl: 10, staleWhileRevalidate: 10 });
      await fill('k', 'v');
      pass(10);
      get('a');
      expect(await since()).toEqual(['a: v']);
      await fill('l', 'w');
      expect(calls[1]!.signal.aborted).toBe(true);
      calls[1]!.run.resolve('late');
      expect([await since(), cache.stats()]).toMatchObject([[], { size: 1, evicted: 1, running: 0 }]);
    });

    test('R-21: an abort listener that leaves another computation as it is told its result', async () => {
      const controller = new AbortController();
      const { cache, calls, get, since, fill } = bench({ max: 1, ttl: 10, staleWhileRevalidate: 10 });
      await fill('k', 'v');
      pass(10);
      get('a');
      calls[1]!.signal.addEventListener('abort', () => controller.abort('left'));
      get('b', 'l', controller.signal);
      // To remember it evicts k, whose refresh is cancelled, and so b leaves.
      calls[2]!.run.resolve('w');
      expect((await since()).toSorted()).toEqual(['a: v', 'b failed: left']);
      expect(cache.stats()).toMatchObject({ size: 1, running: 0 });
    });
  });

  describe('wrong arguments', () => {
    const rows = table({
      compute: [...badFunctions, [undefined, TypeError, 'ERR_INVALID_ARG_TYPE']],
      key: badFunctions,
      ttl: badDurations,
      max: badCounts(1, false),
      staleWhileRevalidate: badDurations,
      negativeTtl: badDurations,
      onRefreshError: badFunctions,
      name: badNames,
    });

    test.each(rows)('$option of $shown is refused at the call', ({ option, bad: [value, type, code] }) => {
      const error = thrownBy(() => getOrCompute({ compute: () => 1, ttl: 1, [option]: value }));
      expect(error).toBeInstanceOf(type);
      expect(error).toMatchObject({ code, option, received: value });
    });

    test('staleWhileRevalidate needs a ttl', () => {
      expect(() => getOrCompute({ compute: () => 1, staleWhileRevalidate: 5 })).toThrow(
        'getOrCompute(): "ttl" must be given, since staleWhileRevalidate counts from its end. Received undefined (undefined)',
      );
    });

    test('what is no options', async () => {
      const { cache } = bench();
      for (const [value] of badObjects) {
        expect(thrownBy(() => getOrCompute(value as never))).toMatchObject({ option: 'options' });
        await expect(cache.get('k', value as CacheGetOptions)).rejects.toMatchObject({ option: 'options' });
      }
      await expect(cache.get('k', { signal: 5 as never })).rejects.toMatchObject({ option: 'signal' });
      expect(() => getOrCompute({ compute: () => 1, tll: 5 } as never)).toThrow('Did you mean "ttl"?');
    });
  });

  test('infers its types', async () => {
    const cache = getOrCompute({ compute: async (id: number) => ({ id }), key: (id) => `${id}` });
    expectTypeOf(cache).toEqualTypeOf<Cache<number, { id: number }>>();
    expectTypeOf(cache.get(1)).toEqualTypeOf<Promise<{ id: number }>>();
    expectTypeOf(cache.stats()).toEqualTypeOf<CacheStats>();
    expectTypeOf<Parameters<typeof cache.delete>>().toEqualTypeOf<[key: number]>();
    getOrCompute({
      compute: (key: string, { signal }) => {
        expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
        return key;
      },
      onRefreshError: (error, key) => {
        expectTypeOf(error).toEqualTypeOf<unknown>();
        expectTypeOf(key).toEqualTypeOf<string>();
      },
    });
    // @ts-expect-error keys are numbers
    await cache.get('1');
  });
});
