import {
  EMPTY,
  NEVER,
  Observable,
  Subject,
  concat,
  finalize,
  ignoreElements,
  map,
  merge,
  mergeMap,
  of,
  retry,
  share,
  take,
  tap,
  throwError,
  timer,
  type OperatorFunction,
  type UnsubscriptionError,
} from 'rxjs';
import { afterEach, describe, expect, expectTypeOf, test, vi } from 'vitest';
import { OverflowError } from '../../src/core/errors.ts';
import { hooks } from '../../src/core/hooks.ts';
import type { Result } from '../../src/core/options.ts';
import { run } from '../../src/observe/run.ts';
import { buffered } from '../../src/operators/buffered.ts';
import { splitResults, type Failure } from '../../src/operators/splitResults.ts';
import { workerPool } from '../../src/operators/workerPool.ts';
import { fromIterable } from '../../src/sources/fromIterable.ts';
import { Probe } from '../core/Probe.ts';
import { TestFlow } from '../core/TestFlow.ts';
import { marbles } from '../../src/testing/marbles.ts';
import { badFunctions, table, thrownBy } from './badOptions.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

type R = Result<string, string>;
const ok = (value: string): R => ({ ok: true, value });
const torn = new Error('teardown');
const throws = (): never => {
  throw torn;
};
/** What was reported late of teardowns, and by which stage. */
const told = ({ lateErrors }: TestFlow): unknown[] =>
  lateErrors.map(({ error, stage }) => [(error as UnsubscriptionError).errors, stage]);
const bad = (item: string): R => ({ ok: false, error: `no ${item}`, item });

/** Small letters are values; e, f and g are failures of E, F and G. */
const results: Record<string, R> = {
  a: ok('a'),
  b: ok('b'),
  c: ok('c'),
  e: bad('E'),
  f: bad('F'),
  g: bad('G'),
};
const resultsOf = (letters: string): R[] => [...letters].map((letter) => results[letter]!);

const same = <T>(way$: Observable<T>): Observable<T> => way$;
const items = (failures$: Observable<Failure<string>>): Observable<string> => failures$.pipe(map(({ item }) => item));

/** The failed items, each a frame late. */
const itemsLater = (failures$: Observable<Failure<string>>): Observable<string> =>
  failures$.pipe(mergeMap(({ item }) => timer(1).pipe(map(() => item))));
/** A way that fails one frame after the first that it is sent. */
const failing = <T>(way$: Observable<T>): Observable<never> =>
  way$.pipe(mergeMap(() => timer(1).pipe(mergeMap(() => throwError(() => 'error')))));
const pool = <T>(): OperatorFunction<T, T> => workerPool((value: T) => of(value), { capacity: 0 });

describe('splitResults', () => {
  test('does what the diagram in its comment says', () => {
    marbles(({ cold, expectObservable }) => {
      const source = '  a-e-b-|';
      const values = '  a---b-|';
      const failed = '  --e---|';
      const expected = 'a-f-b-|';
      const result = cold(source, results).pipe(
        splitResults(
          (values$) => values$,
          (failures$) => failures$.pipe(map(() => 'f')),
        ),
      );
      expectObservable(result).toBe(expected);

      const shown = (way: 'values' | 'failures') =>
        new Observable<string>((subscriber) => {
          const tapped = tap<string>(subscriber);
          return cold(source, results)
            .pipe(
              splitResults(
                (values$) => (way === 'values' ? values$.pipe(tapped) : values$),
                (failures$) =>
                  way === 'failures'
                    ? failures$.pipe(
                        map(() => 'e'),
                        tapped,
                      )
                    : items(failures$),
              ),
            )
            .subscribe();
        });
      expectObservable(shown('values')).toBe(values);
      expectObservable(shown('failures')).toBe(failed);
    });
  });

  test('many: merges what comes out of both ways as it comes', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('a-e-b-f-|    ', results);
      const subs = '       ^-------!    ';
      const expected = '   a--Eb--F|    ';
      expectObservable(source.pipe(splitResults(same, itemsLater))).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('R-03, R-04: an empty source completes both ways, one that says nothing neither', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      expectObservable(cold('--|', results).pipe(splitResults(same, items))).toBe('--|');
      const never = cold(' -', results);
      const unsub = '      ---!';
      const subs = '       ^--!';
      expectObservable(never.pipe(splitResults(same, items)), unsub).toBe('-');
      expectSubscriptions(never.subscriptions).toBe(subs);
    });
  });

  test('G6: an error of the source ends it at once, and unsubscribes both ways', () => {
    marbles(({ cold, expectObservable }) => {
      const ended: string[] = [];
      const source = cold('a-e-#', results);
      const expected = '   a---#';
      const result = source.pipe(
        splitResults(
          (values$) => values$.pipe(finalize(() => ended.push('values'))),
          (failures$) =>
            failures$.pipe(
              ignoreElements(),
              finalize(() => ended.push('failures')),
            ),
        ),
        finalize(() => expect(ended.toSorted()).toEqual(['failures', 'values'])),
      );
      expectObservable(result).toBe(expected);
    });
  });

  test.each(['values', 'failures'] as const)(
    'an error in the %s way ends it, the other way and the source',
    (which) => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold('a-e---b-|', results);
        const other = cold(' ---------');
        const subs = { values: '^!', failures: '^--!' };
        const expected = { values: '-#', failures: 'a--#' };
        const result = source.pipe(
          which === 'values'
            ? splitResults(failing, (failures$) => merge(items(failures$), other))
            : splitResults((values$) => merge(values$, other), failing),
        );
        expectObservable(result).toBe(expected[which]);
        expectSubscriptions(source.subscriptions).toBe(subs[which]);
        expectSubscriptions(other.subscriptions).toBe(subs[which]);
      });
    },
  );

  test('an early unsubscribe ends both ways and the source', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('a-e-b-|', results);
      const [left, right] = [cold('-'), cold('-')];
      const unsub = '      ---!   ';
      const subs = '       ^--!   ';
      const expected = '   a-E-   ';
      const result = source.pipe(
        splitResults(
          (values$) => merge(values$, left),
          (failures$) => merge(items(failures$), right),
        ),
      );
      expectObservable(result, unsub).toBe(expected);
      for (const { subscriptions } of [source, left, right]) expectSubscriptions(subscriptions).toBe(subs);
    });
  });

  test('R-23: a synchronous source stops with take', () => {
    let made = 0;
    const seen: unknown[] = [];
    const source = fromIterable(function* () {
      for (;;) yield results['abe'[made++ % 3]!]!;
    });
    source.pipe(splitResults(same, items), take(4)).subscribe((value) => seen.push(value));
    expect([seen, made]).toEqual([['a', 'b', 'E', 'a'], 4]);
  });

  test('R-01, R-05: the ways are made once a subscription, and not before', () => {
    const values = vi.fn(same<string>);
    const failures = vi.fn(items);
    const source = new Subject<R>();
    const result = source.pipe(splitResults(values, failures));
    expect([values.mock.calls.length, failures.mock.calls.length]).toEqual([0, 0]);
    const [first, second] = [new Probe<string>().subscribe(result), new Probe<string>().subscribe(result)];
    expect([values.mock.calls.length, failures.mock.calls.length]).toEqual([2, 2]);
    source.next(ok('a'));
    first.unsubscribe();
    source.next(bad('E'));
    expect([first.values, second.values]).toEqual([['a'], ['a', 'E']]);
  });

  test('R-06: false values and false errors go their way', () => {
    const odd = [undefined, null, 0, '', NaN, false];
    const source: Result<unknown>[] = odd.flatMap((value): Result<unknown>[] => [
      { ok: true, value },
      { ok: false, error: value, item: value },
    ]);
    const probe = new Probe<unknown>().subscribe(
      fromIterable(source).pipe(splitResults(same, (failures$) => failures$.pipe(map(({ error }) => error)))),
    );
    expect(probe.values).toEqual(odd.flatMap((value) => [value, value]));
  });

  test('R-20: what a way sends back into the source goes its way after what is there', () => {
    const source = new Subject<R>();
    const log: string[] = [];
    const back = tap((value: string) => {
      log.push(`${value} begins`);
      if (value === 'a') source.next(bad('E'));
      log.push(`${value} ends`);
    });
    const probe = new Probe<string>().subscribe(
      source.pipe(
        splitResults(
          (values$) => values$.pipe(back),
          (failures$) => items(failures$).pipe(back),
        ),
      ),
    );
    source.next(ok('a'));
    expect([probe.values, log]).toEqual([
      ['a', 'E'],
      ['a begins', 'a ends', 'E begins', 'E ends'],
    ]);
  });
});

describe('a way that is held back', () => {
  test('G1: holds one result, and the source', () => {
    let made = 0;
    const probe = new Probe<string>();
    probe.close();
    const source = fromIterable(function* () {
      for (;;) yield results['ae'[made++ % 2]!]!;
    });
    probe.subscribe(source.pipe(splitResults(same, items)));
    expect(made).toBe(1);
    probe.allow(3);
    expect([probe.values, made]).toEqual([['a', 'E', 'a'], 4]);
    probe.unsubscribe();
  });

  test.each([
    ['values', 'aaa', 'eae'],
    ['failures', 'eee', 'aea'],
  ])('the %s way alone: the other goes on until a result comes that has to wait', (which, first, then) => {
    const work: Subject<string>[] = [];
    const slow = <T>(name: string): OperatorFunction<T, string> =>
      workerPool(
        () => {
          const subject = new Subject<string>();
          work.push(subject);
          return subject;
        },
        { capacity: 0, name },
      );
    let made = 0;
    const source = fromIterable(function* () {
      for (const result of resultsOf(`${then}${first}`)) {
        made++;
        yield result;
      }
    });
    const probe = new Probe<string>().subscribe(
      source.pipe(
        which === 'values'
          ? splitResults((values$) => values$.pipe(slow('store')), items)
          : splitResults(same, (failures$) => failures$.pipe(slow('write'))),
      ),
    );
    const quick = which === 'values' ? 'E' : 'a';
    // The second of the slow way waits in the stage.
    expect([probe.values, made, work.length]).toEqual([[quick, quick], 4, 1]);
    work[0]!.complete();
    expect([made, work.length]).toEqual([5, 2]);
    for (let i = 1; i < 4; i++) work[i]?.complete();
    expect([made, work.length, probe.ended]).toEqual([6, 4, 'completed']);
  });

  test('in marbles: the gate below both reaches through', () => {
    marbles(({ cold, gated, expectObservable }) => {
      const demand = gated<string>('--x---o--x--o  ');
      const source = cold('         ae--b------f-|', results);
      const expected = '            aE----b-----F|';
      expectObservable(source.pipe(splitResults(same, items), demand)).toBe(expected);
    });
  });

  test('completes when what it holds has left and both ways have completed', () => {
    marbles(({ cold, gated, expectObservable }) => {
      const demand = gated<string>('x----o   ');
      const source = cold('         a|       ', results);
      const expected = '            -----(a|)';
      expectObservable(source.pipe(splitResults(same, items), demand)).toBe(expected);
    });
  });

  test('R-07: waits for work in a way after the source has completed', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('a|      ', results);
      const expected = '   -----(a|)';
      const slow = workerPool((value: string) => timer(5).pipe(map(() => value)));
      expectObservable(source.pipe(splitResults((values$) => values$.pipe(slow), items))).toBe(expected);
    });
  });

  test('G7: a source that cannot be paused is warned about, and loses nothing', () => {
    const warnings: string[] = [];
    vi.spyOn(hooks, 'warn').mockImplementation((message) => void warnings.push(message));
    const source = new Subject<R>();
    const probe = new Probe<string>();
    probe.close();
    probe.subscribe(source.pipe(splitResults(same, items)));
    for (const result of resultsOf('aebf')) source.next(result);
    probe.open();
    expect(probe.values).toEqual(['a', 'E', 'b', 'F']);
    expect(warnings).toEqual([
      expect.stringContaining('Stage "splitResults" is sent more than the 1 items it may hold.'),
    ]);
  });

  test('G7: in a strict run it fails', () => {
    const flow = new TestFlow();
    flow.strict = true;
    const source = new Subject<R>();
    const probe = new Probe<string>(flow);
    probe.close();
    probe.subscribe(source.pipe(splitResults(same, items)));
    for (const result of resultsOf('aeb')) source.next(result);
    expect(probe.error).toBeInstanceOf(OverflowError);
    expect(source.observed).toBe(false);
    flow.check();
  });

  test('R-22: 100,000 results through ways that come and go leave the stack flat', () => {
    const many = Array.from({ length: 100_000 }, (_, i) => results['ae'[i % 2]!]!);
    const probe = new Probe<unknown>().subscribe(
      fromIterable(many).pipe(
        splitResults(
          (values$) => values$.pipe(pool()),
          (failures$) => failures$.pipe(pool()),
        ),
      ),
    );
    expect([probe.values.length, probe.ended]).toEqual([100_000, 'completed']);
  });
});

describe('a way that completes early', () => {
  test('gets nothing any more; what would have gone there is counted as dropped', () => {
    const flow = new TestFlow();
    const probe = new Probe<string>(flow).subscribe(
      fromIterable(resultsOf('aebcf')).pipe(splitResults((values$) => values$.pipe(take(1)), items)),
    );
    expect([probe.values, probe.ended]).toEqual([['a', 'E', 'F'], 'completed']);
    expect(flow.node('splitResults').telemetry).toMatchObject({ in: 5, completed: 3, dropped: 2, out: 3 });
    flow.check();
  });

  test('lets go of a result that waited for it', () => {
    const flow = new TestFlow();
    const stop = new Subject<void>();
    const source = new Subject<R>();
    const probe = new Probe<string>(flow).subscribe(
      source.pipe(
        splitResults(
          (values$) =>
            new Observable<string>((subscriber) => {
              stop.subscribe(() => subscriber.complete());
              return values$.pipe(workerPool(() => NEVER, { capacity: 0, name: 'stuck' })).subscribe(subscriber);
            }),
          items,
        ),
      ),
    );
    source.next(ok('a'));
    source.next(ok('b'));
    expect(flow.node('splitResults').held).toBe(1);
    stop.next();
    source.next(bad('E'));
    expect([probe.values, flow.node('splitResults').telemetry.dropped]).toEqual([['E'], 1]);
    flow.check();
  });

  test('both: unsubscribes the source and completes', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('a-e-b-e-|', results);
      const subs = '       ^-!      ';
      const expected = '   a-(E|)   ';
      const result = source.pipe(
        splitResults(
          (values$) => values$.pipe(take(1)),
          (failures$) => items(failures$).pipe(take(1)),
        ),
      );
      expectObservable(result).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('both at once, before the source is subscribed: it never is', () => {
    const subscribed = vi.fn();
    const source = of(ok('a')).pipe(tap({ subscribe: subscribed }));
    const probe = new Probe<never>().subscribe(
      source.pipe(
        splitResults(
          () => EMPTY,
          () => EMPTY,
        ),
      ),
    );
    expect([probe.ended, subscribed.mock.calls.length]).toEqual(['completed', 0]);
  });

  test('a way that takes nothing in drops what would go there once it has completed', () => {
    const flow = new TestFlow();
    const probe = new Probe<string>(flow).subscribe(
      fromIterable(resultsOf('aea')).pipe(splitResults(() => of('none'), items)),
    );
    expect([probe.values, probe.ended]).toEqual([['none', 'E'], 'completed']);
    expect(flow.node('splitResults').telemetry.dropped).toBe(2);
  });
});

describe('a way that is not simply subscribed once', () => {
  test('subscribed twice: each result goes to both, and both end', () => {
    const probe = new Probe<string>().subscribe(
      fromIterable(resultsOf('aeb')).pipe(
        splitResults((values$) => merge(values$, values$.pipe(map((value) => value.toUpperCase()))), items),
      ),
    );
    expect([probe.values, probe.ended]).toEqual([['a', 'A', 'E', 'b', 'B'], 'completed']);
  });

  test('subscribed twice: the slower of the two holds back', () => {
    const work: Subject<string>[] = [];
    const slow = workerPool(
      () => {
        const subject = new Subject<string>();
        work.push(subject);
        return subject;
      },
      { capacity: 0 },
    );
    const probe = new Probe<string>().subscribe(
      fromIterable(resultsOf('aab')).pipe(splitResults((values$) => merge(values$.pipe(slow), values$), items)),
    );
    expect(probe.values).toEqual(['a']);
    work[0]!.complete();
    expect(probe.values).toEqual(['a', 'a']);
    probe.unsubscribe();
  });

  test('subscribed late: results wait for it, and none is lost', () => {
    marbles(({ cold, expectObservable }) => {
      const header = cold('--h|    ');
      const expected = '   E-h(ab|)';
      const late = (values$: Observable<string>) => concat(header, values$);
      expectObservable(fromIterable(resultsOf('eab')).pipe(splitResults(late, items))).toBe(expected);
    });
  });

  test('subscribed when the source has completed already: completes at once', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('e|   ', results);
      const expected = '   E-h|';
      const late = (values$: Observable<string>) => concat(cold('--h|'), values$);
      expectObservable(source.pipe(splitResults(late, items))).toBe(expected);
    });
  });

  test('subscribed again by retry: goes on with the next result', () => {
    let failures = 0;
    const probe = new Probe<string>().subscribe(
      fromIterable(resultsOf('aebc')).pipe(
        splitResults(
          (values$) =>
            values$.pipe(
              map((value) => {
                if (value === 'b' && failures++ === 0) throw new Error('b');
                return value;
              }),
              retry(1),
            ),
          items,
        ),
      ),
    );
    expect([probe.values, probe.ended]).toEqual([['a', 'E', 'c'], 'completed']);
  });

  test('subscribed again by retry after a while: the results for it wait until then', () => {
    marbles(({ cold, expectObservable }) => {
      let failures = 0;
      const values = (values$: Observable<string>): Observable<string> =>
        values$.pipe(
          map((value) => {
            if (value === 'b' && failures++ === 0) throw new Error('b');
            return value;
          }),
          retry({ delay: 5 }),
        );
      const source = cold('abcd|').pipe(map((value) => ({ ok: true as const, value })));
      expectObservable(source.pipe(splitResults(values, items))).toBe('a-----(cd|)');
    });
  });

  test('shared within: held back by the fallback', () => {
    let made = 0;
    const probe = new Probe<string>();
    probe.close();
    const source = fromIterable(function* () {
      for (;;) {
        made++;
        yield ok('a');
      }
    });
    probe.subscribe(source.pipe(splitResults((values$) => values$.pipe(share()), items)));
    expect(made).toBe(1);
    probe.unsubscribe();
  });
});

describe('what must not happen', () => {
  test('R-40: an unsubscribe sends nothing that is held into a way', () => {
    vi.spyOn(hooks, 'warn').mockImplementation(() => {});
    const flow = new TestFlow();
    const source = new Subject<R>();
    const seen: string[] = [];
    const probe = new Probe<string>(flow).subscribe(
      source.pipe(
        splitResults(
          (values$) => values$.pipe(workerPool(() => NEVER, { capacity: 0, name: 'stuck' })),
          (failures$) => items(failures$).pipe(tap((item) => seen.push(item))),
        ),
      ),
    );
    for (const result of resultsOf('abe')) source.next(result);
    expect(flow.node('splitResults').held).toBe(2);
    probe.unsubscribe();
    expect([seen, flow.node('splitResults').telemetry]).toMatchObject([[], { dropped: 0, abandoned: 2 }]);
    flow.check();
  });

  test('the second way is not subscribed when the first has failed or ended it all', () => {
    for (const values of [() => throwError(() => 'bad'), () => of('first', 'second')]) {
      const subscribed = vi.fn();
      of(ok('a'))
        .pipe(
          splitResults(values, (failures$) => failures$.pipe(map(String), tap({ subscribe: subscribed }))),
          take(1),
        )
        .subscribe({ error: () => {} });
      expect(subscribed).not.toHaveBeenCalled();
    }
  });

  test.each(['values', 'failures'])(
    'a function for the %s that throws fails the flow and leaves nothing in the run',
    (which) => {
      const error = new Error('made wrong');
      const flow = new TestFlow();
      const throwing = (): never => {
        throw error;
      };
      const source = new Subject<R>();
      const probe = new Probe<string>(flow).subscribe(
        source.pipe(which === 'values' ? splitResults(throwing, items) : splitResults(same, throwing)),
      );
      expect([probe.error === error, source.observed, flow.live.size]).toEqual([true, false, 0]);
    },
  );

  test('a function that gives nothing fails the flow with a TypeError that says so', () => {
    const flow = new TestFlow();
    const nothing = (() => undefined) as unknown as () => Observable<string>;
    const probe = new Probe<string>(flow).subscribe(of(ok('a')).pipe(splitResults(nothing, items)));
    expect(probe.error).toBeInstanceOf(TypeError);
    expect(String(probe.error)).toContain('where a stream was expected');
    expect(flow.live.size).toBe(0);
  });
});

describe('splitResults, where a teardown throws', () => {
  test.each(['error', 'complete'] as const)('R-35: both ways are ended, and %s is delivered', (end) => {
    const flow = new TestFlow();
    const source = new Subject<R>();
    const ended = vi.fn();
    const probe = new Probe<string>(flow).subscribe(
      source.pipe(
        splitResults(
          (values$) => values$.pipe(finalize(throws)),
          (failures$) => items(failures$).pipe(finalize(ended)),
        ),
      ),
    );
    source[end]('boom');
    const expected = end === 'error' ? ['failed', 'boom'] : ['completed', undefined];
    expect([probe.ended, probe.error]).toEqual(expected);
    expect([ended.mock.calls.length, flow.live.size]).toEqual([1, 0]);
    expect(told(flow)).toEqual([[[torn], 'splitResults']]);
  });

  test('R-35: when both ways have completed, so has the stage, although its source does not end well', () => {
    const flow = new TestFlow();
    const sent = new Subject<R>();
    const source = new Observable<R>((subscriber) => {
      sent.subscribe(subscriber);
      return throws;
    });
    const once = splitResults<string, string, string, string>(
      (values$) => values$.pipe(take(1)),
      (failures$) => items(failures$).pipe(take(1)),
    );
    const probe = new Probe<string>(flow).subscribe(source.pipe(once));
    for (const result of resultsOf('ae')) sent.next(result);
    expect([probe.values.length, probe.ended, sent.observed, flow.live.size]).toEqual([2, 'completed', false, 0]);
    expect(told(flow)).toEqual([[[torn], 'splitResults']]);
  });
});

describe('splitResults under run', () => {
  test('is reported above the stages of its ways, and below what feeds it', async () => {
    const source = fromIterable(['1', 'x', '2', 'y', 'z']).pipe(
      workerPool(
        (text: string) => {
          if (Number.isNaN(Number(text))) throw new RangeError(text);
          return Number(text);
        },
        { name: 'parse', onError: 'emit' },
      ),
      splitResults(
        (numbers$) => numbers$.pipe(workerPool((n) => n * 2, { name: 'double' })),
        (failures$) => failures$.pipe(buffered({ capacity: 2, name: 'failed' })),
      ),
      workerPool((value: unknown) => value, { name: 'last' }),
    );
    const { stages, results: count } = await run(source).done;
    const names = stages.map(({ name }) => name);
    expect(names.slice(0, 3)).toEqual(['fromIterable', 'parse', 'splitResults']);
    expect(names.slice(3, 5).toSorted()).toEqual(['double', 'failed']);
    expect(names.slice(5)).toEqual(['last']);
    expect(stages.map(({ name, in: arrived }) => [name, arrived])).toEqual(
      expect.arrayContaining([
        ['splitResults', 5],
        ['double', 2],
        ['failed', 3],
        ['last', 5],
      ]),
    );
    expect(count).toBe(5);
  });

  test('told to quit, it sends what it holds and completes both ways', () => {
    const flow = new TestFlow();
    const source = new Subject<R>();
    const probe = new Probe<string>(flow);
    probe.close();
    probe.subscribe(source.pipe(splitResults(same, items)));
    source.next(ok('a'));
    flow.node('splitResults').quit();
    expect(source.observed).toBe(false);
    probe.open();
    expect([probe.values, probe.ended, flow.live.size]).toEqual([['a'], 'completed', 0]);
  });
});

describe('bad input of splitResults', () => {
  test('what is no result at all fails the flow', () => {
    const probe = new Probe<unknown>().subscribe(
      fromIterable([undefined] as unknown as ReturnType<typeof resultsOf>).pipe(
        splitResults((values$) => values$, items),
      ),
    );
    expect([probe.ended, probe.error]).toEqual(['failed', expect.any(TypeError)]);
  });
});

describe('bad arguments of splitResults', () => {
  test.each(table({ values: badFunctions, failures: badFunctions }))(
    '$option: $shown is refused at the call',
    ({ option, shown, bad: [value, type, code] }) => {
      const error = thrownBy(() =>
        option === 'values' ? splitResults(value as never, items) : splitResults(same, value as never),
      );
      expect(error).toBeInstanceOf(type);
      expect(error).toMatchObject({ code, option, received: value });
      expect((error as Error).message).toContain(`splitResults(): "${option}" must be a function. Received ${shown} (`);
    },
  );
});

describe('the types of splitResults', () => {
  test('know the values and failures in a pipe, and join what both ways give', () => {
    const result = of('a').pipe(
      workerPool((text) => text.length, { onError: 'emit' }),
      splitResults(
        (values$) => {
          expectTypeOf(values$).toEqualTypeOf<Observable<number>>();
          return values$.pipe(map((n) => new Date(n)));
        },
        (failures$) => {
          expectTypeOf(failures$).toEqualTypeOf<Observable<Failure<string>>>();
          return failures$.pipe(map(({ item }) => item));
        },
      ),
    );
    expectTypeOf(result).toEqualTypeOf<Observable<Date | string>>();
    expectTypeOf(() => {
      // @ts-expect-error -- a number is no result
      of(1).pipe(splitResults(same, items));
      // @ts-expect-error -- a way is an Observable
      splitResults(() => 1, items);
    }).toBeFunction();
  });
});
