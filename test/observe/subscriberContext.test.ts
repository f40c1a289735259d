import { AsyncLocalStorage } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { subscriberContext } from '../../src/observe/subscriberContext.ts';

describe('subscriberContext', () => {
  const user = new AsyncLocalStorage<string>();
  const request = new AsyncLocalStorage<number>();

  test('calls a function with its argument so that it sees every store of whoever captured it', () => {
    const within = user.run('ann', () => request.run(7, () => subscriberContext()));
    const seen: unknown[] = [];
    const see = (a: string) => seen.push([a, user.getStore(), request.getStore()]);
    within(see, 'x');
    user.run('bob', () => within(see, 'y'));
    expect(seen).toEqual([
      ['x', 'ann', 7],
      ['y', 'ann', 7],
    ]);
    expect(user.getStore()).toBeUndefined();
  });

  test('sees that there was nothing, too', () => {
    const within = subscriberContext();
    let seen: unknown = 'nothing yet';
    user.run('bob', () => within(() => (seen = user.getStore()), 0));
    expect(seen).toBeUndefined();
  });

  test('leaves the context of the caller as it was, also where the function throws', () => {
    const within = user.run('ann', () => subscriberContext());
    user.run('bob', () => {
      expect(() =>
        within((message: string) => {
          throw new Error(message);
        }, 'no'),
      ).toThrow('no');
      expect(user.getStore()).toBe('bob');
    });
  });

  test('lasts over awaits, for items that come from timers and emitters', async () => {
    const emitter = new EventEmitter();
    const seen: unknown[] = [];
    const within = user.run('ann', () => subscriberContext());
    const done: Promise<void>[] = [];
    const work = (index: number): void => {
      done.push(
        (async () => {
          seen.push([index, user.getStore()]);
          await sleep(1);
          seen.push([index, user.getStore()]);
        })(),
      );
    };
    emitter.on('item', (index: number) => within(work, index));
    await user.run('sender', () => sleep(1).then(() => emitter.emit('item', 1)));
    emitter.emit('item', 2);
    await Promise.all(done);
    expect(seen).toEqual([
      [1, 'ann'],
      [2, 'ann'],
      [1, 'ann'],
      [2, 'ann'],
    ]);
  });

  test('is the same for any number of calls, within each other too', () => {
    const ann = user.run('ann', () => subscriberContext());
    const bob = user.run('bob', () => subscriberContext());
    const seen: unknown[] = [];
    for (let i = 0; i < 3; i++) {
      ann(() => {
        seen.push(user.getStore());
        bob(() => seen.push(user.getStore()), i);
        seen.push(user.getStore());
      }, i);
    }
    expect(seen).toEqual(Array.from({ length: 3 }, () => ['ann', 'bob', 'ann']).flat());
  });

  test('is typed', () => {
    expectTypeOf(subscriberContext).returns.toEqualTypeOf<<A>(fn: (a: A) => void, a: A) => void>();
    // @ts-expect-error -- the argument is what the function takes
    subscriberContext()((a: string) => a, 5);
  });
});
