import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  EMPTY,
  NEVER,
  Subject,
  Observable,
  concat,
  defer,
  delay,
  finalize,
  from,
  interval,
  merge,
  mergeMap,
  of,
  repeat,
  take,
  tap,
  throwError,
} from 'rxjs';
import { afterEach, beforeEach, describe, expect, expectTypeOf, it, vi } from 'vitest';
import {
  FlowError,
  buffered,
  demand,
  forEach,
  fromIterable,
  hooks,
  run,
  workerPool,
  type Report,
  type StageReport,
} from 'sluice';

function* naturals() {
  for (let n = 0; ; n++) yield n;
}

const torn = (): never => {
  throw new Error('torn');
};

/** Everything that came in is accounted for. */
function expectConserved(stages: readonly StageReport[]) {
  for (const stage of stages.filter(({ kind }) => kind === 'stage')) {
    const { completed, failed, dropped, merged, deadLettered, abandoned, held } = stage;
    expect(completed + failed + dropped + merged + deadLettered + abandoned + held, stage.name).toBe(stage.in);
  }
}

describe('run', () => {
  it('reports every stage of a flow that completes, from the source down', async () => {
    const flow = fromIterable([1, 2, 3]).pipe(
      workerPool(async (n) => n * 2, { name: 'double' }),
      buffered({ capacity: 2 }),
      workerPool((n) => n, { name: 'same' }),
    );
    const report = await run(flow, { name: 'numbers' }).done;
    expect(report).toMatchObject({ name: 'numbers', ended: 'completed', results: 3, abandoned: 0, lateErrors: 0 });
    expect(report.stages.map(({ name, kind, in: items, out }) => [name, kind, items, out])).toEqual([
      ['fromIterable', 'source', 0, 3],
      ['double', 'stage', 3, 3],
      ['buffered', 'stage', 3, 3],
      ['same', 'stage', 3, 3],
    ]);
    expectConserved(report.stages);
    expectTypeOf(report).toEqualTypeOf<Report>();
  });

  it('subscribes nothing that it was told to end before', async () => {
    const subscribed = vi.fn();
    const report = await run(defer(subscribed), { quitOn: of('now') }).done;
    expect(report.ended).toBe('quit');
    expect(subscribed).not.toHaveBeenCalled();
  });

  it('numbers stages of one name, from the source down', async () => {
    const flow = fromIterable([1]).pipe(
      workerPool((n) => n, { name: 'a' }),
      workerPool((n) => n, { name: 'a' }),
    );
    expect((await run(flow).done).stages.map(({ name }) => name)).toEqual(['fromIterable', 'a', 'a 2']);
  });

  it('sums up what one operator does in several subscriptions', async () => {
    const inner = fromIterable([1, 2]).pipe(workerPool((n) => n, { name: 'inner' }));
    const { stages } = await run(of(0, 0, 0).pipe(mergeMap(() => inner))).done;
    expect(stages.map(({ name, in: items, out }) => [name, items, out])).toEqual([
      ['fromIterable', 0, 6],
      ['inner', 6, 6],
    ]);
  });

  it('bounds the report of a flow that makes operators without end', async () => {
    const flow = from(Array.from({ length: 2000 }, (_, i) => i)).pipe(
      mergeMap((n) => of(n).pipe(workerPool((m) => m, { name: 'made again' }))),
    );
    const { stages } = await run(flow).done;
    expect(stages.length).toBeLessThanOrEqual(1001);
    expect(stages.reduce((sum, stage) => sum + stage.in, 0)).toBe(2000);
  });

  it('adds the times of a stage up to the time that the flow took', async () => {
    const flow = fromIterable([1, 2, 3, 4]).pipe(
      workerPool((n) => sleep(5, n), { concurrency: 2, name: 'fast' }),
      workerPool((n) => sleep(30, n), { name: 'slow', capacity: 0 }),
    );
    const { elapsed, stages, bottleneck } = await run(flow).done;
    for (const { busy, idle, heldBack } of stages) {
      expect(busy + idle + heldBack).toBeGreaterThan(elapsed * 0.8);
      expect(busy + idle + heldBack).toBeLessThanOrEqual(elapsed + 1e-6); // a sum of floats
    }
    expect(bottleneck?.name).toBe('slow');
  });

  it('R-33: rejects with whatever was thrown for its cause', async () => {
    const thrown: unknown = Object.create(null);
    const failure = await run(throwError(() => thrown)).done.catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(FlowError);
    expect((failure as FlowError).cause).toBe(thrown);
  });

  it('rejects with a FlowError that carries the error itself and the report', async () => {
    const error = new Error('no');
    const { done } = run(fromIterable(naturals).pipe(workerPool(async () => Promise.reject(error))), { name: 'bad' });
    const failure = await done.catch((e: unknown) => e);
    expect(failure).toBeInstanceOf(FlowError);
    expect(failure).toMatchObject({
      message: expect.stringMatching(
        /^Flow "bad" failed: no \(stage "workerPool", made at \S+run\.test\.ts:\d+:\d+, item 0: 0\)$/,
      ),
      code: 'ERR_FLOW_FAILED',
      report: { ended: 'failed' },
    });
    expect((failure as FlowError).cause).toBe(error);
    expectConserved((failure as FlowError).report.stages);
  });

  it('aborts: cancels, and counts what was lost', async () => {
    const signals: AbortSignal[] = [];
    const started = run(
      fromIterable(naturals).pipe(
        workerPool((_, { signal }) => (signals.push(signal), new Promise(() => {})), { concurrency: 3, capacity: 2 }),
      ),
    );
    const reason = new Error('enough');
    // On a busy machine its turn of the event loop may be over before it has them all.
    await vi.waitFor(() => expect(started.stats().stages[1]!.held).toBe(5));
    started.abort(reason);
    const report = await started.done;
    expect(report).toMatchObject({ ended: 'aborted', reason, abandoned: 5 });
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true, true]);
    expectConserved(report.stages);
  });

  it('aborts when its deadline passes', async () => {
    const report = await run(NEVER, { deadline: 20 }).done;
    expect(report.ended).toBe('aborted');
    expect(String(report.reason)).toContain('deadline of 20 ms');
  });

  it('R-44 aborts on an AbortSignal, starts nothing if it has aborted already, and leaves no listener on it', async () => {
    const controller = new AbortController();
    const started = run(NEVER, { signal: controller.signal });
    controller.abort('why');
    expect(await started.done).toMatchObject({ ended: 'aborted', reason: 'why' });

    let subscribed = false;
    const flow = EMPTY.pipe(tap({ subscribe: () => (subscribed = true) }));
    expect(await run(flow, { signal: controller.signal }).done).toMatchObject({ ended: 'aborted', reason: 'why' });
    expect(subscribed).toBe(false);
  });

  it('R-62 adds no signal listener unless asked, and removes those that it added', async () => {
    const before = process.listenerCount('SIGINT');
    const plain = run(NEVER);
    expect(process.listenerCount('SIGINT')).toBe(before);
    const listening = run(NEVER, { quitOn: ['SIGINT'] });
    expect(process.listenerCount('SIGINT')).toBe(before + 1);
    plain.abort();
    listening.abort();
    await Promise.all([plain.done, listening.done]);
    expect(process.listenerCount('SIGINT')).toBe(before);
  });

  it('fails a strict flow at the first overrun', async () => {
    const subject = new Subject<number>();
    const { done } = run(subject.pipe(workerPool(() => NEVER, { name: 'tight', capacity: 0 })), { strict: true });
    subject.next(1);
    subject.next(2);
    await expect(done).rejects.toMatchObject({ cause: { code: 'ERR_OVERFLOW', stage: 'tight' } });
  });

  it('does not take an operator that makes many items of one for an overrun', async () => {
    const flow = fromIterable([1, 2, 3]).pipe(
      mergeMap((n) => [n, n, n, n]),
      workerPool(async (n) => n, { capacity: 0 }),
    );
    expect((await run(flow, { strict: true }).done).results).toBe(12);
  });

  it('waits for what is being released: an async generator that cleans up', async () => {
    let cleaned = false;
    async function* source() {
      try {
        for (let n = 0; ; n++) yield n;
      } finally {
        await sleep(30);
        cleaned = true;
      }
    }
    await run(fromIterable(source).pipe(take(3))).done;
    expect(cleaned).toBe(true);
  });

  it('gives the counters while it runs', async () => {
    const started = run(
      fromIterable(naturals).pipe(workerPool(() => NEVER, { concurrency: 2, capacity: 1, name: 'stuck' })),
    );
    // On a busy machine the source may have been given a turn of the event loop in between.
    await vi.waitFor(() =>
      expect(started.stats().stages.at(-1)).toMatchObject({ name: 'stuck', in: 3, held: 3, peak: 3, out: 0 }),
    );
    const seen: number[] = [];
    started.stats$.pipe(take(1)).subscribe(({ results }) => seen.push(results));
    await sleep(1100);
    started.abort();
    await started.done;
    expect(seen).toEqual([0]);
  });

  it('subscribes stats$ of an ended flow to its end', async () => {
    const started = run(EMPTY);
    await started.done;
    let completed = false;
    started.stats$.subscribe({ complete: () => (completed = true) });
    expect(completed).toBe(true);
  });
});

async function* slowly() {
  for (let n = 0; ; n++) {
    await sleep(20);
    yield n;
  }
}

async function* hesitantly() {
  yield 1;
  await sleep(500);
  yield 2;
}

const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;

/** Runs a flow for a moment and shuts it down. */
const quit = async (flow: Parameters<typeof run>[0], grace = 2000) => {
  const started = run(flow, { grace });
  await sleep(30);
  return started.shutdown();
};

describe('a flow that is shut down', () => {
  it('stops its sources and finishes what is in flight', async () => {
    let made = 0;
    const source = fromIterable(function* () {
      for (;;) yield made++;
    });
    const report = await quit(
      source.pipe(
        workerPool((n) => sleep(20, n), { concurrency: 3 }),
        buffered({ capacity: 2 }),
      ),
    );
    expect(report).toMatchObject({ ended: 'quit', results: made, abandoned: 0 });
    expectConserved(report.stages);
  });

  it('delivers a value that an async source has on its way', async () => {
    let sent = 0;
    const report = await quit(
      fromIterable(slowly).pipe(
        tap(() => sent++),
        workerPool((n) => sleep(30, n)),
      ),
    );
    expect(report).toMatchObject({ ended: 'quit', abandoned: 0, results: sent });
  });

  it('R-90 does not wait long for an async source whose next value does not come', async () => {
    const report = await quit(fromIterable(hesitantly));
    expect(report).toMatchObject({ ended: 'quit', results: 1 });
  });

  it('is cut off from a source that cannot be told to stop', async () => {
    const report = await quit(interval(1).pipe(workerPool((n) => sleep(10, n), { concurrency: 50 })));
    expect(report).toMatchObject({ ended: 'quit', abandoned: 0 });
    expect(report.results).toBeGreaterThan(0);
  });

  it('ends without any stage in it', async () => {
    expect(await quit(interval(1))).toMatchObject({ ended: 'quit' });
  });

  it('ends sources that are subscribed while it quits, without a value', async () => {
    const first = fromIterable(naturals);
    let later = 0;
    const second = fromIterable(function* () {
      later++;
      yield 1;
    });
    expect(await quit(concat(first.pipe(workerPool((n) => sleep(5, n))), second))).toMatchObject({ ended: 'quit' });
    expect(later).toBe(0);
  });

  it('ends a source that is repeated for ever', async () => {
    const source = fromIterable(() => [1, 2]).pipe(
      repeat(),
      workerPool((n) => sleep(1, n)),
    );
    expect(await quit(source)).toMatchObject({ ended: 'quit', abandoned: 0 });
  });

  it('lets an operator that holds items itself send them', async () => {
    let made = 0;
    async function* source() {
      for (;;) {
        await sleep(5);
        yield made++;
      }
    }
    const report = await quit(
      fromIterable(source).pipe(
        delay(100),
        workerPool((n) => n),
      ),
    );
    expect(report).toMatchObject({ ended: 'quit', results: made, abandoned: 0 });
    expect(made).toBeGreaterThan(0);
  });

  it('lets it send them also when its source has ended already', async () => {
    const arrived: number[] = [];
    const report = await quit(
      fromIterable([1, 2, 3]).pipe(
        delay(100),
        forEach((n) => void arrived.push(n)),
      ),
    );
    expect(report).toMatchObject({ ended: 'quit', abandoned: 0 });
    expect(arrived).toEqual([1, 2, 3]);
  });

  it('R-42 leaves no timer when it ends at once', async () => {
    const before = timers();
    const report = await run(new Subject()).shutdown();
    expect([report.ended, timers()]).toEqual(['quit', before]);
  });

  it('is aborted when its grace is over', async () => {
    const report = await quit(fromIterable(naturals).pipe(workerPool(() => NEVER)), 50);
    expect(report).toMatchObject({ ended: 'aborted', abandoned: 3 });
    expect(String(report.reason)).toContain('grace of 50 ms');
  });

  it('quits at the first value of an Observable', async () => {
    const quitOn = new Subject<void>();
    const started = run(fromIterable(naturals).pipe(workerPool((n) => sleep(5, n))), { quitOn });
    quitOn.next();
    expect(await started.done).toMatchObject({ ended: 'quit', abandoned: 0 });
    expect(quitOn.observed).toBe(false);
  });

  it('fails if something fails on the way', async () => {
    const started = run(
      concat(
        fromIterable(naturals).pipe(workerPool((n) => sleep(5, n))),
        throwError(() => new Error('late')),
      ),
    );
    await expect(started.shutdown()).rejects.toThrow('late');
  });
});

describe('what throws while a flow ends', () => {
  const late: string[] = [];
  const { lateError } = hooks;
  beforeEach(() => {
    late.length = 0;
    hooks.lateError = (error) => void late.push(String(error));
  });
  afterEach(() => {
    hooks.lateError = lateError;
  });

  it('R-35 is reported, and the flow has ended: a finalizer', async () => {
    const items = new Subject<number>();
    const started = run(items.pipe(finalize(torn)));
    items.complete();
    expect(await started.done).toMatchObject({ ended: 'completed', lateErrors: 1 });
    expect(late.join()).toContain('torn');
  });

  it('R-35 is reported where the flow is aborted, shut down, or over its deadline', async () => {
    const flow = NEVER.pipe(finalize(torn));
    const aborted = run(flow);
    aborted.abort();
    expect((await aborted.done).ended).toBe('aborted');
    expect((await run(flow).shutdown()).ended).toBe('quit');
    expect((await run(flow, { deadline: 5 }).done).ended).toBe('aborted');
    expect(late).toHaveLength(3);
  });

  it('R-35 is reported where the source has ended before its teardown is known', async () => {
    const source = new Observable((out) => {
      out.complete();
      return torn;
    });
    expect((await run(source).done).ended).toBe('completed');
    expect(late.join()).toContain('torn');
  });

  it('keeps no other source from its end', async () => {
    const bad = new Observable<number>((out) => void demand(out, { name: 'bad', quit: torn }, () => {}));
    const good = fromIterable(naturals);
    const started = run(merge(bad, good).pipe(workerPool((n) => sleep(1, n))), { grace: 100 });
    await sleep(10);
    const report = await started.shutdown();
    expect(report.ended).toBe('aborted'); // the bad one never ended
    expect(report.stages.find(({ name }) => name === 'workerPool')).toMatchObject({ abandoned: 0 });
    expect(late.join()).toContain('torn');
  });

  it('keeps nobody from hearing of the end', async () => {
    const started = run(fromIterable([1]).pipe(workerPool((n) => sleep(5, n))), { quitOn: NEVER.pipe(finalize(torn)) });
    const completed = vi.fn();
    started.stats$.pipe(finalize(torn)).subscribe();
    started.stats$.subscribe({ complete: completed });
    expect((await started.done).ended).toBe('completed');
    expect(completed).toHaveBeenCalledOnce();
    expect(late).toHaveLength(2);
  });
});

describe('stats$', () => {
  it('R-42 keeps nobody who has left', async () => {
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc') as () => void;
    const started = run(NEVER);
    const left = (): WeakRef<object> => {
      const subscription = started.stats$.subscribe();
      subscription.unsubscribe();
      return new WeakRef(subscription);
    };
    const refs = Array.from({ length: 10 }, left);
    await vi.waitFor(() => {
      collectGarbage();
      expect(refs.filter((ref) => ref.deref() !== undefined).length).toBe(0);
    });
    started.abort();
    await started.done;
  });
});

describe('bad arguments of run', () => {
  const rows: [string, Record<string, unknown>, string, unknown][] = [
    ['name', { name: '' }, 'ERR_INVALID_ARG_VALUE', ''],
    ['name', { name: 'a\nb' }, 'ERR_INVALID_ARG_VALUE', 'a\nb'],
    ['name', { name: 5 }, 'ERR_INVALID_ARG_TYPE', 5],
    ['quitOn', { quitOn: ['SIGKILL'] }, 'ERR_INVALID_ARG_TYPE', undefined],
    ['quitOn', { quitOn: 'SIGINT' }, 'ERR_INVALID_ARG_VALUE', 'SIGINT'],
    ['grace', { grace: -1 }, 'ERR_OUT_OF_RANGE', -1],
    ['grace', { grace: Infinity }, 'ERR_OUT_OF_RANGE', Infinity],
    ['grace', { grace: '1s' }, 'ERR_INVALID_ARG_TYPE', '1s'],
    ['signal', { signal: {} }, 'ERR_INVALID_ARG_TYPE', undefined],
    ['deadline', { deadline: 2 ** 31 }, 'ERR_OUT_OF_RANGE', 2 ** 31],
    ['deadline', { deadline: NaN }, 'ERR_OUT_OF_RANGE', NaN],
    ['strict', { strict: 1 }, 'ERR_INVALID_ARG_TYPE', 1],
  ];
  it.each(rows)('names %s %j', (option, options, code, received) => {
    const call = (): unknown => run(EMPTY, options);
    expect(call).toThrow(`run(): "${option}" must be`);
    try {
      call();
    } catch (error) {
      expect(error).toMatchObject(received === undefined ? { code, option } : { code, option, received });
    }
  });

  it('refuses what is not an Observable, and options that do not exist', () => {
    expect(() => run([1] as never)).toThrow('run(): "flow" must be an Observable. Received [array of 1] (Array)');
    expect(() => run(EMPTY, { quiton: 1 } as never)).toThrow('Did you mean "quitOn"?');
    expect(() => run(EMPTY, null as never)).toThrow('run(): "options" must be an object. Received null (null)');
  });
});
