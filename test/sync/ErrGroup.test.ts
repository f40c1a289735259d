import { getEventListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, expectTypeOf, test, vi } from 'vitest';
import { hooks } from '../../src/core/hooks.ts';
import { ErrGroup, type ErrGroupContext, type ErrGroupOptions } from '../../src/sync/ErrGroup.ts';
import { Deferred } from '../../src/sync/waiting/Deferred.ts';
import { watchLateErrors } from '../core/watchLateErrors.ts';
import { badCounts, badFunctions, badNames, badObjects, badWords, thrownBy } from '../operators/badOptions.ts';
import { turns } from '../sources/events.ts';

const { late, unhandled } = watchLateErrors();

/** Functions that are settled by hand, and what has become of everything. */
function bench(options: ErrGroupOptions = {}) {
  const group = new ErrGroup(options);
  const log: string[] = [];
  const runs = new Map<string, Deferred<unknown>>();
  const contexts = new Map<string, ErrGroupContext>();
  const fn = (name: string) => (context: ErrGroupContext) => {
    log.push(`${name} starts`);
    const run = new Deferred<unknown>();
    runs.set(name, run);
    contexts.set(name, context);
    return run.promise;
  };
  return {
    group,
    log,
    contexts,
    go: (name: string): void => void group.go(fn(name)).then(() => log.push(`go(${name})`)),
    tryGo: (name: string): boolean => group.tryGo(fn(name)),
    wait: (name = 'wait'): void =>
      void group.wait().then(
        () => log.push(`${name} resolves`),
        (error: unknown) => log.push(`${name} rejects: ${String(error)}`),
      ),
    resolve: (name: string): void => runs.get(name)!.resolve(undefined),
    reject: (name: string, error: unknown = new Error(name)): void => runs.get(name)!.reject(error),
    /** What was logged since the last look. */
    async since(): Promise<string[]> {
      await turns(1);
      return log.splice(0);
    },
  };
}

describe('ErrGroup', () => {
  test('does what the diagram in its comment says', async () => {
    const { group, go, wait, resolve, reject, since, contexts } = bench({ limit: 2 });
    const at = async (): Promise<string[]> => since();
    go('a');
    go('b');
    wait();
    // Frame 0, and 1.
    expect(await at()).toEqual(['a starts', 'b starts', 'go(a)', 'go(b)']);
    go('c');
    expect(await at()).toEqual([]);
    // 5
    resolve('a');
    expect(await at()).toEqual(['c starts', 'go(c)']);
    // 7
    reject('b');
    expect(await at()).toEqual([]);
    expect([group.signal.aborted, contexts.get('c')!.signal.aborted]).toEqual([true, true]);
    // 9
    resolve('c');
    expect(await at()).toEqual(['wait rejects: Error: b']);
  });

  test('runs everything at once without a limit, and wait resolves when all have ended', async () => {
    const { go, wait, resolve, since } = bench();
    for (const name of ['a', 'b', 'c']) go(name);
    wait();
    expect(await since()).toEqual(['a starts', 'b starts', 'c starts', 'go(a)', 'go(b)', 'go(c)']);
    for (const name of ['c', 'a']) resolve(name);
    expect(await since()).toEqual([]);
    resolve('b');
    expect(await since()).toEqual(['wait resolves']);
  });

  test('an empty group has nothing to wait for', async () => {
    await expect(new ErrGroup().wait()).resolves.toBe(undefined);
  });

  test('never runs more than its limit, whatever the functions do', async () => {
    const group = new ErrGroup({ limit: 4 });
    let [running, peak, done] = [0, 0, 0];
    for (let i = 0; i < 100; i++) {
      await group.go(async () => {
        peak = Math.max(peak, ++running);
        // Some end at once, some later.
        if (i % 3 > 0) await turns(i % 3);
        running--;
        done++;
      });
    }
    await group.wait();
    expect([running, peak, done]).toEqual([0, 4, 100]);
  });

  test('R-22: 100,000 that wait for room do not grow the stack', async () => {
    const group = new ErrGroup({ limit: 1 });
    let done = 0;
    for (let i = 0; i < 100_000; i++) void group.go(() => done++);
    await group.wait();
    expect(done).toBe(100_000);
  });

  describe('go and tryGo', () => {
    test('go waits for room, in the order of the calls', async () => {
      const { go, resolve, since } = bench({ limit: 1 });
      for (const name of ['a', 'b', 'c']) go(name);
      expect(await since()).toEqual(['a starts', 'go(a)']);
      resolve('a');
      expect(await since()).toEqual(['b starts', 'go(b)']);
      resolve('b');
      expect(await since()).toEqual(['c starts', 'go(c)']);
      resolve('c');
    });

    test('tryGo answers at once: not while there is no room, and not while others wait for it', async () => {
      const { go, tryGo, resolve, wait, since } = bench({ limit: 1 });
      expect([tryGo('a'), tryGo('b')]).toEqual([true, false]);
      go('c');
      resolve('a');
      expect(tryGo('d')).toBe(false);
      expect(await since()).toEqual(['a starts', 'c starts', 'go(c)']);
      resolve('c');
      await turns(1);
      expect(tryGo('e')).toBe(true);
      resolve('e');
      wait();
      expect(await since()).toEqual(['e starts', 'wait resolves']);
    });

    test('a function that throws at once, or returns no promise, is no different', async () => {
      const group = new ErrGroup({ limit: 1 });
      await group.go(() => 5);
      await group.wait();
      const error = new Error('at once');
      await group.go(() => {
        throw error;
      });
      await expect(group.wait()).rejects.toBe(error);
    });

    test('R-20: a function may add others, to which wait waits too', async () => {
      const group = new ErrGroup({ limit: 2 });
      const log: number[] = [];
      const visit = (depth: number) => async (): Promise<void> => {
        log.push(depth);
        // Not awaited: with so little room that would be to wait for itself.
        if (depth < 4) for (let i = 0; i < 2; i++) void group.go(visit(depth + 1));
      };
      void group.go(visit(0));
      await group.wait();
      expect(log.length).toBe(1 + 2 + 4 + 8 + 16);
    });

    test('refuse what is no function at the call, and take no room for it', async () => {
      const group = new ErrGroup({ limit: 1 });
      for (const [value, type, code] of badFunctions) {
        for (const [fn, call] of [
          ['go', () => group.go(value as never)],
          ['tryGo', () => group.tryGo(value as never)],
        ] as const) {
          const error = thrownBy(call);
          expect(error).toBeInstanceOf(type);
          expect(error).toMatchObject({ code, option: 'fn', received: value });
          expect((error as Error).message.startsWith(`${fn}(): "fn" must be a function.`)).toBe(true);
        }
      }
      expect(group.tryGo(() => {})).toBe(true);
      await group.wait();
    });
  });

  describe('wait', () => {
    test('may be called twice, before and after the end, and says the same each time', async () => {
      const { group, go, wait, resolve, reject, since } = bench();
      go('a');
      wait('first');
      wait('second');
      resolve('a');
      expect((await since()).slice(2)).toEqual(['first resolves', 'second resolves']);
      wait('third');
      expect(await since()).toEqual(['third resolves']);
      // A group without errors can be used again.
      go('b');
      wait('fourth');
      reject('b');
      expect((await since()).slice(2)).toEqual(['fourth rejects: Error: b']);
      wait('fifth');
      expect(await since()).toEqual(['fifth rejects: Error: b']);
      expect(group.signal.aborted).toBe(true);
    });

    test('a group that ends well never aborts its signal', async () => {
      const { group, go, resolve } = bench();
      go('a');
      resolve('a');
      await group.wait();
      await turns(1);
      expect(group.signal.aborted).toBe(false);
    });
  });

  describe("errors: 'first'", () => {
    test('R-30: the first error is the reason of the signal, and what wait rejects with', async () => {
      const { group, go, reject, contexts } = bench();
      const error = Object.assign(new Error('down', { cause: 'the network' }), { code: 'EDOWN' });
      go('a');
      go('b');
      reject('a', error);
      await turns(1);
      const { signal } = contexts.get('b')!;
      expect([signal.aborted, signal.reason === error, signal === group.signal]).toEqual([true, true, true]);
      reject('b', signal.reason);
      await expect(group.wait()).rejects.toBe(error);
    });

    test('waits for those that it cancelled: no function runs when wait settles', async () => {
      const { go, wait, reject, since } = bench();
      go('a');
      go('b');
      wait();
      reject('a');
      expect(await since()).not.toContain('wait rejects: Error: a');
      reject('b', new DOMException('This operation was aborted', 'AbortError'));
      expect(await since()).toEqual(['wait rejects: Error: a']);
    });

    test('what waits for room never starts, and its go resolves at once', async () => {
      const { go, reject, since } = bench({ limit: 1 });
      for (const name of ['a', 'b', 'c']) go(name);
      await since();
      reject('a');
      expect(await since()).toEqual(['go(b)', 'go(c)']);
    });

    test('after a failure nothing starts: go resolves, tryGo says so', async () => {
      const { group, go, tryGo, reject, since } = bench();
      go('a');
      reject('a');
      await since();
      go('b');
      expect([tryGo('c'), await since()]).toEqual([false, ['go(b)']]);
      await expect(group.wait()).rejects.toThrow('a');
    });

    test('R-32: later errors go to hooks.lateError, but for those that say no more than that they were cancelled', async () => {
      const { group, go, reject, contexts } = bench({ name: 'crawl' });
      for (const name of ['a', 'b', 'c', 'd', 'e']) go(name);
      reject('a');
      await turns(1);
      reject('b', contexts.get('b')!.signal.reason);
      reject('c', Object.assign(new Error('aborted'), { name: 'AbortError' }));
      reject('d', new Error('disk full'));
      const { proxy, revoke } = Proxy.revocable({}, {});
      revoke();
      reject('e', proxy);
      await expect(group.wait()).rejects.toThrow('a');
      // What cannot be looked at is news in any case.
      const told = late.splice(0).map(([error, stage]) => [error === proxy ? 'the proxy' : String(error), stage]);
      expect(told).toEqual([
        ['Error: disk full', 'crawl'],
        ['the proxy', 'crawl'],
      ]);
    });

    test.each([undefined, null, 0, 'text', { a: 1 }])('R-33: %o is an error like any other', async (error) => {
      const group = new ErrGroup();
      void group.go(() => Promise.reject(error));
      await expect(group.wait()).rejects.toBe(error);
      await expect(group.wait()).rejects.toBe(error);
    });

    test('cancels what heeds the signal', async () => {
      const group = new ErrGroup();
      let isDone = false;
      void group.go(async ({ signal }) => {
        await sleep(60_000, undefined, { signal });
        isDone = true;
      });
      void group.go(async () => {
        throw new Error('first');
      });
      await expect(group.wait()).rejects.toThrow('first');
      expect(isDone).toBe(false);
    });

    test('R-21: go, tryGo and wait inside the abort of the signal find a cancelled group', async () => {
      const { group, go, tryGo, wait, reject, since } = bench();
      go('a');
      await since();
      group.signal.addEventListener('abort', () => {
        go('late');
        expect(tryGo('late')).toBe(false);
        wait();
      });
      reject('a');
      expect(await since()).toEqual(['go(late)', 'wait rejects: Error: a']);
    });

    test('an error that nobody waits for is no unhandled rejection', async () => {
      void new ErrGroup().go(() => Promise.reject(new Error('nobody waits')));
      await turns(3);
    });
  });

  describe("errors: 'all'", () => {
    test('cancels nothing, and rejects with every error in the order in which they came', async () => {
      const { group, go, resolve, reject, contexts } = bench({ errors: 'all', limit: 2, name: 'backup' });
      for (const name of ['a', 'b', 'c', 'd']) go(name);
      const errors = [new Error('b'), 'a'];
      reject('b', errors[0]);
      await turns(1);
      reject('a', errors[1]);
      await turns(1);
      expect(contexts.get('c')!.signal.aborted).toBe(false);
      resolve('c');
      resolve('d');
      const error: unknown = await group.wait().catch((it: unknown) => it);
      expect(error).toBeInstanceOf(AggregateError);
      expect(error).toMatchObject({ errors, message: '2 errors in "backup"' });
    });

    test('is an AggregateError also for one error, again on the next wait, with those that came since', async () => {
      const group = new ErrGroup({ errors: 'all' });
      void group.go(() => Promise.reject(new Error('a')));
      await expect(group.wait()).rejects.toMatchObject({ errors: [new Error('a')] });
      expect(group.tryGo(() => Promise.reject(new Error('b')))).toBe(true);
      await expect(group.wait()).rejects.toMatchObject({ errors: [new Error('a'), new Error('b')] });
    });

    test('waits also for those that wait for room behind one that fails at once', async () => {
      const { group, go, wait, resolve, reject, since } = bench({ errors: 'all', limit: 1 });
      go('a');
      void group.go(() => {
        throw new Error('at once');
      });
      go('b');
      wait();
      await since();
      resolve('a');
      expect(await since()).toEqual(['b starts', 'go(b)']);
      reject('b');
      expect(await since()).toEqual([expect.stringContaining('wait rejects: AggregateError')]);
      await expect(group.wait()).rejects.toMatchObject({ errors: [new Error('at once'), new Error('b')] });
    });

    test('resolves if there were none', async () => {
      const group = new ErrGroup({ errors: 'all' });
      void group.go(() => 1);
      await group.wait();
    });

    test('the signal cancels here too: its reason is one of the errors', async () => {
      const controller = new AbortController();
      const { group, go, reject, contexts } = bench({ errors: 'all', signal: controller.signal });
      for (const name of ['a', 'b', 'c']) go(name);
      reject('a');
      await turns(1);
      controller.abort(new Error('enough'));
      reject('b', contexts.get('b')!.signal.reason);
      reject('c');
      await expect(group.wait()).rejects.toMatchObject({
        errors: [new Error('a'), new Error('enough'), new Error('c')],
      });
    });
  });

  describe('the signal', () => {
    test('cancels the group: its reason is the error, and the reason of the signal that functions see', async () => {
      const controller = new AbortController();
      const reason = new Error('enough');
      const { go, wait, resolve, contexts, since } = bench({ limit: 1, signal: controller.signal });
      go('a');
      go('b');
      wait();
      await since();
      controller.abort(reason);
      expect(await since()).toEqual(['go(b)']);
      expect(contexts.get('a')!.signal.reason).toBe(reason);
      // It ends well all the same: that it was to be cancelled counts.
      resolve('a');
      expect(await since()).toEqual(['wait rejects: Error: enough']);
    });

    test('R-44: that has aborted lets nothing start', async () => {
      const group = new ErrGroup({ signal: AbortSignal.abort('before') });
      const fn = vi.fn();
      // Nothing was kept from running yet.
      await group.wait();
      expect(group.tryGo(fn)).toBe(false);
      await group.go(fn);
      expect(fn).not.toHaveBeenCalled();
      await expect(group.wait()).rejects.toBe('before');
      expect([group.signal.aborted, group.signal.reason]).toEqual([true, 'before']);
    });

    test('R-44: is listened to only while something runs', async () => {
      const controller = new AbortController();
      const listeners = (): number => getEventListeners(controller.signal, 'abort').length;
      const { group, go, resolve } = bench({ limit: 1, signal: controller.signal });
      expect(listeners()).toBe(0);
      for (let round = 0; round < 2; round++) {
        go('a');
        go('b');
        expect(listeners()).toBe(1);
        resolve('a');
        await turns(1);
        expect(listeners()).toBe(1);
        resolve('b');
        await group.wait();
        expect(listeners()).toBe(0);
      }
    });

    test('that aborts when all is done changes nothing, until something is to run', async () => {
      const controller = new AbortController();
      const { group, go, tryGo, resolve } = bench({ signal: controller.signal });
      go('a');
      resolve('a');
      await group.wait();
      controller.abort('after');
      await group.wait();
      expect(tryGo('b')).toBe(false);
      await expect(group.wait()).rejects.toBe('after');
    });

    test('of many groups has one listener', async () => {
      const controller = new AbortController();
      const groups = Array.from({ length: 20 }, () => new ErrGroup({ signal: controller.signal }));
      const runs = groups.map((group) => {
        const run = new Deferred<void>();
        void group.go(() => run.promise);
        return run;
      });
      expect(getEventListeners(controller.signal, 'abort').length).toBe(1);
      for (const run of runs) run.resolve();
      await Promise.all(groups.map((group) => group.wait()));
      expect(getEventListeners(controller.signal, 'abort').length).toBe(0);
    });
  });

  test('goes on counting when hooks.lateError itself throws', async () => {
    vi.mocked(hooks.lateError).mockImplementation(() => {
      throw new Error('hook');
    });
    const { group, go, reject } = bench();
    go('a');
    go('b');
    reject('a');
    await turns(1);
    reject('b');
    await expect(group.wait()).rejects.toThrow('a');
    await turns(2);
    expect(unhandled.splice(0)).toEqual([new Error('hook')]);
  });

  test('refuses wrong options at the call', () => {
    const rows = [
      ...badCounts(1, true).map((bad) => ['limit', bad] as const),
      ...badWords('First', 'any').map((bad) => ['errors', bad] as const),
      ...badNames.map((bad) => ['name', bad] as const),
      ...badFunctions.map((bad) => ['signal', [bad[0], TypeError, 'ERR_INVALID_ARG_TYPE']] as const),
    ];
    for (const [option, [value, type]] of rows) {
      const error = thrownBy(() => new ErrGroup({ [option]: value }));
      expect(error).toBeInstanceOf(type);
      expect(error).toMatchObject({ option, received: value });
    }
    for (const [value] of badObjects) {
      expect(thrownBy(() => new ErrGroup(value as never))).toMatchObject({ option: 'options' });
    }
    expect(() => new ErrGroup({ limits: 5 } as never)).toThrow('Did you mean "limit"?');
  });

  test('has these types', () => {
    const group = new ErrGroup();
    expectTypeOf(group.go(async ({ signal }) => signal)).toEqualTypeOf<Promise<void>>();
    expectTypeOf(group.tryGo(() => {})).toEqualTypeOf<boolean>();
    expectTypeOf(group.wait()).toEqualTypeOf<Promise<void>>();
    expectTypeOf(group.signal).toEqualTypeOf<AbortSignal>();
    expectTypeOf<ErrGroupOptions['errors']>().toEqualTypeOf<'first' | 'all' | undefined>();
    // @ts-expect-error a promise is no function: it would run before there is room
    expect(() => group.tryGo(Promise.resolve())).toThrow(TypeError);
  });
});
