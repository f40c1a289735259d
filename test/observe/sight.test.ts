import { EventEmitter } from 'node:events';
import { inspect } from 'node:util';
import {
  BehaviorSubject,
  catchError,
  defer,
  from,
  map,
  merge,
  NEVER,
  Observable,
  of,
  retry,
  Subject,
  throwError,
  type OperatorFunction,
} from 'rxjs';
import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  abortable,
  allOf,
  batch,
  buffered,
  channel,
  circuitBreaker,
  CircuitBreaker,
  conflate,
  type DeadLetterError,
  dedupe,
  demand,
  fanOut,
  type FlowError,
  forEach,
  fromEventEmitter,
  fromIterable,
  keyed,
  latestMap,
  lines,
  mergeSorted,
  operate,
  paginate,
  poll,
  run,
  shed,
  unfold,
  workerPool,
} from '../../src/index.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

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

const never = (): Observable<never> => NEVER;
const roomy = (items$: Observable<number>): Observable<number> => items$.pipe(buffered({ capacity: 9 }));
const no = () => Promise.reject(new Error('no'));

const failureOf = (flow: Observable<unknown>, options = {}): Promise<FlowError> =>
  run(flow, options).done.then(
    () => expect.unreachable(),
    (error: unknown) => error as FlowError,
  );

const failing = (fn: (n: { n: number }) => unknown, options = {}): Promise<FlowError> =>
  failureOf(fromIterable([{ n: 0 }, { n: 1 }, { n: 2 }]).pipe(workerPool(fn, { name: 'parse', ...options })), {
    name: 'import',
  });

describe('a FlowError', () => {
  test('names the stage, where it was made, and the item', async () => {
    const error = await failing(({ n }) => {
      if (n === 1) throw new Error('odd');
    });
    expect(error).toMatchObject({ stage: 'parse', item: { n: 1 }, index: 1, attempt: 1 });
    expect(error.madeAt).toMatch(/sight\.test\.ts:\d+:\d+$/);
    expect(error.message).toBe(`Flow "import" failed: odd (stage "parse", made at ${error.madeAt}, item 1: { n: 1 })`);
  });

  test.each(['completion', 'input'])(
    'of a dead letter that fails names the stage and the item: %s order',
    async (order) => {
      const error = await failing(({ n }) => n === 0 || Promise.reject(new Error('odd')), {
        onError: { deadLetter: () => Promise.reject(new Error('full')) },
        order,
      });
      expect(error).toMatchObject({ stage: 'parse', item: { n: 1 }, index: 1, attempt: 1 });
      expect(error.cause).toMatchObject({ name: 'DeadLetterError', item: { n: 1 }, itemError: { message: 'odd' } });
      expect(error.message).toContain('item 1: { n: 1 })');
      expect(error.report.failures.at(-1)).toMatchObject({ stage: 'parse', item: '{ n: 1 }', index: 1 });
    },
  );

  test('of a source names the source, even if an item was skipped with the same error: a reason to abort is one for all', async () => {
    const reason = new Error('too late');
    const source = fromIterable(
      (async function* () {
        yield 1;
        await Promise.resolve();
        throw reason;
      })(),
    );
    const error = await failureOf(source.pipe(workerPool(() => Promise.reject(reason), { onError: 'skip' })));
    expect([error.stage, error.index, error.cause]).toEqual(['fromIterable', undefined, reason]);
    expect(error.report.failures.map(({ stage }) => stage)).toEqual(['workerPool', 'fromIterable']);
  });

  test('of an operator that counts nothing names no item', async () => {
    const double = operate<number, number>(({ below }) => ({ name: 'double', gate: below, next: fail }));
    const error = await failureOf(fromIterable([5]).pipe(double));
    expect(error.message).toMatch(/[(]operator "double"[)]$/);
    expect([error.stage, error.index]).toEqual(['double', undefined]);
  });

  test('of an item that fails is in the report once', async () => {
    const { report } = await failing(fail);
    expect(report.failures).toMatchObject([{ stage: 'parse', index: 0 }]);
  });

  test('of an item that fails in a lane names the stage in that lane', async () => {
    const flow = fromIterable([1, 2]).pipe(
      fanOut(2, (items$, i) => items$.pipe(workerPool(fail, { name: `lane ${i}` }))),
    );
    const error = await failureOf(flow);
    expect(error).toMatchObject({ stage: 'lane 0', item: 1, index: 0 });
    expect(error.report.failures).toMatchObject([{ stage: 'lane 0' }]);
  });

  test('that a source fails with each time that it is tried is in the report as often', async () => {
    const same = new Error('torn');
    const { report } = await failureOf(unfold(0, () => Promise.reject(same)).pipe(retry(1)));
    expect(report.failures).toMatchObject([{ stage: 'unfold' }, { stage: 'unfold' }]);
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
    ['dedupe', () => dedupe<number>({ max: 9, key: (n) => n < 2 || fail() }), 2],
    ['dedupe', () => dedupe<number>({ max: 9, key: (n) => n % 4, onDrop: fail }), 4],
    ['batch', () => batch<number>({ size: 9, weigh: (n) => (n < 3 ? 1 : fail()), weight: 9 }), 3],
    ['shed', () => shed<number>({ when: { maxDepth: 1 }, onDrop: fail }), 2],
    ['conflate', () => conflate<number>({ merge: (a, b) => (b < 4 ? a : fail()) }), 4],
    ['keyed', () => keyed<number, number>((n) => n < 3 || fail(), never, { name: 'keyed' }), 3],
    ['fanOut', () => fanOut<number, number>(2, roomy, { route: { key: (n) => n < 3 || fail() } }), 3],
    ['latestMap', () => latestMap<number, number>(() => NEVER, { onDrop: fail }), undefined],
  ] as const)('of a function that %s is given names that stage, and is in the report once', async (stage, make, at) => {
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
    if (at !== undefined) expect(error).toMatchObject({ item: at, index: at, attempt: 1 });
  });

  test.each([
    ['', (n$: Observable<number>) => n$],
    [' above a stage', (n$: Observable<number>) => n$.pipe(workerPool((n) => n))],
  ])('of a source inside a stage%s is that of the item, once', async (_, through) => {
    const flow = fromIterable([1, 2]).pipe(
      workerPool((n) => through(n === 1 ? fromIterable(torn()) : of(n)), { name: 'open', onError: 'skip' }),
    );
    const { failures } = await run(flow).done;
    expect(failures).toMatchObject([{ stage: 'open', index: 0 }]);
  });

  test.each([
    ['once', 1],
    ['several times', 3],
  ])('that was caught and thrown as the cause of another, %s, names the stage and the item', async (_, times) => {
    let flow: Observable<unknown> = fromIterable(['a']).pipe(workerPool(fail, { name: 'parse' }));
    for (let i = 1; i <= times; i++)
      flow = flow.pipe(catchError((cause) => throwError(() => new Error(`wrapped ${i}`, { cause }))));
    const error = await failureOf(flow.pipe(workerPool((n) => n)));
    expect(error).toMatchObject({ stage: 'parse', item: 'a', index: 0, cause: { message: `wrapped ${times}` } });
    expect(error.message).toContain(`failed: wrapped ${times} (stage "parse", made at `);
    expect(error.report.failures).toMatchObject([{ stage: 'parse', error: 'torn', item: '"a"' }]);
  });

  test('that was replaced by another without a cause says where that came from', async () => {
    const caught = fromIterable([1]).pipe(
      workerPool(fail, { name: 'parse' }),
      catchError(() => throwError(() => new Error('replaced'))),
    );
    const error = await failureOf(caught.pipe(workerPool((n) => n, { name: 'store' })));
    expect(error.message).toBe('Flow "flow" failed: replaced (between "parse" and "store")');
    expect(error).not.toHaveProperty('stage');
  });

  test('whose causes go round in a ring, or cannot be looked at, is still one', async () => {
    const ring = new Error('ring');
    ring.cause = ring;
    const shy = Object.defineProperty(new Error('shy'), 'cause', { get: fail });
    for (const odd of [ring, shy]) {
      const flow = fromIterable([1]).pipe(
        workerPool(fail, { name: 'parse' }),
        catchError(() => throwError(() => odd)),
      );
      expect((await failureOf(flow)).cause).toBe(odd);
    }
  });

  const parse = map((text: string) => JSON.parse(text) as unknown);
  const store = workerPool((value: unknown) => value, { name: 'store' });

  test.each<[string, string, string, Observable<unknown>]>([
    [
      'a source and a stage',
      'between "fromIterable" and "store"',
      'above "store"',
      fromIterable(['1', '{']).pipe(
        parse,
        store,
        workerPool((n) => n, { name: 'send' }),
      ),
    ],
    [
      'several and a stage',
      'between "workerPool" or "workerPool 2" or "workerPool 3" or others and "store"',
      'above "store"',
      merge(...['1', '2', '3', '4{'].map((text) => fromIterable([text]).pipe(workerPool((n) => sleep(1, n))))).pipe(
        parse,
        store,
      ),
    ],
    ['nothing that is known and a stage', 'above "store"', 'above "store"', from(['{']).pipe(parse, store)],
    [
      'a stage and the end',
      'below "lines"',
      'above the end',
      from(['{']).pipe(
        workerPool((n) => n, { name: 'lines' }),
        parse,
      ),
    ],
  ])('of an operator of RxJS between %s says so', async (_, where, stage, flow) => {
    const error = await failureOf(flow);
    expect(error.message).toContain('JSON');
    expect(error.message.endsWith(` (${where})`)).toBe(true);
    expect(error.cause).toBeInstanceOf(SyntaxError);
    expect(error).not.toHaveProperty('stage');
    expect(error.report.failures).toMatchObject([{ stage, error: (error.cause as Error).message }]);
  });

  test('of a flow without stages names none', async () => {
    const error = await failureOf(from(Promise.reject(new Error('elsewhere'))));
    expect(error.message).toBe('Flow "flow" failed: elsewhere');
    expect(error).not.toHaveProperty('stage');
  });

  const card = 'visa hunter2';
  const secrets = () => fromIterable([{ id: 7, card, token: 'hunter3' }]);

  test.each<[string, string, Observable<unknown>]>([
    ['an item', 'item 0: { id: 7, card: ***, token: *** }', secrets().pipe(workerPool(no))],
    [
      'a dead letter',
      'item 0: { id: 7, card: ***, token: *** }',
      secrets().pipe(workerPool(no, { onError: { deadLetter: no } })),
    ],
    [
      'items out of order',
      'Source 0 of "mergeSorted" is not sorted: -7 came after 7',
      mergeSorted(
        [
          [
            { id: 7, card },
            { id: -7, card },
          ],
        ],
        { by: ({ id }) => id },
      ),
    ],
  ])('X12 of %s that fails shows no secret of it', async (_, shown, flow) => {
    const error = await failureOf(flow, { redact: ['card'] });
    expect(error.message).toContain(shown);
    expect(inspect(error, { depth: 10 })).not.toMatch(/hunter[23]/);
  });

  test('has the item as it is, for code that catches it', async () => {
    const error = await failureOf(secrets().pipe(workerPool(no, { onError: { deadLetter: no } })));
    const item = { id: 7, card, token: 'hunter3' };
    expect([error.item, (error.cause as DeadLetterError).item]).toEqual([item, item]);
  });

  test('says what the error says without what looks like a credential, and not all of it where that is long', async () => {
    const reason = `401 of https://me:hunter2@host/?api_key=hunter3\n${'x'.repeat(2_000)}`;
    const error = await failureOf(throwError(() => new Error(reason)));
    expect(error.message).toMatch(/^Flow "flow" failed: 401 of https:\/\/\*\*\*@host\/\?api_key=\*\*\* x+…$/);
    expect(error.message.length).toBeLessThan(1_100);
    expect((error.cause as Error).message).toBe(reason);
  });

  test('does not say where the stage was made in production', async () => {
    vi.resetModules();
    vi.stubEnv('NODE_ENV', 'production');
    const production = await import('../../src/index.ts');
    const flow = production.fromIterable([1]).pipe(production.workerPool(fail, { name: 'parse' }));
    const error = await production.run(flow).done.catch((e: unknown) => e as FlowError);
    expect((error as FlowError).message).toBe('Flow "flow" failed: torn (stage "parse", item 0: 1)');
    expect(error).not.toHaveProperty('madeAt');
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
