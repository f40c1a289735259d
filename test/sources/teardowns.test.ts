// what a teardown of the user's throws keeps nothing else from happening.
import { NEVER, Subject, finalize, of, type MonoTypeOperatorFunction } from 'rxjs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { hooks } from '../../src/core/hooks.ts';
import { workerPool } from '../../src/operators/workerPool.ts';
import { toIterable } from '../../src/sinks/toIterable.ts';
import { channel } from '../../src/sources/channel.ts';
import { mergeSorted } from '../../src/sources/mergeSorted.ts';
import { restartable } from '../../src/sources/restartable.ts';
import { select } from '../../src/sources/select.ts';
import { Probe } from '../../src/testing/Probe.ts';

const bad = <T>(): MonoTypeOperatorFunction<T> =>
  finalize(() => {
    throw new Error('teardown');
  });

const late: unknown[] = [];
beforeEach(() => {
  late.length = 0;
  vi.spyOn(hooks, 'lateError').mockImplementation((error) => void late.push(error));
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** Calls what may throw, as RxJS does where a teardown has thrown. */
function attempt(act: () => void): void {
  try {
    act();
  } catch (error) {
    late.push(error);
  }
}

describe('R-35: a teardown that throws', () => {
  test.each(['complete', 'error'] as const)('of an inner Observable ends its item: %s', (how) => {
    const inner = new Subject<string>();
    const probe = new Probe<string>();
    const seen: number[] = [];
    const work = (n: number) => {
      seen.push(n);
      return n === 1 ? inner.pipe(bad()) : of('next');
    };
    probe.subscribe(of(1, 2).pipe(workerPool(work, { concurrency: 1, onError: 'skip' })));
    inner.next('x');
    attempt(() => inner[how](new Error('bad')));
    expect([probe.values, probe.ended, seen]).toEqual([['x', 'next'], 'completed', [1, 2]]);
    expect(late).toHaveLength(1);
  });

  test('of a case of select does not lose what was chosen', () => {
    const [first, second] = [new Subject<string>(), new Subject<string>()];
    const cases = [[first.pipe(bad()), (x: string) => x] as const, [second, (x: string) => x] as const] as const;
    const probe = new Probe<string>().subscribe(select([...cases]));
    first.next('a');
    expect([probe.values, probe.ended, second.observed]).toEqual([['a'], 'completed', false]);
    expect(late).toHaveLength(1);
  });

  test('of a source that is restarted keeps it from nothing', () => {
    const source = new Subject<number>();
    let made = 0;
    const again = restartable(() => (made++, source.pipe(bad())), { backoff: 0, max: 1 });
    const probe = new Probe<number>().subscribe(again);
    attempt(() => source.error('down'));
    expect([made, probe.ended]).toEqual([2, 'failed']);
    expect(late.length).toBeGreaterThan(0);
  });

  test('of one sorted source does not keep the others waiting for it', () => {
    const first = new Subject<number>();
    const probe = new Probe<number>().subscribe(mergeSorted([first.pipe(bad()), [1, 2]], { by: (n) => n }));
    attempt(() => first.complete());
    expect([probe.values, probe.ended]).toEqual([[1, 2], 'completed']);
    expect(late).toHaveLength(1);
  });

  test.each(['close', 'fail'] as const)(
    'of one receiver of a channel keeps the others not from their end: %s',
    async (how) => {
      const jobs = channel<number>({ capacity: 1 });
      jobs.pipe(bad()).subscribe({ error: () => {} });
      const probe = new Probe<number>().subscribe(jobs);
      const waiting = jobs[Symbol.asyncIterator]().next();
      const answered = waiting.then(
        () => 'completed',
        () => 'failed',
      );
      const end = how === 'close' ? 'completed' : 'failed';
      jobs[how](new Error('no more'));
      expect([probe.ended, await answered]).toEqual([end, end]);
      expect(late).toHaveLength(1);
    },
  );

  test('of a flow that is read with for await answers whoever waits', async () => {
    const items = toIterable(NEVER.pipe(bad()))[Symbol.asyncIterator]();
    const waiting = items.next();
    await items.return!();
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(late).toHaveLength(1);
  });
});
