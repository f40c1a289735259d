import fc from 'fast-check';
import { BehaviorSubject, EMPTY, NEVER, Observable, Subject, map } from 'rxjs';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { OverflowError } from '../../src/core/errors.ts';
import { execute } from '../../src/core/execute.ts';
import { Gate } from '../../src/core/gate.ts';
import { hooks } from '../../src/core/hooks.ts';
import { operate } from '../../src/core/operate.ts';
import { pool } from '../../src/core/operatePool.ts';
import type { Result, StageOptions } from '../../src/core/options.ts';
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

  test.each(['completion', 'input'] as const)(
    'G6, %s order: the end of an item needs no room below, so it leaves with the last value although the gate closes on that',
    (order) => {
      const flow = new TestFlow();
      const inners = [new Subject<number>(), new Subject<number>()];
      const probe = new Probe<number>(flow);
      const stage = workerPool((n: number) => inners[n]!, { order, concurrency: 2, name: 'stage', onError: 'skip' });
      probe.subscribe(fromIterable([0, 1]).pipe(stage));
      probe.close();
      for (const value of [1, 2]) inners[0]!.next(value);
      inners[0]!.complete();
      inners[1]!.error(new Error('skipped'));
      probe.allow(1);
      expect([probe.values, flow.node('stage').held, probe.ended]).toEqual([[1], order === 'input' ? 2 : 1, undefined]);
      probe.allow(1);
      flow.check();
      const { held, telemetry } = flow.node('stage');
      expect([probe.values, held, telemetry.completed, telemetry.failed]).toEqual([[1, 2], 0, 1, 1]);
      expect(probe.ended).toBe('completed');
    },
  );
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

describe('options of a pool', () => {
  test.each(['Stop', 'drop', {}, { deadLetter: {} }, { deadLetter: null }, null, 5])(
    'refuse %o for onError, and list what it may be',
    (onError) => {
      const make = (words?: never[]) => pool('fn', 'fn', { onError: onError as never }, execute(String), words);
      expect(make).toThrow(
        `fn(): "onError" must be 'stop', 'skip', 'emit' or { deadLetter: a function or an observer }. Received `,
      );
      expect(() => make(['stop', 'skip'] as never[])).toThrow(`must be 'stop', 'skip' or { deadLetter: `);
    },
  );

  test('a concurrency that changes may become infinite', () => {
    const works: Subject<void>[] = [];
    const limits = new BehaviorSubject(1);
    const probe = new Probe<void>().subscribe(
      fromIterable(Array.from({ length: 20 }, (_, i) => i)).pipe(
        workerPool(
          () => {
            const work = new Subject<void>();
            works.push(work);
            return work;
          },
          { concurrency: limits },
        ),
      ),
    );
    expect(works.length).toBe(1);
    limits.next(Infinity);
    expect(works.length).toBe(20);
    probe.unsubscribe();
    expect(works.some(({ observed }) => observed)).toBe(false);
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

describe('R-24: under any timing of its work', () => {
  const settings = fc.record({
    items: fc.nat(12),
    concurrency: fc.integer({ min: 1, max: 4 }),
    capacity: fc.nat(3),
    failing: fc.uniqueArray(fc.nat(11), { maxLength: 3 }),
  });
  const flips = fc.array(fc.constantFrom('open', 'close'), { maxLength: 10 });

  test.each(['completion', 'input'] as const)(
    'in %s order never more run than may, and each item gives one result',
    async (order) => {
      await fc.assert(
        fc.asyncProperty(fc.scheduler(), settings, flips, async (scheduler, { items, failing, ...limits }, flip) => {
          const flow = new TestFlow();
          const probe = new Probe<Result<number, number>>(flow);
          const finished: number[] = [];
          let [running, most] = [0, 0];
          const stage = workerPool(
            async (n: number) => {
              most = Math.max(most, ++running);
              await scheduler.schedule(Promise.resolve(), `item ${n}`);
              running--;
              finished.push(n);
              if (failing.includes(n)) throw new Error('bad');
              return n;
            },
            { ...limits, order, onError: 'emit' },
          );
          probe.subscribe(fromIterable(Array.from({ length: items }, (_, i) => i)).pipe(stage));
          scheduler.scheduleSequence(flip.map((name) => ({ label: name, builder: async () => probe[name]() })));
          await scheduler.waitIdle();
          probe.open();
          await scheduler.waitIdle();
          await atRest();
          flow.check();
          const results = probe.values.map((result) => (result.ok ? result.value : result.item));
          const all = Array.from({ length: items }, (_, i) => i);
          expect([probe.ended, running, most <= limits.concurrency]).toEqual(['completed', 0, true]);
          expect(results).toEqual(order === 'input' ? all : finished);
          expect(results.toSorted((a, b) => a - b)).toEqual(all);
          const failed = probe.values.flatMap((result) => (result.ok ? [] : [result.item]));
          expect(failed.toSorted((a, b) => a - b)).toEqual(all.filter((n) => failing.includes(n)));
        }),
        { numRuns: Number(process.env['RUNS'] ?? 1_000) },
      );
    },
    60_000,
  );
});

/** A flow with a clock that is moved by hand. */
class Clock extends TestFlow {
  time = 1;

  override now(): number {
    return this.time;
  }
}

/** A pool of which each item is a subject, to be worked by hand. */
function byHand(options: StageOptions<number>, flow: TestFlow = new TestFlow(), items = 100) {
  const works: Subject<number>[] = [];
  let produced = 0;
  const source = fromIterable(function* () {
    while (produced < items) yield produced++;
  });
  const stage = workerPool<number, number>(
    () => {
      const work = new Subject<number>();
      works.push(work);
      return work;
    },
    { ...options, name: 'stage' },
  );
  const probe = new Probe<number>(flow).subscribe(source.pipe(stage));
  return { works, probe, flow, node: () => flow.node('stage'), made: () => produced };
}

describe.each(['completion', 'input'] as const)('in %s order a pool', (order) => {
  test('measures how long each item was worked on, also one that is cancelled', () => {
    const clock = new Clock();
    const { works, probe, node } = byHand({ order }, clock);
    const { work } = node().telemetry;
    clock.time = 11;
    works[0]!.complete();
    expect([work!.total, work!.durations.count]).toEqual([10, 1]);
    clock.time = 31;
    probe.unsubscribe();
    expect([work!.total, work!.durations.count]).toEqual([30, 2]);
  });

  test('measures nothing where there is no flow', () => {
    const done = new Subject<number>();
    let stage: Pool<number, number> | undefined;
    new Probe<number>().subscribe(
      new Subject<number>().pipe(
        operate<number, number>((connection) => {
          const settings = { name: 'own', concurrency: 1, capacity: 1, order, onError: 'stop' } as const;
          stage = new Pool<number, number>(connection, settings, (slot) => done.subscribe({ complete: slot.finish }));
          return stage;
        }),
      ),
    );
    stage!.next(1);
    done.complete();
    expect([stage!.telemetry.completed, stage!.telemetry.work]).toEqual([1, undefined]);
  });

  test('counts an item as held until its last value has left', () => {
    const { works, probe, flow, node } = byHand({ order, capacity: 0 }, new TestFlow(), 1);
    probe.close();
    for (const value of [1, 2, 3]) works[0]!.next(value);
    works[0]!.complete();
    const seen: number[][] = [];
    for (let i = 0; i < 3; i++) {
      seen.push([probe.values.length, node().held, node().telemetry.completed]);
      probe.allow(1);
      flow.check();
    }
    expect(seen).toEqual([
      [0, 1, 0],
      [1, 1, 0],
      [2, 1, 0],
    ]);
    probe.open();
    expect([node().held, node().telemetry.completed, probe.ended]).toEqual([0, 1, 'completed']);
  });

  test('has its room back once the values that it kept have left', () => {
    const { works, probe, made, node } = byHand({ order, capacity: 1 });
    for (let i = 0; i < 5; i++) {
      probe.close();
      for (const value of [1, 2, 3, 4]) works[i]!.next(value);
      probe.open();
      works[i]!.complete();
    }
    expect([probe.values.length, works.length, made(), node().held]).toEqual([20, 6, 7, 2]);
    probe.unsubscribe();
  });

  test('tells those that failed from those that ended well, also where their results had to wait', () => {
    const { works, probe, flow, node } = byHand({ order, concurrency: 3, onError: 'emit' }, new TestFlow(), 3);
    probe.close();
    works[1]!.error(new Error('bad'));
    works[0]!.next(1);
    works[0]!.complete();
    works[2]!.complete();
    flow.check();
    probe.open();
    const { completed, failed } = node().telemetry;
    expect([completed, failed, probe.values.length, probe.ended]).toEqual([2, 1, 2, 'completed']);
    flow.check();
  });

  test('counts the item of which the dead letter fails as failed, and the others as abandoned', () => {
    const bad = new Error('letter');
    const deadLetter = () => {
      throw bad;
    };
    const { works, probe, flow, node } = byHand({ order, concurrency: 3, onError: { deadLetter } }, new TestFlow(), 3);
    works[1]!.error(new Error('item'));
    expect(probe.error).toMatchObject({ name: 'DeadLetterError', item: 1, cause: bad });
    const { failed, deadLettered, abandoned } = node().telemetry;
    expect([failed, deadLettered, abandoned, node().held]).toEqual([1, 0, 2, 0]);
    flow.check();
  });

  test('R-35: ends what runs although one of them fails to end, and reports that', () => {
    const flow = new TestFlow();
    const ended: number[] = [];
    const probe = new Probe<number>(flow).subscribe(
      fromIterable([0, 1, 2]).pipe(
        workerPool(
          (n: number) =>
            new Observable<number>(() => () => {
              ended.push(n);
              if (n === 1) throw new Error('teardown');
            }),
          { name: 'stage', concurrency: 3, order },
        ),
      ),
    );
    probe.unsubscribe();
    expect(ended).toEqual([0, 1, 2]);
    expect(flow.lateErrors).toEqual([
      { stage: 'stage', error: expect.objectContaining({ name: 'UnsubscriptionError' }) },
    ]);
  });
});

test('R-33: cancelled work that fails with what cannot be looked at is reported late, too', async () => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  const flow = new TestFlow();
  let fail!: (error: unknown) => void;
  const fn = (): Promise<never> => new Promise((_, reject) => (fail = reject));
  const probe = new Probe<never>(flow).subscribe(fromIterable([0]).pipe(workerPool(fn, { name: 'stage' })));
  probe.unsubscribe();
  fail(proxy);
  await Promise.resolve();
  await Promise.resolve();
  expect(flow.lateErrors.map(({ error, stage }) => [error === proxy, stage])).toEqual([[true, 'stage']]);
});

test('in input order what is not first goes on giving values until the stage is full', () => {
  let given = 0;
  const many = fromIterable(function* () {
    for (;;) yield given++;
  });
  const flow = new TestFlow();
  const probe = new Probe<number>(flow).subscribe(
    fromIterable([0, 1]).pipe(
      workerPool((n: number) => (n === 0 ? NEVER : many), {
        name: 'stage',
        concurrency: 2,
        capacity: 2,
        order: 'input',
      }),
    ),
  );
  // Two items and two values besides the one that takes the item's own room: four, which is the bound.
  expect([given, flow.node('stage').held]).toEqual([3, 2]);
  probe.unsubscribe();
});
