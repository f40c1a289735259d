import { concat, EMPTY, EmptyError, map, NEVER, Observable, of, Subject, throwError, timer } from 'rxjs';
import fc from 'fast-check';
import { afterEach, describe, expect, expectTypeOf, test, vi } from 'vitest';
import { quorum } from '../../src/operators/quorum.ts';
import { QuorumError } from '../../src/operators/QuorumError.ts';
import { abortable } from '../../src/sources/abortable.ts';
import { fromIterable } from '../../src/sources/fromIterable.ts';
import { marbles } from '../../src/testing/marbles.ts';
import { ProbeSource } from '../../src/testing/ProbeSource.ts';
import { Probe } from '../core/Probe.ts';
import { TestFlow } from '../core/TestFlow.ts';
import { interop } from './interop.ts';
import { thrownBy } from './badOptions.ts';

afterEach(() => vi.useRealTimers());

async function* later(): AsyncGenerator<number> {
  yield* [4, 5];
}

describe('quorum', () => {
  test('does what the diagram in its comment says', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const tasks = [cold('--a|'), cold('-#'), cold('-----b|'), cold('---------c|')];
      const expected = '  ------(r|)';
      expectObservable(quorum(2, tasks)).toBe(expected, { r: { values: ['a', 'b'], errors: ['error'] } });
      const subscriptions = ['^--!', '^!', '^-----!', '^-----!'];
      for (const [i, task] of tasks.entries()) expectSubscriptions(task.subscriptions).toBe(subscriptions[i]!);
    });
  });

  test('R-53: fails as soon as too many have failed, with all errors, and ends the rest', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const tasks = [cold('--#', {}, 'x'), cold('-a|'), cold('----#', {}, 'y'), cold('---------c|')];
      expectObservable(quorum(3, tasks)).toBe('----#', {}, new QuorumError(3, 4, ['x', 'y']));
      expectSubscriptions(tasks[3]!.subscriptions).toBe('^---!');
    });
  });

  test('the error says how many there were, and what to do', () => {
    const probe = new Probe();
    probe.subscribe(quorum(2, [throwError(() => 'x'), of(1), throwError(() => 'y')]));
    expect(probe.error).toBeInstanceOf(QuorumError);
    expect(probe.error).toMatchObject({
      name: 'QuorumError',
      code: 'ERR_QUORUM',
      message: '2 of 3 tasks failed, so that 2 cannot succeed any more. See "errors" for why; ask more, or need fewer',
      needed: 2,
      tasks: 3,
      errors: ['x', 'y'],
      cause: 'y',
    });
  });

  test('the value of a task is its last when it completes, and one without any has failed', () => {
    marbles(({ cold, expectObservable }) => {
      const tasks = [cold('ab-c--|'), cold('--|'), cold('d---|')];
      const result = quorum(2, tasks).pipe(
        map(({ values, errors }) => [...values, ...errors.map((it) => it instanceof EmptyError)]),
      );
      expectObservable(result).toBe('------(r|)', { r: ['d', 'c', true] });
    });
  });

  test('R-06: falsy values are values', () => {
    const values = [undefined, null, 0, '', Number.NaN, false];
    const probe = new Probe<{ values: unknown[] }>();
    probe.subscribe(
      quorum(
        6,
        values.map((value) => of(value)),
      ),
    );
    expect(probe.values[0]!.values).toEqual(values);
  });

  test('takes what from of RxJS takes', async () => {
    const probe = new Probe<{ values: unknown[] }>();
    const over = new Promise<void>((resolve) => (probe.onEnd = resolve));
    probe.subscribe(quorum(5, [Promise.resolve(1), [2, 3], later(), interop(of(6)), new Set([7])]));
    await over;
    expect(probe.values[0]!.values.toSorted((a, b) => Number(a) - Number(b))).toEqual([1, 3, 5, 6, 7]);
  });

  test('R-05: each subscription runs the tasks anew', () => {
    marbles(({ cold, expectObservable }) => {
      const result = quorum(1, [cold('--a|')]);
      expectObservable(result).toBe('    ---(r|)', { r: { values: ['a'], errors: [] } });
      expectObservable(result, '--^').toBe('-----(r|)', { r: { values: ['a'], errors: [] } });
    });
  });

  test('R-04, R-45: unsubscribing ends all tasks', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const tasks = [cold('---'), cold('-#')];
      expectObservable(quorum(1, tasks), '--!').toBe('---');
      expectSubscriptions(tasks[0]!.subscriptions).toBe('^-!');
    });
  });

  test('R-43: those that are left are cancelled before the result is delivered', () => {
    const log: string[] = [];
    const first = new Subject<number>();
    const rest = abortable(
      (signal) => new Promise<number>(() => signal.addEventListener('abort', () => log.push('aborted'))),
    );
    quorum(1, [rest, first, rest]).subscribe(() => log.push('result'));
    first.next(1);
    expect(log).toEqual([]);
    first.complete();
    expect(log).toEqual(['aborted', 'aborted', 'result']);
  });

  test('once enough have succeeded while the tasks are being begun, no more begin', () => {
    const source = new ProbeSource([1]);
    const probe = new Probe<{ values: number[] }>();
    probe.subscribe(quorum(2, [of(1), of(2), source.items$]));
    expect([probe.values, source.subscriptions]).toEqual([[{ values: [1, 2], errors: [] }], 0]);
  });

  test('R-22: 20,000 tasks that end at once', () => {
    const tasks = Array.from({ length: 20_000 }, (_, i) => of(i));
    const probe = new Probe<{ values: number[] }>();
    probe.subscribe(quorum(tasks.length, tasks));
    expect(probe.values[0]!.values.length).toBe(tasks.length);
  });

  test('R-32: a promise that fails too late, or before anyone wants it, is not unhandled', async () => {
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    try {
      new Probe().subscribe(quorum(1, [of(1), Promise.reject(new Error('not begun'))]));
      new Probe().subscribe(quorum(1, [Promise.resolve(2), Promise.reject(new Error('late'))]));
      await new Promise((resolve) => setImmediate(resolve));
      await new Promise((resolve) => setImmediate(resolve));
      expect(unhandled).not.toHaveBeenCalled();
    } finally {
      process.off('unhandledRejection', unhandled);
    }
  });

  test('R-20: tasks that end from within each other', () => {
    const [a, b, c] = [new Subject<string>(), new Subject<string>(), new Subject<string>()];
    const probe = new Probe<{ values: string[] }>();
    b.subscribe({ complete: () => c.complete() });
    probe.subscribe(quorum(2, [a, b, c]));
    c.next('c');
    b.next('b');
    b.complete();
    expect(probe.values).toEqual([{ values: ['c', 'b'], errors: [] }]);
  });

  test('R-35: a teardown that throws keeps neither the others running nor the result back', () => {
    vi.useFakeTimers();
    const probe = new Probe<{ values: number[] }>();
    const torn = vi.fn(() => {
      throw new Error('teardown');
    });
    const bad = new Observable<number>(() => torn);
    const source = new ProbeSource<number>([], false);
    probe.subscribe(quorum(1, [bad, source.items$, timer(5)]));
    vi.advanceTimersByTime(5);
    expect([torn.mock.calls.length, source.isSubscribed, probe.values]).toEqual([
      1,
      false,
      [{ values: [0], errors: [] }],
    ]);
  });
});

describe('quorum above a closed gate', () => {
  test('begins nothing while it is closed', () => {
    marbles(({ cold, gated, expectObservable, expectSubscriptions }) => {
      const task = cold('--a|');
      expectObservable(quorum(1, [task]).pipe(gated('x---o'))).toBe('-------(r|)', {
        r: { values: ['a'], errors: [] },
      });
      expectSubscriptions(task.subscriptions).toBe('----^--!');
    });
  });

  test('a result waits; an error passes (G6)', () => {
    marbles(({ cold, gated, expectObservable }) => {
      const demand = gated<unknown>('o-x---o');
      expectObservable(quorum(1, [cold('---a|')]).pipe(demand)).toBe('------(r|)', {
        r: { values: ['a'], errors: [] },
      });
    });
    marbles(({ cold, gated, expectObservable }) => {
      expectObservable(quorum(1, [cold('---#')]).pipe(gated('o-x'))).toBe('---#', {}, new QuorumError(1, 1, ['error']));
    });
  });

  test('a graceful end lets tasks that run finish', () => {
    const flow = new TestFlow();
    const task = new Subject<number>();
    const probe = new Probe<unknown>(flow).subscribe(quorum(1, [task]));
    flow.node('quorum').quit();
    expect(probe.ended).toBe(undefined);
    task.next(1);
    task.complete();
    expect([probe.values, probe.ended]).toEqual([[{ values: [1], errors: [] }], 'completed']);
  });

  test('a graceful end before anything has begun completes', () => {
    const flow = new TestFlow();
    const probe = new Probe<unknown>(flow);
    probe.close();
    probe.subscribe(quorum(1, [of(1)]));
    flow.node('quorum').quit();
    expect([probe.values, probe.ended]).toEqual([[], 'completed']);
  });
});

describe('any quorum', () => {
  test('R-53: is done at the k-th success, or fails when n - k + 1 have failed, and nothing runs after that', () => {
    const task = fc.record({ ms: fc.integer({ min: 0, max: 8 }), fails: fc.boolean() });
    const setup = fc
      .array(task, { minLength: 1, maxLength: 6 })
      .chain((tasks) => fc.record({ tasks: fc.constant(tasks), k: fc.integer({ min: 1, max: tasks.length }) }));
    fc.assert(
      fc.property(setup, ({ tasks, k }) => {
        marbles(({ cold, expectObservable, expectSubscriptions }) => {
          // In one frame tasks end in the order in which they were begun.
          const ends = tasks.map((it, i) => ({ ...it, i })).toSorted((a, b) => a.ms - b.ms || a.i - b.i);
          const values: string[] = [];
          const errors: string[] = [];
          let end = 0;
          for (const { ms, fails, i } of ends) {
            (fails ? errors : values).push(`${i}`);
            end = ms;
            if (values.length === k || errors.length > tasks.length - k) break;
          }
          const made = tasks.map(({ ms, fails }, i) =>
            fails ? cold(`${'-'.repeat(ms)}#`, {}, `${i}`) : cold(`${'-'.repeat(ms)}(v|)`, { v: `${i}` }),
          );
          const wait = '-'.repeat(end);
          if (values.length === k) expectObservable(quorum(k, made)).toBe(`${wait}(r|)`, { r: { values, errors } });
          else expectObservable(quorum(k, made)).toBe(`${wait}#`, {}, new QuorumError(k, tasks.length, errors));
          for (const [i, { ms }] of tasks.entries()) {
            const over = Math.min(ms, end);
            expectSubscriptions(made[i]!.subscriptions).toBe(over === 0 ? '(^!)' : `^${'-'.repeat(over - 1)}!`);
          }
        });
      }),
      { numRuns: 1000 },
    );
  });
});

describe('bad input of quorum', () => {
  test.each([
    [0, [EMPTY], 'RangeError', 'k', 'an integer of 1 or more'],
    [2, [EMPTY], 'RangeError', 'k', 'at most the number of tasks, which is 1'],
    [1, [], 'RangeError', 'tasks', 'a list of at least one task'],
    [1, [EMPTY, null], 'TypeError', 'tasks[1]', 'an Observable, a promise'],
    [1, ['text'], 'TypeError', 'tasks[0]', 'say of(text) for a text'],
    [1, new Set([EMPTY]), 'TypeError', 'tasks', 'an array of tasks'],
  ])('quorum(%s, %j) is refused at the call', (k, tasks, name, option, rule) => {
    const error = thrownBy(() => quorum(k, tasks as never));
    expect(error).toMatchObject({ name, option });
    expect((error as Error).message).toContain(rule);
  });
});

describe('the types of quorum', () => {
  test('are values of the tasks, and errors of any kind', () => {
    expectTypeOf(quorum(1, [of(1), Promise.resolve(2)])).toEqualTypeOf<
      Observable<{ values: number[]; errors: unknown[] }>
    >();
    expectTypeOf(quorum(1, [concat(of('a'), NEVER), fromIterable(['b'])])).toEqualTypeOf<
      Observable<{ values: string[]; errors: unknown[] }>
    >();
  });
});
