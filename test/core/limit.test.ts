import { BehaviorSubject, map, NEVER, of, Subject, throwError, timer, type Observable } from 'rxjs';
import { afterEach, describe, expect, expectTypeOf, test, vi } from 'vitest';
import { hooks } from '../../src/core/hooks.ts';
import { Limit, type LimitSample } from '../../src/core/limit.ts';
import type { StageOptions } from '../../src/core/options.ts';
import { keyed } from '../../src/operators/keyed.ts';
import { workerPool } from '../../src/operators/workerPool.ts';
import { forEach } from '../../src/sinks/forEach.ts';
import { fromIterable } from '../../src/sources/fromIterable.ts';
import { marbles } from '../../src/testing/marbles.ts';
import { ProbeSource } from '../../src/testing/ProbeSource.ts';
import { Probe } from './Probe.ts';
import { TestFlow } from './TestFlow.ts';
import { violations } from './violations.ts';

afterEach(() => {
  vi.restoreAllMocks();
  expect(violations.splice(0)).toEqual([]);
});

/** A limit to be moved by hand, which keeps what it is told. */
class Manual extends Limit {
  readonly samples: LimitSample[] = [];
  onEnded: (sample: LimitSample) => void = () => {};

  set(value: number): void {
    this.current = value;
  }

  override ended(sample: LimitSample): void {
    this.samples.push(sample);
    this.onEnded(sample);
  }
}

/** Work to be ended by hand. */
function manual() {
  const begun: number[] = [];
  const running = new Map<number, Subject<number>>();
  const fn = (n: number): Observable<number> => {
    begun.push(n);
    const work = new Subject<number>();
    running.set(n, work);
    return work;
  };
  const end = (n: number): void => {
    running.get(n)!.next(n);
    running.get(n)!.complete();
  };
  return { begun, fn, end, fail: (n: number, error: unknown) => running.get(n)!.error(error) };
}

/** Takes as many frames as its item says, and four is one that fails. */
const takesFrames = (frames: string): Observable<string> =>
  timer(Number(frames)).pipe(
    map(() => {
      if (frames === '4') throw new Error('four');
      return frames;
    }),
  );

const numbers = (count: number): Observable<number> => fromIterable(Array.from({ length: count }, (_, i) => i));
const ORDERS = ['completion', 'input'] as const;

describe('a stage with a limit', () => {
  test.each(ORDERS)('runs as many as it says, and follows it up and down at once, in %s order', (order) => {
    const limit = new Manual(2);
    const { begun, fn, end } = manual();
    numbers(10)
      .pipe(workerPool(fn, { concurrency: limit, order }))
      .subscribe();
    expect(begun).toEqual([0, 1]);
    limit.set(4);
    expect(begun).toEqual([0, 1, 2, 3]);
    limit.set(1);
    end(0);
    end(1);
    end(2);
    expect(begun).toHaveLength(4);
    end(3);
    expect(begun).toHaveLength(5);
    limit.set(0);
    end(4);
    expect(begun).toHaveLength(5);
    limit.set(Infinity);
    expect(begun).toHaveLength(10);
  });

  test('holds 3 times as much, without a capacity, and opens its gate again', () => {
    const limit = new Manual(1);
    const source = new ProbeSource([0, 1, 2, 3, 4, 5, 6, 7], false);
    source.items$.pipe(workerPool(() => NEVER, { concurrency: limit })).subscribe();
    expect(source.produced).toBe(3);
    limit.set(2);
    expect(source.produced).toBe(6);
  });

  test('begins with what the limit is when it is subscribed', () => {
    const limit = new Manual(1);
    const { begun, fn } = manual();
    const flow$ = numbers(10).pipe(workerPool(fn, { concurrency: limit }));
    limit.set(3);
    flow$.subscribe();
    expect(begun).toHaveLength(3);
  });

  test('tells it how long each item took, how many ran when it began, and whether it failed', () => {
    marbles(({ cold, expectObservable, flush }) => {
      const limit = new Manual(2);
      const stage = workerPool(takesFrames, { concurrency: limit, onError: 'skip' });
      expectObservable(cold('3-4-2|').pipe(stage)).toBe('---3--(2|)');
      flush();
      expect(limit.samples).toEqual([
        { duration: 3, running: 1, failed: false, error: undefined },
        { duration: 4, running: 2, failed: true, error: new Error('four') },
        { duration: 2, running: 2, failed: false, error: undefined },
      ]);
    });
  });

  test('a failure is told with its error, whatever the policy, and with the time until it, not that of its dead letter', async () => {
    const errors = [new Error('a'), undefined];
    for (const onError of ['skip', 'emit', 'stop'] as const) {
      const limit = new Manual(2);
      await new Promise<void>((resolve) => {
        throwError(() => errors[0])
          .pipe((failing$) =>
            of(1).pipe(workerPool(() => failing$, { concurrency: limit, onError: onError as 'skip' })),
          )
          .subscribe({ complete: resolve, error: () => resolve() });
      });
      expect(limit.samples).toMatchObject([{ running: 1, failed: true, error: errors[0] }]);
    }
    const limit = new Manual(1);
    let taken!: () => void;
    const deadLetter = (): Promise<void> => new Promise((resolve) => (taken = resolve));
    const stage = workerPool(() => Promise.reject(errors[1]), { concurrency: limit, onError: { deadLetter } });
    const ended = new Promise<void>((resolve) => void of(1).pipe(stage).subscribe({ complete: resolve }));
    await Promise.resolve();
    await new Promise((resolve) => void setImmediate(resolve));
    expect(limit.samples).toEqual([]);
    taken();
    await ended;
    expect(limit.samples).toMatchObject([{ failed: true, error: undefined }]);
  });

  test('what is cancelled is not told of', () => {
    const limit = new Manual(3);
    const { fn, fail } = manual();
    const flow = numbers(5).pipe(workerPool(fn, { concurrency: limit }));
    flow.subscribe().unsubscribe();
    expect(limit.samples).toEqual([]);
    const caught = vi.fn();
    flow.subscribe({ error: caught });
    fail(1, 'why');
    expect(caught).toHaveBeenCalledWith('why');
    expect(limit.samples).toMatchObject([{ failed: true, error: 'why' }]);
  });

  test.each(ORDERS)('what it changes while it is told takes effect once the item has left, in %s order', (order) => {
    const limit = new Manual(1);
    const log: string[] = [];
    limit.onEnded = () => limit.set(3);
    const works: Subject<string>[] = [];
    const flow = new TestFlow();
    const probe = new Probe<string>(flow);
    probe.onNext = (value) => log.push(`${value} leaves`);
    const stage = workerPool(
      (n: number) => {
        log.push(`${n} begins`);
        if (n > 0) return of(`${n}`);
        const work = new Subject<string>();
        works.push(work);
        return work;
      },
      { concurrency: limit, order },
    );
    probe.subscribe(numbers(3).pipe(stage));
    works[0]!.next('0');
    works[0]!.complete();
    expect(log).toEqual(['0 begins', '0 leaves', '1 begins', '1 leaves', '2 begins', '2 leaves']);
    expect(probe.ended).toBe('completed');
    flow.check();
  });

  test('a value that is the last is sent before what the limit lets begin', () => {
    const limit = new Manual(1);
    limit.onEnded = () => limit.set(2);
    const log: string[] = [];
    const waiting: ((value: number) => void)[] = [];
    const stage = workerPool(
      (n: number) => {
        log.push(`${n} begins`);
        return n === 0 ? 0 : new Promise<number>((resolve) => waiting.push(resolve));
      },
      { concurrency: limit },
    );
    numbers(3)
      .pipe(stage)
      .subscribe((n) => log.push(`${n} leaves`));
    expect(log).toEqual(['0 begins', '0 leaves', '1 begins', '2 begins']);
  });

  test('what it throws ends the stage, and the counters add up', () => {
    const failure = new Error('limit');
    for (const onError of ['stop', 'skip'] as const) {
      const limit = new Manual(2);
      limit.onEnded = () => {
        throw failure;
      };
      const { fn, end, fail } = manual();
      vi.spyOn(hooks, 'lateError').mockImplementation(() => {});
      const flow = new TestFlow();
      const probe = new Probe<number>(flow);
      probe.subscribe(numbers(5).pipe(workerPool(fn, { concurrency: limit, onError, name: 'stage' })));
      if (onError === 'stop') end(0);
      else fail(0, new Error('item'));
      expect([probe.ended, probe.error]).toEqual(['failed', failure]);
      flow.check();
      expect(flow.node('stage').held).toBe(0);
    }
  });

  test("what it throws of a failing item ends the stage; the item's own error is reported as late", () => {
    const limit = new Manual(1);
    const [failure, own] = [new Error('limit'), new Error('item')];
    limit.onEnded = () => {
      throw failure;
    };
    const flow = new TestFlow();
    const probe = new Probe<number>(flow);
    probe.subscribe(numbers(1).pipe(workerPool(() => throwError(() => own), { concurrency: limit, name: 'stage' })));
    expect(probe.error).toBe(failure);
    expect(flow.lateErrors).toEqual([{ error: own, stage: 'stage' }]);
  });

  test('a number that is none ends the stage with a RangeError', () => {
    const limit = new Manual(1);
    limit.onEnded = () => limit.set(NaN);
    const caught = vi.fn();
    numbers(2)
      .pipe(workerPool((n) => n, { concurrency: limit }))
      .subscribe({ error: caught });
    expect(caught).toHaveBeenCalledWith(
      expect.objectContaining({
        name: 'RangeError',
        code: 'ERR_OUT_OF_RANGE',
        option: 'current',
        message: 'Limit(): "current" must be an integer of 0 or more, or Infinity. Received NaN (number)',
      }),
    );
    expect(limit.current).toBe(1);
  });

  test('is let go of at the end, whichever it is', () => {
    const limit = new Manual(1);
    const flow = new TestFlow();
    const [completing, failing, unsubscribed] = [new Probe(flow), new Probe(flow), new Probe(flow)];
    const stage = (fn: (n: number) => Observable<number>) => numbers(2).pipe(workerPool(fn, { concurrency: limit }));
    completing.subscribe(stage((n) => of(n)));
    failing.subscribe(stage((n) => throwError(() => n)));
    unsubscribed.subscribe(stage(() => NEVER));
    unsubscribed.unsubscribe();
    limit.set(7);
    const stages = flow.nodes.filter(({ kind }) => kind === 'stage');
    expect(stages.map(({ telemetry }) => telemetry.concurrency)).toEqual([1, 1, 1]);
  });

  test('several stages learn together, and each follows', () => {
    const limit = new Manual(1);
    const [first, second] = [manual(), manual()];
    numbers(5)
      .pipe(workerPool(first.fn, { concurrency: limit }))
      .subscribe();
    numbers(5)
      .pipe(workerPool(second.fn, { concurrency: limit }))
      .subscribe();
    limit.set(2);
    expect([first.begun, second.begun]).toEqual([
      [0, 1],
      [0, 1],
    ]);
    first.end(0);
    second.end(1);
    expect(limit.samples.map(({ running }) => running)).toEqual([1, 2]);
  });

  test('one that is set by a stage that follows it does not disturb the others', () => {
    const limit = new Manual(1);
    const seen: number[] = [];
    numbers(3)
      .pipe(workerPool((n) => (n === 1 && limit.set(3), new Promise<number>(() => {})), { concurrency: limit }))
      .subscribe();
    numbers(5)
      .pipe(
        workerPool(
          (n) => {
            seen.push(n);
            return new Promise<number>(() => {});
          },
          { concurrency: limit },
        ),
      )
      .subscribe();
    limit.set(2);
    expect([limit.current, seen]).toEqual([3, [0, 1, 2]]);
  });

  test('the report times the work all the same', () => {
    const flow = new TestFlow();
    const probe = new Probe<number>(flow);
    probe.subscribe(numbers(3).pipe(workerPool((n) => n, { concurrency: new Manual(1), name: 'stage' })));
    const { work, concurrency } = flow.node('stage').telemetry;
    expect([work!.durations.count, concurrency]).toEqual([3, 1]);
  });

  test('forEach and keyed take one too', () => {
    const limit = new Manual(2);
    const [first, second] = [manual(), manual()];
    numbers(5)
      .pipe(forEach(first.fn, { concurrency: limit }))
      .subscribe();
    numbers(5)
      .pipe(keyed((n) => n, second.fn, { concurrency: limit }))
      .subscribe();
    expect([first.begun, second.begun]).toEqual([
      [0, 1],
      [0, 1],
    ]);
    first.end(0);
    second.end(1);
    expect(limit.samples).toMatchObject([{ running: 1 }, { running: 2 }]);
  });

  test('100,000 items whose every end changes it leave the stack flat', () => {
    const limit = new Manual(2);
    limit.onEnded = () => limit.set(limit.current === 2 ? 3 : 2);
    limit.samples.push = () => 0;
    let count = 0;
    numbers(100_000)
      .pipe(workerPool((n) => n, { concurrency: limit }))
      .subscribe(() => count++);
    expect(count).toBe(100_000);
  });
});

describe('a concurrency that is none', () => {
  test.each([[{ current: 2, ended: () => {} }], [{}], [null], [[2]], [Limit], ['2']])(
    'is refused at the call: %o',
    (bad) => {
      const error = { name: 'TypeError', code: /^ERR_INVALID_ARG/, option: 'concurrency', received: bad };
      const call = () => workerPool((n: number) => n, { concurrency: bad as never });
      expect(call).toThrow(expect.objectContaining({ ...error, code: expect.stringMatching(error.code) }));
    },
  );

  test('the exact words of one that is no Limit', () => {
    expect(() => keyed(Number, Number, { concurrency: { current: 2 } as never })).toThrow(
      'keyed(): "concurrency" must be a number, an Observable of numbers, or a Limit. Received [Object] (Object)',
    );
  });

  test.each([-1, 1.5, NaN, '2', null, {}])('a limit of %o is refused when it is made', (initial) => {
    expect(() => new Manual(initial as number)).toThrow(
      /^Limit\(\): "initial" must be an integer of 0 or more, or Inf/,
    );
  });
});

describe('the types of a limit', () => {
  test('it is one of three ways to say a concurrency', () => {
    expectTypeOf<StageOptions<number>['concurrency']>().toEqualTypeOf<
      number | Observable<number> | Limit | undefined
    >();
    const limit: Limit = new Manual(1);
    expectTypeOf(limit.current).toEqualTypeOf<number>();
    workerPool((n: number) => n, { concurrency: limit });
    workerPool((n: number) => n, { concurrency: new BehaviorSubject(1) });
    expectTypeOf(() => {
      // @ts-expect-error -- only the limit itself sets it
      limit.current = 2;
      // @ts-expect-error -- no limit
      workerPool((n: number) => n, { concurrency: { current: 2 } });
    }).toBeFunction();
  });
});
