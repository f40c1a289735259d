import { Observable, mergeMap, of, take, takeUntil, timer } from 'rxjs';
import type { RunHelpers } from 'rxjs/testing';
import { describe, expect, test } from 'vitest';
import { workerPool } from '../../src/operators/workerPool.ts';
import { marbles, type MarbleHelpers } from '../../src/testing/marbles.ts';

type ColdObservable = ReturnType<RunHelpers['cold']>;

// The diagrams are those of RxJS' own tests of mergeMap and concatMap: where no bound is reached, the pool is the same.

const twice = (item: string): Observable<string> => of(item, item.toUpperCase());
const asMergeMap = { concurrency: Infinity };
const asConcatMap = { concurrency: 1, capacity: Infinity };

describe('workerPool without a bound is mergeMap', () => {
  test('many items, many values each', () => {
    marbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const x = cold('    ----i---j---k---l---|                            ');
      const xsubs = [
        '                -^-------------------!                            ',
        '                ---------^-------------------!                    ',
        '                -----------------^-------------------!            ',
        '                -------------------------^-------------------!    ',
      ];
      const source = hot('-a-------b-------c-------d-------|               ');
      const subs = '      ^--------------------------------!               ';
      const expected = '  -----i---j---(ki)(lj)(ki)(lj)(ki)(lj)k---l---|   ';
      expectObservable(source.pipe(workerPool(() => x, asMergeMap))).toBe(expected);
      expectSubscriptions(x.subscriptions).toBe(xsubs);
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('R-07: the source completes after every item, and the result with it', () => {
    marbles(({ cold, hot, expectObservable }) => {
      const x = cold('    ----i---j---k---l---|                            ');
      const source = hot('-a-------b-------c-------d-----------------------|');
      const expected = '  -----i---j---(ki)(lj)(ki)(lj)(ki)(lj)k---l-------|';
      expectObservable(source.pipe(workerPool(() => x, asMergeMap))).toBe(expected);
    });
  });

  test('an inner that never completes keeps the result from completing', () => {
    marbles(({ cold, hot, expectObservable }) => {
      const x = cold('    ----i---j---k---l-                         ');
      const source = hot('-a-------b-------c-------d-------|         ');
      const expected = '  -----i---j---(ki)(lj)(ki)(lj)(ki)(lj)k---l-';
      expectObservable(source.pipe(workerPool(() => x, asMergeMap))).toBe(expected);
    });
  });

  test('R-30: an inner that fails ends everything', () => {
    marbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const x = cold('    ----i---j---k---l-------#   ');
      const xsubs = [
        '                 -^-----------------------!   ',
        '                 ---------^---------------!   ',
        '                 -----------------^-------!   ',
        '                 -------------------------(^!)',
      ];
      const source = hot('-a-------b-------c-------d   ');
      const subs = '      ^------------------------!   ';
      const expected = '  -----i---j---(ki)(lj)(ki)#   ';
      expectObservable(source.pipe(workerPool(() => x, asMergeMap))).toBe(expected);
      expectSubscriptions(x.subscriptions).toBe(xsubs);
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('G6: a source that fails ends everything', () => {
    marbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const x = cold('    ----i---j---k---l---|            ');
      const xsubs = [
        '                 -^-------------------!            ',
        '                 ---------^-------------------!    ',
        '                 -----------------^---------------!',
        '                 -------------------------^-------!',
      ];
      const source = hot('-a-------b-------c-------d-------#');
      const subs = '      ^--------------------------------!';
      const expected = '  -----i---j---(ki)(lj)(ki)(lj)(ki)#';
      expectObservable(source.pipe(workerPool(() => x, asMergeMap))).toBe(expected);
      expectSubscriptions(x.subscriptions).toBe(xsubs);
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('the first to fail decides, be it the source or an inner', () => {
    marbles(({ cold, hot, expectObservable }) => {
      const x = cold('    ----i---j---k---l---#            ');
      const source = hot('-a-------b-------c-------d-------#');
      const expected = '  -----i---j---(ki)(lj)#            ';
      expectObservable(source.pipe(workerPool(() => x, asMergeMap))).toBe(expected);
    });
  });

  test('cold inners, at most two at once', () => {
    marbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const x = cold('    ----i---j---k---l---|                    ');
      const xsubs = [
        '                 -^-------------------!                    ',
        '                 ---------^-------------------!            ',
        '                 ---------------------^-------------------!',
      ];
      const source = hot('-a-------b-------c---|                    ');
      const subs = '      ^--------------------!                    ';
      const expected = '  -----i---j---(ki)(lj)k---(li)j---k---l---|';
      expectObservable(source.pipe(workerPool(() => x, { concurrency: 2, capacity: Infinity }))).toBe(expected);
      expectSubscriptions(x.subscriptions).toBe(xsubs);
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('hot inners, at most two at once: each is subscribed when its turn comes', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const inners = {
        a: hot('          x----i---j---k---l---|                    '),
        b: hot('          -x-x-xxxx----i---j---k---l---|            '),
        c: hot('          x-xxxx---x-x-x-x-x-xx----i---j---k---l---|'),
      };
      const asubs = '     -^-------------------!                    ';
      const bsubs = '     ---------^-------------------!            ';
      const csubs = '     ---------------------^-------------------!';
      const source = hot('-a-------b-------c---|                    ');
      const expected = '  -----i---j---(ki)(lj)k---(li)j---k---l---|';
      const options = { concurrency: 2, capacity: Infinity };
      expectObservable(source.pipe(workerPool((key) => inners[key as 'a'], options))).toBe(expected);
      expectSubscriptions(inners.a.subscriptions).toBe(asubs);
      expectSubscriptions(inners.b.subscriptions).toBe(bsubs);
      expectSubscriptions(inners.c.subscriptions).toBe(csubs);
    });
  });

  test('inners of every length', () => {
    marbles((helpers) => {
      const outer = '  -a-b--^-c-----d------e----------------f-----g|       ';
      const subs = '        ^--------------------------------------!       ';
      const csubs = '       --^------------------------------!             ';
      const dsubs = '       --------^--------------!                       ';
      const esubs = '       ---------------^------------------------------!';
      const fsubs = '       --------------------------------^-!            ';
      const gsubs = '       --------------------------------------^-----!  ';
      const expected = '    ---2--3--4--5---1--2--3--2--3--6--4--5---1-2--|';
      const { result, inners, source } = complex(helpers, outer, asMergeMap);
      helpers.expectObservable(result).toBe(expected);
      for (const [key, want] of Object.entries({ a: [], b: [], c: csubs, d: dsubs, e: esubs, f: fsubs, g: gsubs })) {
        helpers.expectSubscriptions(inners[key]!.subscriptions).toBe(want);
      }
      helpers.expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('inners of every length, and the source fails', () => {
    marbles((helpers) => {
      const outer = '  -a-b--^-c-----d------e----------------f-----g#       ';
      const expected = '    ---2--3--4--5---1--2--3--2--3--6--4--5-#       ';
      const esubs = '       ---------------^-----------------------!       ';
      const { result, inners } = complex(helpers, outer, asMergeMap);
      helpers.expectObservable(result).toBe(expected);
      helpers.expectSubscriptions(inners['e']!.subscriptions).toBe(esubs);
    });
  });

  test('inners of every length, and one fails', () => {
    marbles((helpers) => {
      const outer = '  -a-b--^-c-----d------e----------------f-----g|       ';
      const expected = '    ---2--3--4--5---1--2--3--#                     ';
      const subs = '        ^------------------------!                     ';
      const csubs = '       --^----------------------!                     ';
      const { result, inners, source } = complex(helpers, outer, asMergeMap, { d: '-----------2--3--#' });
      helpers.expectObservable(result).toBe(expected);
      helpers.expectSubscriptions(inners['c']!.subscriptions).toBe(csubs);
      helpers.expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('R-40: inners of every length, unsubscribed in the middle', () => {
    marbles((helpers) => {
      const outer = '  -a-b--^-c-----d------e----------------f-----g|       ';
      const unsub = '       ------------------!                            ';
      const expected = '    ---2--3--4--5---1--                            ';
      const csubs = '       --^---------------!                            ';
      const dsubs = '       --------^---------!                            ';
      const esubs = '       ---------------^--!                            ';
      const { result, inners, source } = complex(helpers, outer, asMergeMap);
      helpers.expectObservable(result, unsub).toBe(expected);
      for (const [key, want] of Object.entries({ c: csubs, d: dsubs, e: esubs, f: [], g: [] })) {
        helpers.expectSubscriptions(inners[key]!.subscriptions).toBe(want);
      }
      helpers.expectSubscriptions(source.subscriptions).toBe('^-----------------!');
    });
  });

  test('R-30: the function throws', () => {
    marbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const x = cold('    --i---j--k|');
      const source = hot('-a--b----c--d|');
      const subs = '      ^--------!';
      const expected = '  ---i--ij-#';
      const xsubs = ['                 -^-------!', '                 ----^----!'];
      const error = new Error('c');
      const fn = (item: string): Observable<string> => {
        if (item === 'c') throw error;
        return x;
      };
      expectObservable(source.pipe(workerPool(fn, asMergeMap))).toBe(expected, undefined, error);
      expectSubscriptions(x.subscriptions).toBe(xsubs);
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test.each(Array.from({ length: 24 }, (_, frame) => frame))('R-41: unsubscribed at frame %i', (frame) => {
    marbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const x = cold('    --i--j--k|        ');
      const source = hot('-a-----b----c----|');
      expectObservable(
        source.pipe(
          workerPool(() => x, asMergeMap),
          takeUntil(timer(frame)),
        ),
      ).toEqual(
        source.pipe(
          mergeMap(() => x),
          takeUntil(timer(frame)),
        ),
      );
      const subs = frame === 0 ? '(^!)' : `^${'-'.repeat(Math.min(frame, 17) - 1)}!`;
      expectSubscriptions(source.subscriptions).toBe([subs, subs]);
    });
  });

  test.each([1, 2, 3])('inners that give all their values at once, %i at once', (concurrency) => {
    marbles(({ hot, expectObservable }) => {
      const source = hot('-a-(bcd)--e|');
      const stage = workerPool(twice, { concurrency, capacity: Infinity });
      expectObservable(source.pipe(stage)).toEqual(source.pipe(mergeMap(twice, concurrency)));
    });
  });

  test('R-23: a firehose among the inners stops when the result is unsubscribed', () => {
    let given = 0;
    const firehose = new Observable<number>((subscriber) => {
      while (!subscriber.closed && given < 100) subscriber.next(given++);
    });
    const values: number[] = [];
    of(1)
      .pipe(
        workerPool(() => firehose, asMergeMap),
        take(3),
      )
      .subscribe((value) => values.push(value));
    expect([values, given]).toEqual([[0, 1, 2], 3]);
  });

  test('an interop Observable, that of another library, is taken as one', () => {
    const other = { [Symbol.observable ?? '@@observable']: () => of(1, 2) };
    const values: unknown[] = [];
    of('a')
      .pipe(workerPool(() => other, asMergeMap))
      .subscribe((value) => values.push(value));
    expect(values).toEqual([1, 2]);
  });
});

describe('workerPool with concurrency 1 is concatMap', () => {
  test('cold inners, one after the other', () => {
    marbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const x = cold('    ----i---j---k---l---|                                        ');
      const xsubs = [
        '                 -^-------------------!                                        ',
        '                 ---------------------^-------------------!                    ',
        '                 -----------------------------------------^-------------------!',
      ];
      const source = hot('-a-------b-------c---|                                        ');
      const subs = '      ^--------------------!                                        ';
      const expected = '  -----i---j---k---l-------i---j---k---l-------i---j---k---l---|';
      expectObservable(source.pipe(workerPool(() => x, asConcatMap))).toBe(expected);
      expectSubscriptions(x.subscriptions).toBe(xsubs);
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('hot inners, one after the other: what they give before their turn is lost', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const inners = {
        a: hot('          x----i---j---k---l---|                                        '),
        b: hot('          -x-x-xxxx-x-x-xxxxx-x----i---j---k---l---|                    '),
        c: hot('          x-xxxx---x-x-x-x-x-xx--x--x-x--x--xxxx-x-----i---j---k---l---|'),
      };
      const asubs = '     -^-------------------!                                        ';
      const bsubs = '     ---------------------^-------------------!                    ';
      const csubs = '     -----------------------------------------^-------------------!';
      const source = hot('-a-------b-------c---|                                        ');
      const expected = '  -----i---j---k---l-------i---j---k---l-------i---j---k---l---|';
      expectObservable(source.pipe(workerPool((key) => inners[key as 'a'], asConcatMap))).toBe(expected);
      expectSubscriptions(inners.a.subscriptions).toBe(asubs);
      expectSubscriptions(inners.b.subscriptions).toBe(bsubs);
      expectSubscriptions(inners.c.subscriptions).toBe(csubs);
    });
  });

  test('an inner that never completes lets no other begin', () => {
    marbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const x = cold('    ----i---j---k---l-                         ');
      const source = hot('-a-------b-------c-------d-------|         ');
      const expected = '  -----i---j---k---l-                        ';
      expectObservable(source.pipe(workerPool(() => x, asConcatMap))).toBe(expected);
      expectSubscriptions(x.subscriptions).toBe('-^----');
    });
  });

  test('R-30: an inner that fails, and a source that fails', () => {
    marbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const x = cold('    ----i---j---k---l---#            ');
      const xsubs = '     -^-------------------!           ';
      const source = hot('-a-------b-------c-------d-------#');
      const expected = '  -----i---j---k---l---#           ';
      expectObservable(source.pipe(workerPool(() => x, asConcatMap))).toBe(expected);
      expectSubscriptions(x.subscriptions).toBe(xsubs);

      const y = cold('    ----i---j---k---l---|            ');
      const ysubs = [
        '                 -^-------------------!           ',
        '                 ---------------------^-----------!',
      ];
      const failing = '   -----i---j---k---l-------i---j---#';
      expectObservable(source.pipe(workerPool(() => y, asConcatMap))).toBe(failing);
      expectSubscriptions(y.subscriptions).toBe(ysubs);
    });
  });

  test('inners of every length', () => {
    marbles((helpers) => {
      const outer = '  -a-b--^-c-----d------e----------------f-----g|                              ';
      const subs = '        ^--------------------------------------!                              ';
      const csubs = '       --^------------------------------!                                    ';
      const dsubs = '       ---------------------------------^--------------!                     ';
      const esubs = '       ------------------------------------------------^------------------------------!';
      const expected = '    ---2--3--4--5------------------6------------2--3-1--------2--3-----4--5-------------1-2|';
      const { result, inners, source } = complex(helpers, outer, asConcatMap);
      helpers.expectObservable(result).toBe(expected);
      for (const [key, want] of Object.entries({ a: [], b: [], c: csubs, d: dsubs, e: esubs })) {
        helpers.expectSubscriptions(inners[key]!.subscriptions).toBe(want);
      }
      helpers.expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('an inner is torn down before the next is subscribed', () => {
    const log: string[] = [];
    const inner = (n: number) =>
      new Observable<number>((subscriber) => {
        log.push(`${n} begins`);
        subscriber.next(n);
        subscriber.complete();
        return () => log.push(`${n} ends`);
      });
    of(1, 2).pipe(workerPool(inner, asConcatMap)).subscribe();
    expect(log).toEqual(['1 begins', '1 ends', '2 begins', '2 ends']);
  });
});

interface Complex {
  readonly result: Observable<string>;
  readonly inners: Readonly<Record<string, ColdObservable>>;
  readonly source: { readonly subscriptions: ColdObservable['subscriptions'] };
}

/** Inners of every length and kind, begun before and after the subscription. */
function complex(
  { cold, hot }: MarbleHelpers,
  outer: string,
  options: object,
  changed: Readonly<Record<string, string>> = {},
): Complex {
  const diagrams: Record<string, string> = {
    a: '-#',
    b: '-#',
    c: '-2--3--4--5------------------6-|',
    d: '-----------2--3|',
    e: '-1--------2--3-----4--5--------|',
    f: '--|',
    g: '---1-2|',
    ...changed,
  };
  const inners = Object.fromEntries(Object.entries(diagrams).map(([key, text]) => [key, cold(text)]));
  const source = hot(outer);
  return { result: source.pipe(workerPool((key) => inners[key]!, options)), inners, source };
}
