import { afterEach, beforeEach, describe, expect, expectTypeOf, test, vi } from 'vitest';
import { once } from '../../src/sync/once.ts';
import { Deferred } from '../../src/sync/waiting/Deferred.ts';
import { badFunctions, badObjects, thrownBy } from '../operators/badOptions.ts';
import { turns } from '../sources/events.ts';

const unhandled: unknown[] = [];
const onUnhandled = (error: unknown): void => void unhandled.push(error);

beforeEach(() => void process.on('unhandledRejection', onUnhandled));
afterEach(async () => {
  await turns(2);
  process.off('unhandledRejection', onUnhandled);
  expect(unhandled.splice(0)).toEqual([]);
});

describe('once', () => {
  test('does what the diagram in its comment says', async () => {
    const log: string[] = [];
    const work = new Deferred<string>();
    const get = once(() => {
      log.push('factory');
      return work.promise;
    });
    const call = (name: string): void => void get().then((value) => log.push(`${name}: ${value}`));
    call('a');
    await turns(2);
    call('b');
    await turns(3);
    expect(log).toEqual(['factory']);
    work.resolve('v');
    await turns(2);
    call('c');
    await turns(1);
    expect(log).toEqual(['factory', 'a: v', 'b: v', 'c: v']);
  });

  test('R-01: runs nothing before the first call, and the factory within it', () => {
    const factory = vi.fn(() => 1);
    const get = once(factory);
    expect(factory).not.toHaveBeenCalled();
    void get();
    expect(factory).toHaveBeenCalledTimes(1);
  });

  test('gives everyone the same promise: during the run, and after it', async () => {
    const work = new Deferred<number>();
    const factory = vi.fn(() => work.promise);
    const get = once(factory);
    const promises = Array.from({ length: 100 }, () => get());
    expect(new Set(promises).size).toBe(1);
    work.resolve(5);
    expect(await Promise.all(promises)).toEqual(Array(100).fill(5));
    expect(get()).toBe(promises[0]);
    expect(factory).toHaveBeenCalledTimes(1);
  });

  test.each([undefined, null, 0, '', false])('R-06: remembers %o like any value', async (value) => {
    const factory = vi.fn(() => value);
    const get = once(factory);
    expect([await get(), await get()]).toEqual([value, value]);
    expect(factory).toHaveBeenCalledTimes(1);
  });

  test('a failed run is not remembered: all who wait get its error, and who calls then starts another', async () => {
    const runs: Deferred<number>[] = [];
    const get = once(() => {
      const run = new Deferred<number>();
      runs.push(run);
      return run.promise;
    });
    const error = new Error('down');
    const first = get();
    // It is forgotten before those who wait hear of it.
    const again = first.catch((failure: unknown) => [failure === error, get()] as const);
    const second = get();
    expect(second).toBe(first);
    runs[0]!.reject(error);
    await expect(second).rejects.toBe(error);
    const [isSame, next] = (await again) as readonly [boolean, Promise<number>];
    expect([isSame, runs.length, next === first]).toEqual([true, 2, false]);
    runs[1]!.resolve(7);
    expect([await next, await get()]).toEqual([7, 7]);
  });

  test('rememberFailure: everyone gets the error of the one run', async () => {
    const error = new Error('down');
    const factory = vi.fn(() => Promise.reject(error));
    const get = once(factory, { rememberFailure: true });
    await expect(get()).rejects.toBe(error);
    await expect(get()).rejects.toBe(error);
    expect(factory).toHaveBeenCalledTimes(1);
  });

  test.each([undefined, null, 'text', { code: 5 }])(
    'R-33: a factory that throws %o rejects with that',
    async (error) => {
      let calls = 0;
      const get = once(() => {
        calls++;
        throw error;
      });
      await expect(get()).rejects.toBe(error);
      await expect(get()).rejects.toBe(error);
      expect(calls).toBe(2);
    },
  );

  test('a failure that nobody looks at is unhandled, as that of any promise', async () => {
    void once(() => Promise.reject(new Error('nobody looks')))();
    await turns(2);
    expect(unhandled.splice(0)).toEqual([new Error('nobody looks')]);
  });

  test('R-20: a call from within the factory joins the run that it belongs to', async () => {
    let inner: Promise<number> | undefined;
    const get: () => Promise<number> = once(() => {
      inner = get();
      return 3;
    });
    const outer = get();
    expect(inner).toBe(outer);
    expect(await outer).toBe(3);
  });

  test('takes what a hand-written promise says first', async () => {
    const get = once<number>(() => ({
      // oxlint-disable-next-line unicorn/no-thenable -- that is what it is to be
      then(resolve, reject) {
        void resolve?.(1);
        void resolve?.(2);
        void reject?.('late');
        throw new Error('from then');
      },
    }));
    expect(await get()).toBe(1);
  });

  test('refuses at the call what is no function, and wrong options', () => {
    for (const [value, type, code] of badFunctions) {
      const error = thrownBy(() => once(value as never));
      expect(error).toBeInstanceOf(type);
      expect(error).toMatchObject({ code, option: 'factory', received: value });
    }
    for (const [value] of badObjects) {
      expect(thrownBy(() => once(() => 1, value as never))).toMatchObject({ option: 'options' });
    }
    expect(() => once(() => 1, { rememberFailure: 1 as never })).toThrow(
      'once(): "rememberFailure" must be true or false. Received 1 (number)',
    );
    expect(() => once(() => 1, { remember: true } as never)).toThrow('made of rememberFailure');
  });

  test('infers its type', () => {
    expectTypeOf(once(() => 1)).toEqualTypeOf<() => Promise<number>>();
    expectTypeOf(once(async () => 'text')).toEqualTypeOf<() => Promise<string>>();
    // @ts-expect-error it takes no arguments, since only the first call would be heard
    once((n: number) => n);
  });
});
