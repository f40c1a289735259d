import { EventEmitter } from 'node:events';
import { inspect } from 'node:util';
import { BehaviorSubject, defer, from, NEVER, Observable, of, Subject, throwError, type OperatorFunction } from 'rxjs';
import { describe, expect, test } from 'vitest';
import {
  abortable,
  allOf,
  batch,
  buffered,
  channel,
  circuitBreaker,
  CircuitBreaker,
  conflate,
  dedupe,
  demand,
  type FlowError,
  forEach,
  fromEventEmitter,
  fromIterable,
  latestMap,
  lines,
  paginate,
  poll,
  run,
  shed,
  unfold,
  workerPool,
} from '../../src/index.ts';

function failingSoon(): EventEmitter {
  const emitter = new EventEmitter();
  setImmediate(() => emitter.emit('error', new Error('torn')));
  return emitter;
}

const fail = (): never => {
  throw new Error('torn');
};

async function* torn(): AsyncGenerator<number> {
  yield 1;
  throw new Error('torn');
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const sleep = <T>(ms: number, value: T): Promise<T> => new Promise((done) => void setTimeout(done, ms, value));
const named = <S extends { name: string }>(stages: readonly S[], name: string): S =>
  stages.find((stage) => stage.name === name)!;

describe('the report of a run', () => {
  test('has how long items waited, how many ran at once, quantiles and a rate', async () => {
    const flow = fromIterable(numbers(40)).pipe(workerPool((n) => sleep(5, n), { concurrency: 2, capacity: 8 }));
    const { stages } = await run(flow).done;
    const pool = named(stages, 'workerPool');
    // Eight wait while each two take five milliseconds: some twenty, or more on a busy machine.
    expect(pool.waited).toBeGreaterThan(5);
    expect(pool.used).toBeGreaterThan(1);
    expect(pool.used).toBeLessThanOrEqual(2.05);
    expect(pool.p50).toBeGreaterThan(4);
    expect(pool.p90!).toBeGreaterThanOrEqual(pool.p50!);
    expect(pool.rate).toBeGreaterThan(0);
    expect(pool.rate).toBeLessThan(450);
  });

  test('has how many values there will be, where the source knows', async () => {
    const source = new Observable<number>((subscriber) => {
      // The definition is another object than what knows the total.
      demand(subscriber, { name: 'three', total: 3, definition: {} }, (below) => {
        for (const n of [1, 2, 3]) below.send(n);
        subscriber.complete();
      });
    });
    expect((await run(source).done).stages[0]!.total).toBe(3);
    expect((await run(fromIterable(new Set([1, 2]))).done).stages[0]!.total).toBe(2);
    expect((await run(fromIterable(() => [1])).done).stages[0]!).not.toHaveProperty('total');
  });

  test('counts what was dropped by reason', async () => {
    const kept = from([1, 2, 3, 4, 5, 1]).pipe(
      dedupe({ max: 10 }),
      buffered({ capacity: 1, overflow: 'dropNewest' }),
      workerPool((n) => sleep(1, n), { capacity: 0 }),
    );
    const { stages } = await run(kept).done;
    expect(named(stages, 'dedupe').droppedFor).toEqual({ duplicate: 1 });
    expect(named(stages, 'buffered').droppedFor).toEqual({ dropNewest: named(stages, 'buffered').dropped });
    expect(named(stages, 'buffered').dropped).toBeGreaterThan(0);
  });

  test('counts what comes from a source that cannot be paused', async () => {
    const { stages } = await run(from(numbers(20)).pipe(workerPool((n) => sleep(1, n), { capacity: 1 }))).done;
    expect(named(stages, 'workerPool').overrun).toBe(18);
  });

  test('has what a stage did at each concurrency that it had', async () => {
    const limit = new BehaviorSubject(1);
    let done = 0;
    const flow = fromIterable(numbers(30)).pipe(
      workerPool(
        async (n) => {
          await sleep(2, n);
          if (++done === 10) limit.next(4);
        },
        { concurrency: limit, capacity: 2 },
      ),
    );
    const running = run(flow);
    await sleep(1, 0);
    running.stats();
    const { stages } = await running.done;
    const { levels, completed } = named(stages, 'workerPool');
    expect(levels?.map(({ concurrency }) => concurrency)).toEqual([1, 4]);
    expect(levels!.reduce((sum, level) => sum + level.completed, 0)).toBe(completed);
    expect(levels!.every(({ time }) => time > 0)).toBe(true);
  });

  test('has the circuit breakers that it met', async () => {
    const breaker = new CircuitBreaker({ name: 'payments', consecutiveFailures: 2, openFor: 60_000 });
    const flow = fromIterable(numbers(4)).pipe(
      workerPool(() => defer(() => Promise.reject(new Error('down'))).pipe(circuitBreaker(breaker)), {
        onError: 'skip',
      }),
    );
    const { gauges } = await run(flow).done;
    expect(gauges).toEqual([
      {
        kind: 'circuit breaker',
        name: 'payments',
        state: 'open',
        figures: { openings: 1, waiting: 0, probes: 0, 'open for ms': expect.any(Number) as number },
      },
    ]);
  });

  test('has the last failures, each with its stage and item, twenty at most', async () => {
    const flow = fromIterable([{ id: 1, password: 'hunter2' }]).pipe(
      workerPool((item) => Promise.reject(new Error(`no ${item.id}`)), { onError: 'skip', name: 'check' }),
    );
    const { failures } = await run(flow).done;
    expect(failures).toEqual([
      {
        at: expect.any(Number) as number,
        stage: 'check',
        error: 'no 1',
        item: '{ id: 1, password: *** }',
        index: 0,
        attempt: 1,
      },
    ]);
    const many = fromIterable(numbers(60)).pipe(
      workerPool(async (n) => Promise.reject(new Error(`no ${await sleep(11, n)}`)), { onError: 'skip' }),
    );
    const report = await run(many).done;
    expect(report.failures.length).toBeLessThanOrEqual(20);
    expect(report.failures.at(-1)).toMatchObject({ error: 'no 59', index: 59 });
  });

  test('tells failures of stages of one name apart, as it does the stages', async () => {
    const flow = fromIterable([1, 2]).pipe(
      workerPool((n) => (n === 1 ? fail() : n), { name: 'a', onError: 'skip' }),
      workerPool(fail, { name: 'a' }),
    );
    const error = await run(flow).done.then(
      () => expect.unreachable(),
      (reason: unknown) => reason as FlowError,
    );
    const { stages, failures } = error.report;
    expect(stages.map(({ name, failed }) => [name, failed])).toEqual([
      ['fromIterable', 0],
      ['a', 1],
      ['a 2', 1],
    ]);
    expect(failures.at(-1)).toMatchObject({ stage: 'a 2', item: '2' });
    expect(error.stage).toBe('a 2');
    expect(error.message).toContain('(stage "a 2", made at ');
  });

  test('keeps no item that failed, but the latest', async () => {
    const items = numbers(50).map((n) => ({ n }));
    const { failures } = await run(
      fromIterable(items).pipe(forEach(() => Promise.reject(new Error('no')), { onError: 'skip' })),
    ).done;
    // Those that come together are passed over: putting each into words would take longer than its work.
    expect(failures.length).toBeLessThan(50);
    expect(failures.every(({ item }) => typeof item === 'string')).toBe(true);
  });
});

const failing = (fn: (n: { n: number }) => unknown, options = {}): Promise<FlowError> =>
  run(fromIterable([{ n: 0 }, { n: 1 }, { n: 2 }]).pipe(workerPool(fn, { name: 'parse', ...options })), {
    name: 'import',
  }).done.then(
    () => expect.unreachable(),
    (error: unknown) => error as FlowError,
  );

describe('a FlowError', () => {
  test('names the stage, where it was made, and the item', async () => {
    const error = await failing(({ n }) => {
      if (n === 1) throw new Error('odd');
    });
    expect(error).toMatchObject({ stage: 'parse', item: { n: 1 }, index: 1, attempt: 1 });
    expect(error.madeAt).toMatch(/sight\.test\.ts:\d+:\d+$/);
    expect(error.message).toBe(`Flow "import" failed: odd (stage "parse", made at ${error.madeAt}, item 1: { n: 1 })`);
  });

  test('of a dead letter that fails names the stage', async () => {
    const error = await failing(() => Promise.reject(new Error('odd')), {
      onError: { deadLetter: () => Promise.reject(new Error('full')) },
    });
    expect(error.stage).toBe('parse');
    expect(error.cause).toMatchObject({ name: 'DeadLetterError', itemError: { message: 'odd' } });
  });

  test('of a source names the source', async () => {
    const source = fromIterable(
      (function* () {
        yield 1;
        throw new Error('torn');
      })(),
    );
    const error = await run(source.pipe(workerPool((n) => n))).done.catch((e: unknown) => e as FlowError);
    expect(error).toMatchObject({ stage: 'fromIterable' });
    expect((error as FlowError).message).toContain('torn (source "fromIterable"');
    expect(error).not.toHaveProperty('item');
  });

  test.each([
    ['an async generator', 'fromIterable', () => fromIterable(torn())],
    ['a file that is not there', 'lines', () => lines('out/not-there')],
    ['a poll', 'poll', () => poll(() => Promise.reject(new Error('torn')), { every: 1 })],
    ['a page', 'paginate', () => paginate(() => Promise.reject(new Error('torn')), { start: 0 })],
    ['a page that is none', 'paginate', () => paginate(() => ({ items: 5 }) as never, { start: 0 })],
    ['a call', 'abortable', () => abortable(() => Promise.reject(new Error('torn')))],
    ['a step', 'unfold', () => unfold(0, () => Promise.reject(new Error('torn')))],
    ['an emitter', 'fromEventEmitter', () => fromEventEmitter(failingSoon(), 'row', { overflow: 'fail', capacity: 1 })],
    ['a list of tasks', 'allOf', () => allOf([throwError(() => new Error('torn'))])],
    [
      'a channel',
      'channel',
      () => {
        const failed = channel<number>({ capacity: 1 });
        failed.fail(new Error('torn'));
        return failed;
      },
    ],
  ])('of %s names the source, and is in the report once', async (_, stage, make) => {
    const flow = make().pipe(workerPool((n) => n));
    const error = (await run(flow).done.catch((e: unknown) => e)) as FlowError;
    expect(error).toMatchObject({ stage });
    expect(error.report.failures).toMatchObject([{ stage }]);
  });

  test.each([
    ['dedupe', () => dedupe<number>({ max: 9, key: fail })],
    ['batch', () => batch<number>({ size: 9, weigh: fail, weight: 9 })],
    ['shed', () => shed<number>({ when: { maxDepth: 1 }, onDrop: fail })],
    ['conflate', () => conflate<number>({ merge: fail })],
    ['latestMap', () => latestMap<number, number>(() => NEVER, { onDrop: fail })],
  ] as const)('of a function that %s is given names that stage, and is in the report once', async (stage, make) => {
    const items = new Subject<number>();
    const operator = make() as OperatorFunction<number, unknown>;
    const { done } = run(
      items.pipe(
        operator,
        workerPool(() => NEVER, { concurrency: 1, capacity: 0 }),
      ),
    );
    for (let n = 0; n < 6; n++) items.next(n);
    const error = (await done.catch((e: unknown) => e)) as FlowError;
    expect(error).toMatchObject({ stage, cause: { message: 'torn' } });
    expect(error.report.failures).toMatchObject([{ stage }]);
  });

  test('of a source inside a stage is that of the item, once', async () => {
    const flow = fromIterable([1, 2]).pipe(
      workerPool((n) => (n === 1 ? fromIterable(torn()) : of(n)), { name: 'open', onError: 'skip' }),
    );
    const { failures } = await run(flow).done;
    expect(failures).toMatchObject([{ stage: 'open', index: 0 }]);
  });

  test('of something between stages names none', async () => {
    const error = await run(from(Promise.reject(new Error('elsewhere')))).done.catch((e: unknown) => e as FlowError);
    expect((error as FlowError).message).toBe('Flow "flow" failed: elsewhere');
    expect(error).not.toHaveProperty('stage');
  });

  test('X12 shows no secret of the item', async () => {
    const source = fromIterable([{ id: 7, card: 'visa hunter2', token: 'hunter3' }]);
    const flow = source.pipe(workerPool(() => Promise.reject(new Error('no'))));
    const error = await run(flow, { redact: ['card'] }).done.catch((e: unknown) => e as FlowError);
    expect((error as FlowError).message).toContain('item 0: { id: 7, card: ***, token: *** }');
    expect((error as FlowError).item).toEqual({ id: 7, card: 'visa hunter2', token: 'hunter3' });
    expect(inspect(error, { depth: 10 })).not.toMatch(/hunter[23]/);
  });

  test('is short where nobody catches it: the report does not bury what to look at', async () => {
    const flow = fromIterable([1]).pipe(workerPool(() => Promise.reject(new Error('no'))));
    const error = await run(flow).done.catch((e: unknown) => e as FlowError);
    expect((error as FlowError).report.ended).toBe('failed');
    expect(inspect(error)).not.toContain('lateErrors');
    expect(inspect(error)).toMatch(/stage: 'workerPool'[^]*index: 0[^]*\[cause\]: Error: no/);
  });

  test('also tells of falsy items and errors', async () => {
    const flow = fromIterable([undefined]).pipe(workerPool(() => Promise.reject(null)));
    const error = await run(flow).done.catch((e: unknown) => e as FlowError);
    expect(error).toMatchObject({ cause: null, index: 0 });
    expect(error).toHaveProperty('item', undefined);
  });

  test('is not made slower by a flow that never ends', async () => {
    const running = run(NEVER);
    running.abort();
    expect((await running.done).failures).toEqual([]);
  });
});
