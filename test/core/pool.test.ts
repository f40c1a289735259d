import { EMPTY, NEVER, Observable, Subject, map } from 'rxjs';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { OverflowError } from '../../src/core/errors.ts';
import { Gate } from '../../src/core/gate.ts';
import { hooks } from '../../src/core/hooks.ts';
import { operate } from '../../src/core/operate.ts';
import { Pool } from '../../src/core/pool.ts';
import { buffered } from '../../src/operators/buffered.ts';
import { workerPool } from '../../src/operators/workerPool.ts';
import { fromIterable } from '../../src/sources/fromIterable.ts';
import { Probe } from './Probe.ts';
import { atRest } from './PoolRun.ts';
import { TestFlow } from './TestFlow.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

describe('values of an item', () => {
  test('input order: an item that ended without a value leaves once the one before it fails within a step', () => {
    const first = new Subject<string>();
    const source = new Subject<string>();
    const probe = new Probe<unknown>().subscribe(
      source.pipe(
        workerPool(
          (item: string) => {
            if (item === 'a') return first;
            if (item === 'b') return EMPTY;
            if (item === 'c') first.error(new Error('a failed'));
            return item;
          },
          { concurrency: 3, order: 'input', onError: 'emit' },
        ),
      ),
    );
    for (const item of ['a', 'b', 'c', 'd']) source.next(item);
    source.complete();
    expect([probe.values.length, probe.ended]).toEqual([3, 'completed']);
  });

  test.each(['completion', 'input'] as const)('%s order: several kept values are one item in the counts', (order) => {
    const flow = new TestFlow();
    const inner = new Subject<number>();
    const probe = new Probe<number>(flow);
    probe.subscribe(fromIterable([1]).pipe(workerPool(() => inner, { order, name: 'stage' })));
    probe.close();
    for (const value of [1, 2, 3]) inner.next(value);
    flow.check();
    expect(flow.node('stage').held).toBe(1);
    probe.unsubscribe();
    flow.check();
    expect(flow.node('stage').telemetry.abandoned).toBe(1);
  });
});

describe('overflowLimit', () => {
  test.each(['completion', 'input'] as const)(
    '0 is no error for a stage that is just full (%s order)',
    async (order) => {
      const settle: ((value: number) => void)[] = [];
      const options = { concurrency: 2, capacity: 0, order, overflowLimit: 0 };
      const probe = new Probe<number>().subscribe(
        fromIterable([1, 2, 3]).pipe(workerPool(() => new Promise<number>((resolve) => settle.push(resolve)), options)),
      );
      settle[1]!(2);
      await atRest();
      expect(probe.error).toBeUndefined();
      settle[0]!(1);
      await atRest();
      settle[2]!(3);
      await atRest();
      expect([new Set(probe.values), probe.ended]).toEqual([new Set([1, 2, 3]), 'completed']);
    },
  );

  test.each(['completion', 'input'] as const)(
    '0 is no error for one value of an Observable, kept behind a closed gate: it takes up no room besides its item (%s order)',
    (order) => {
      const inner = new Subject<number>();
      const probe = new Probe<number>().subscribe(
        fromIterable([1]).pipe(workerPool(() => inner, { capacity: 0, overflowLimit: 0, order })),
      );
      probe.close();
      inner.next(1);
      expect(probe.error).toBe(undefined);
    },
  );

  test('0 is no error for an inner that gives values through an open gate', () => {
    const inner = new Subject<number>();
    const probe = new Probe<number>().subscribe(
      fromIterable([1]).pipe(workerPool(() => inner, { capacity: 0, overflowLimit: 0 })),
    );
    inner.next(1);
    inner.next(2);
    expect([probe.values, probe.error]).toEqual([[1, 2], undefined]);
  });

  test.each([
    ['beyond the limit', false, 2],
    ['in a strict run', true, 1],
  ])('an item refused %s is accounted for', (_, strict, accepted) => {
    const flow = new TestFlow();
    flow.strict = strict;
    vi.spyOn(hooks, 'warn').mockImplementation(() => {});
    const source = new Subject<number>();
    const probe = new Probe<number>(flow).subscribe(
      source.pipe(workerPool(() => NEVER, { capacity: 0, overflowLimit: 1, name: 'stage' })),
    );
    for (let i = 0; i < 5; i++) source.next(i);
    expect(probe.error).toBeInstanceOf(OverflowError);
    expect(flow.node('stage').telemetry.in).toBe(accepted + 1);
    flow.check();
  });
});

describe('errors from elsewhere', () => {
  test('R-35: a teardown above that throws stops neither the cancelling nor the error', () => {
    let signal: AbortSignal | undefined;
    const failing = new Subject<never>();
    const source = new Observable<number>((subscriber) => {
      subscriber.next(1);
      subscriber.next(2);
      return () => {
        throw new Error('teardown');
      };
    });
    const probe = new Probe<never>().subscribe(
      source.pipe(
        workerPool(
          (item, context) => {
            if (item === 2) return failing;
            ({ signal } = context);
            return NEVER;
          },
          { concurrency: 2 },
        ),
      ),
    );
    expect(() => failing.error('boom')).toThrow('teardown');
    expect([probe.error, signal?.aborted]).toEqual(['boom', true]);
  });

  test('what is thrown below a result that leaves at once is neither swallowed nor taken for a failure of the item', () => {
    const log: string[] = [];
    const out = {
      closed: false,
      next: () => {
        throw new RangeError('below');
      },
      error: (error: unknown) => log.push(String(error)),
      complete: () => log.push('complete'),
    };
    const settings = { name: 'stage', concurrency: 1, capacity: 1, order: 'completion', onError: 'skip' } as const;
    const connection = { out, upstream: { unsubscribe: () => {} }, below: new Gate() };
    const stage = new Pool<number, number>(connection, settings, (slot) => slot.resolve(slot.item));
    expect(() => stage.next(1)).toThrow('below');
    expect([stage.telemetry.failed, log]).toEqual([0, []]);
  });
});

describe('inner flows', () => {
  test('a source above a stage inside an inner is no source of the run', () => {
    const flow = new TestFlow();
    const probe = new Probe<number>(flow);
    probe.subscribe(
      fromIterable([1]).pipe(
        workerPool(
          () =>
            fromIterable([1, 2]).pipe(
              map((n) => n * 10),
              buffered({ capacity: 1, name: 'within' }),
            ),
          { name: 'outer' },
        ),
      ),
    );
    expect(probe.values).toEqual([10, 20]);
    expect(flow.nodes.filter(({ kind }) => kind === 'source').length).toBe(1);
  });

  test('what gives a dynamic concurrency is not held back by the gate below the stage', () => {
    const below = new Gate();
    const limits = new Subject<number>();
    let running = 0;
    const never = () => {
      running++;
      return NEVER;
    };
    fromIterable([1, 2, 3])
      .pipe(
        workerPool(never, { concurrency: limits.pipe(buffered({ capacity: 1 })), capacity: 3 }),
        operate(({ out }) => ({ gate: below, next: (value) => out.next(value) })),
      )
      .subscribe();
    expect(below.attached).toBe(1);
    limits.next(3);
    expect(running).toBe(3);
  });
});
