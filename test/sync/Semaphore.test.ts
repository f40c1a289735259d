import { getEventListeners } from 'node:events';
import { asyncScheduler, timer } from 'rxjs';
import { describe, expect, expectTypeOf, test, vi } from 'vitest';
import { Semaphore, type AcquireOptions } from '../../src/sync/Semaphore.ts';
import { marbles } from '../../src/testing/marbles.ts';
import { badCounts, badObjects, thrownBy } from '../operators/badOptions.ts';
import { turns } from '../sources/events.ts';

/** What becomes of promises, by name, in the order in which it does. */
function recorder() {
  const log: string[] = [];
  const watch = (name: string, promise: Promise<void>): void => {
    promise.then(
      () => log.push(name),
      (error: unknown) => log.push(`${name}: ${String(error)}`),
    );
  };
  return { log, watch };
}

const state = (semaphore: Semaphore): number[] => [semaphore.size, semaphore.available, semaphore.waiting];

describe('Semaphore', () => {
  test('does what the diagram in its comment says', () => {
    marbles(() => {
      const semaphore = new Semaphore(2);
      const log: string[] = [];
      const hold = (name: string, at: number, frames: number): void => {
        timer(at).subscribe(() => {
          log.push(`${asyncScheduler.now()}: ${name} asks`);
          semaphore.wait(1, () => {
            log.push(`${asyncScheduler.now()}: ${name} has a permit`);
            timer(frames).subscribe(() => semaphore.release());
          });
        });
      };
      hold('first', 0, 11);
      hold('second', 0, 5);
      hold('third', 1, 9);
      timer(20).subscribe(() => {
        expect(log).toEqual([
          '0: first asks',
          '0: first has a permit',
          '0: second asks',
          '0: second has a permit',
          '1: third asks',
          '5: third has a permit',
        ]);
        expect(state(semaphore)).toEqual([2, 2, 0]);
      });
    });
  });

  test('gives out as many permits as there are, and then makes others wait', async () => {
    const semaphore = new Semaphore(2);
    const { log, watch } = recorder();
    for (const name of ['a', 'b', 'c', 'd']) watch(name, semaphore.acquire());
    await turns(1);
    expect([log, state(semaphore)]).toEqual([
      ['a', 'b'],
      [2, 0, 2],
    ]);
    semaphore.release();
    // The permit goes to the next before release returns.
    expect(state(semaphore)).toEqual([2, 0, 1]);
    semaphore.release(2);
    await turns(1);
    expect([log, state(semaphore)]).toEqual([
      ['a', 'b', 'c', 'd'],
      [2, 1, 0],
    ]);
  });

  test('serves in the order of asking: a light request does not overtake a heavy one', async () => {
    const semaphore = new Semaphore(3);
    const { log, watch } = recorder();
    watch('a', semaphore.acquire(2));
    watch('heavy', semaphore.acquire(3));
    watch('light', semaphore.acquire(1));
    expect(semaphore.tryAcquire()).toBe(false);
    await turns(1);
    expect([log, semaphore.available, semaphore.waiting]).toEqual([['a'], 1, 2]);
    semaphore.release(2);
    await turns(1);
    expect([log, semaphore.available]).toEqual([['a', 'heavy'], 0]);
    semaphore.release(3);
    await turns(1);
    expect([log, semaphore.available]).toEqual([['a', 'heavy', 'light'], 2]);
  });

  test('serves several at once if there is room for them', () => {
    const semaphore = new Semaphore(4);
    const granted: number[] = [];
    semaphore.tryAcquire(4);
    for (const weight of [1, 2, 2]) semaphore.wait(weight, () => granted.push(weight));
    semaphore.release(4);
    expect([granted, state(semaphore)]).toEqual([
      [1, 2],
      [4, 1, 1],
    ]);
  });

  describe('tryAcquire', () => {
    test('takes what is free and nothing otherwise', () => {
      const semaphore = new Semaphore(3);
      expect([
        semaphore.tryAcquire(2),
        semaphore.tryAcquire(2),
        semaphore.tryAcquire(),
        semaphore.tryAcquire(),
      ]).toEqual([true, false, true, false]);
      expect([semaphore.tryAcquire(4), state(semaphore)]).toEqual([false, [3, 0, 0]]);
    });
  });

  describe('release', () => {
    test('of more than is held throws, says how much is held, and changes nothing', () => {
      const semaphore = new Semaphore(3);
      expect(thrownBy(() => semaphore.release())).toMatchObject({ code: 'ERR_OUT_OF_RANGE', received: 1 });
      semaphore.tryAcquire(2);
      expect(() => semaphore.release(3)).toThrow(
        'release(): "weight" must be no more than is held, which is 2: release once for each acquire, with the same weight. Received 3 (number)',
      );
      expect(state(semaphore)).toEqual([3, 1, 0]);
    });

    test('R-21: from within a grant goes on where the line is, without a loop inside the loop', () => {
      const semaphore = new Semaphore(1);
      const log: string[] = [];
      semaphore.tryAcquire();
      for (const name of ['a', 'b', 'c']) {
        semaphore.wait(1, () => {
          log.push(`+${name}`);
          semaphore.release();
          log.push(`-${name}`);
        });
      }
      semaphore.release();
      expect([log, state(semaphore)]).toEqual([
        ['+a', '-a', '+b', '-b', '+c', '-c'],
        [1, 1, 0],
      ]);
    });

    test('R-22: 100,000 in line that give back at once do not grow the stack', () => {
      const semaphore = new Semaphore(1);
      let granted = 0;
      semaphore.tryAcquire();
      for (let i = 0; i < 100_000; i++) {
        semaphore.wait(1, () => {
          granted++;
          semaphore.release();
        });
      }
      semaphore.release();
      expect([granted, state(semaphore)]).toEqual([100_000, [1, 1, 0]]);
    });

    test('R-20: who asks from within a grant stands behind those who wait, and takes what is left if none does', () => {
      const semaphore = new Semaphore(2);
      const log: string[] = [];
      semaphore.tryAcquire(2);
      semaphore.wait(1, () => {
        log.push('a');
        expect(semaphore.tryAcquire()).toBe(false);
        semaphore.wait(1, () => log.push('late'));
      });
      semaphore.wait(1, () => {
        log.push('b');
        expect(semaphore.tryAcquire()).toBe(false);
      });
      semaphore.release(2);
      expect([log, semaphore.waiting]).toEqual([['a', 'b'], 1]);
      semaphore.release();
      expect([log, state(semaphore)]).toEqual([
        ['a', 'b', 'late'],
        [2, 0, 0],
      ]);
    });

    test('serves the others also if one that is granted throws', () => {
      const semaphore = new Semaphore(2);
      const granted = vi.fn();
      semaphore.tryAcquire(2);
      semaphore.wait(1, () => {
        throw new Error('granted');
      });
      semaphore.wait(1, granted);
      expect(() => semaphore.release(2)).toThrow('granted');
      expect([granted.mock.calls.length, state(semaphore)]).toEqual([1, [2, 0, 0]]);
    });
  });

  describe('a signal', () => {
    test('R-44: that has aborted takes nothing, also where there is room', async () => {
      const semaphore = new Semaphore(1);
      const signal = AbortSignal.abort('reason');
      await expect(semaphore.acquire(1, { signal })).rejects.toBe('reason');
      await expect(semaphore.acquire({ signal })).rejects.toBe('reason');
      expect(state(semaphore)).toEqual([1, 1, 0]);
    });

    test('that aborts during the wait leaves the count untouched, and its listener behind nowhere', async () => {
      const semaphore = new Semaphore(2);
      const controller = new AbortController();
      const { log, watch } = recorder();
      semaphore.tryAcquire(1);
      watch('a', semaphore.acquire(2, { signal: controller.signal }));
      expect([getEventListeners(controller.signal, 'abort').length, state(semaphore)]).toEqual([1, [2, 1, 1]]);
      controller.abort('reason');
      await turns(1);
      expect([log, state(semaphore)]).toEqual([['a: reason'], [2, 1, 0]]);
      expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
    });

    test('of the first in line lets those behind it go on, if there is room for them', async () => {
      const semaphore = new Semaphore(3);
      const controller = new AbortController();
      const { log, watch } = recorder();
      semaphore.tryAcquire(1);
      watch('heavy', semaphore.acquire(3, { signal: controller.signal }));
      for (const name of ['a', 'b', 'c']) watch(name, semaphore.acquire());
      await turns(1);
      expect(log).toEqual([]);
      controller.abort('reason');
      await turns(1);
      expect(log.toSorted()).toEqual(['a', 'b', 'heavy: reason']);
      expect(state(semaphore)).toEqual([3, 0, 1]);
    });

    test('of one in the middle changes nothing for the others', async () => {
      const semaphore = new Semaphore(1);
      const controller = new AbortController();
      const { log, watch } = recorder();
      semaphore.tryAcquire();
      watch('a', semaphore.acquire());
      watch('b', semaphore.acquire({ signal: controller.signal }));
      watch('c', semaphore.acquire());
      controller.abort('reason');
      semaphore.release();
      await turns(1);
      semaphore.release();
      await turns(1);
      expect(log).toEqual(['b: reason', 'a', 'c']);
    });

    test('that aborts after the grant does nothing', async () => {
      const semaphore = new Semaphore(1);
      const controller = new AbortController();
      semaphore.tryAcquire();
      const promise = semaphore.acquire({ signal: controller.signal });
      semaphore.release();
      expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
      controller.abort();
      await promise;
      expect(state(semaphore)).toEqual([1, 0, 0]);
    });

    test('shared by many ends them all, and grants none of them what the others leave', async () => {
      const semaphore = new Semaphore(3);
      const controller = new AbortController();
      const { signal } = controller;
      const { log, watch } = recorder();
      semaphore.tryAcquire(2);
      watch('heavy', semaphore.acquire(3, { signal }));
      for (let i = 0; i < 20; i++) watch(`${i}`, semaphore.acquire({ signal }));
      watch('other', semaphore.acquire());
      // No warning about a leak: Node.js gives it for more than ten listeners.
      expect(getEventListeners(signal, 'abort').length).toBe(1);
      controller.abort('reason');
      await turns(1);
      expect(log.filter((line) => line.endsWith(': reason')).length).toBe(21);
      expect(log.filter((line) => !line.endsWith(': reason'))).toEqual(['other']);
      expect(state(semaphore)).toEqual([3, 0, 0]);
    });

    test('R-21: whose listener gives permits back grants them to nobody who waits with that signal', async () => {
      const semaphore = new Semaphore(1);
      const controller = new AbortController();
      const { log, watch } = recorder();
      semaphore.tryAcquire();
      controller.signal.addEventListener('abort', () => semaphore.release());
      watch('a', semaphore.acquire({ signal: controller.signal }));
      watch('b', semaphore.acquire());
      controller.abort('reason');
      await turns(1);
      expect([log.toSorted(), state(semaphore)]).toEqual([
        ['a: reason', 'b'],
        [1, 0, 0],
      ]);
    });
  });

  describe('more permits than there are', () => {
    test('are waited for until the signal aborts, and nobody waits behind that', async () => {
      const semaphore = new Semaphore(2);
      const controller = new AbortController();
      const { log, watch } = recorder();
      watch('too many', semaphore.acquire(3, { signal: controller.signal }));
      watch('a', semaphore.acquire(2));
      await turns(1);
      expect([log, state(semaphore)]).toEqual([['a'], [2, 0, 0]]);
      semaphore.release(2);
      expect(semaphore.tryAcquire(2)).toBe(true);
      controller.abort('reason');
      await turns(1);
      expect([log, state(semaphore)]).toEqual([
        ['a', 'too many: reason'],
        [2, 0, 0],
      ]);
      expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
    });
  });

  describe('wait', () => {
    test('G4: calls back before it returns if there is room, and in the call of release otherwise', () => {
      const semaphore = new Semaphore(1);
      const log: string[] = [];
      semaphore.wait(1, () => log.push('a'));
      expect(log).toEqual(['a']);
      semaphore.wait(1, () => log.push('b'));
      expect(log).toEqual(['a']);
      semaphore.release();
      expect(log).toEqual(['a', 'b']);
    });

    test('gives what ends the wait: once, and nothing after the grant', () => {
      const semaphore = new Semaphore(1);
      const granted = vi.fn();
      const now = semaphore.wait(1, () => {});
      now();
      const cancel = semaphore.wait(1, granted);
      cancel();
      cancel();
      semaphore.release();
      const late = semaphore.wait(1, granted);
      late();
      expect([granted.mock.calls.length, state(semaphore)]).toEqual([1, [1, 0, 0]]);
    });

    test('R-41: takes constant time to leave: 100,000 leave from behind, and from in front', () => {
      const semaphore = new Semaphore(1);
      semaphore.tryAcquire();
      const waits = Array.from({ length: 100_000 }, () => semaphore.wait(1, () => {}));
      for (const cancel of waits.slice(50_000).toReversed()) cancel();
      for (const cancel of waits.slice(0, 50_000)) cancel();
      expect(state(semaphore)).toEqual([1, 0, 0]);
    });
  });

  test('refuses at the call a size or a weight that is no count', async () => {
    const semaphore = new Semaphore(2);
    for (const [value, type, code] of badCounts(1, false)) {
      const wrong = { code, received: value };
      const errors = [
        [thrownBy(() => new Semaphore(value as number)), 'Semaphore', 'size'],
        [thrownBy(() => semaphore.tryAcquire(value as number)), 'tryAcquire', 'weight'],
        [thrownBy(() => semaphore.release(value as number)), 'release', 'weight'],
      ] as const;
      for (const [error, fn, option] of errors) {
        expect(error).toBeInstanceOf(type);
        expect(error).toMatchObject({ ...wrong, option });
        expect((error as Error).message).toMatch(
          new RegExp(`^${fn}\\(\\): "${option}" must be an integer of 1 or more`),
        );
      }
      // A promise is what says so here. An object stands for options.
      const option = typeof value === 'object' && value !== null ? 'options' : 'weight';
      if (option === 'weight')
        await expect(semaphore.acquire(value as number)).rejects.toMatchObject({ ...wrong, option });
    }
    expect(state(semaphore)).toEqual([2, 2, 0]);
  });

  test('refuses options that are wrong with a rejection, and takes nothing', async () => {
    const semaphore = new Semaphore(2);
    for (const [value, type, code] of badObjects) {
      const promise = semaphore.acquire(1, value as AcquireOptions);
      await expect(promise).rejects.toBeInstanceOf(type);
      await expect(promise).rejects.toMatchObject({ code, option: 'options' });
    }
    await expect(semaphore.acquire({ signal: 5 as never })).rejects.toMatchObject({ option: 'signal', received: 5 });
    await expect(semaphore.acquire({ singal: 5 } as never)).rejects.toThrow('Did you mean "signal"?');
    await expect(semaphore.acquire({} as never, {})).rejects.toMatchObject({ option: 'weight' });
    expect(state(semaphore)).toEqual([2, 2, 0]);
  });

  test('has these types', () => {
    const semaphore = new Semaphore(1);
    expectTypeOf(semaphore.acquire()).toEqualTypeOf<Promise<void>>();
    expectTypeOf(semaphore.tryAcquire(1)).toEqualTypeOf<boolean>();
    expectTypeOf(semaphore.release).returns.toEqualTypeOf<void>();
    expectTypeOf<Pick<Semaphore, 'available' | 'waiting' | 'size'>>().toEqualTypeOf<{
      readonly available: number;
      readonly waiting: number;
      readonly size: number;
    }>();
    // @ts-expect-error it is what others see of it
    expect(() => (semaphore.available = 2)).toThrow(TypeError);
  });
});
