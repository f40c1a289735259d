import fc from 'fast-check';
import {
  EMPTY,
  Observable,
  concatMap,
  from,
  lastValueFrom,
  map,
  of,
  take,
  throwError,
  timer,
  toArray,
  type OperatorFunction,
} from 'rxjs';
import { describe, expect, test } from 'vitest';
import { workerPool } from '../../src/operators/workerPool.ts';
import { marbles } from '../../src/testing/marbles.ts';
import { anySource, anyUnsub, makeSource } from './anySource.ts';
import { frames, type Watched } from './frames.ts';
import { interop } from './interop.ts';
import { Scene, situations } from './situations.ts';

type Stage = <T, R>(fn: (item: T) => Observable<R>) => OperatorFunction<T, R>;

const asConcatMap: Stage = (fn) => concatMap(fn);
const asPool: Stage = (fn) => workerPool(fn, { concurrency: 1, capacity: Infinity });
// One at a time, both orders are the same.
const asOrderedPool: Stage = (fn) => workerPool(fn, { concurrency: 1, capacity: Infinity, order: 'input' });

const all = <T>(source: Observable<T>): Promise<T[]> => lastValueFrom(source.pipe(toArray()));
const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** An inner that gives one number, and writes down when it begins and is torn down. */
function logged(log: string[], n: number, isSync: boolean): Observable<number> {
  return new Observable((subscriber) => {
    log.push(`${n} begins`);
    const end = (): void => {
      subscriber.next(n);
      subscriber.complete();
    };
    const timing = isSync ? end() : timer(0).subscribe(end);
    return () => {
      timing?.unsubscribe();
      log.push(`${n} ends`);
    };
  });
}

/** In which order inners begin and end of which all but the first end synchronously. */
async function orderOf(stage: Stage): Promise<string[]> {
  const log: string[] = [];
  await all(of(1, 2, 3).pipe(stage((n) => logged(log, n, n > 1))));
  return log;
}

/** Gives two values, but fails for x. */
function pair(item: string): Observable<string> {
  const error: unknown = 'error';
  if (item === 'x') throw error;
  return from([item, item.toUpperCase()]);
}

/** The later the smaller. */
const later = (n: number): Promise<number> => new Promise((resolve) => setTimeout(() => resolve(n), 4 - n));

// With a concurrency of 1, and room for what waits, the pool is `concatMap`: every test runs with all three.
describe.each([
  ['concatMap', asConcatMap],
  ['workerPool with concurrency 1', asPool],
  ['workerPool with concurrency 1, in input order', asOrderedPool],
])('%s', (_, stage) => {
  test.each(
    situations(`
  many items, many values each
    source  -a----b------c-----------|
            ^------------------------!
    a       --x----y----z|
            -^------------!
    b       ----u-----v|
            --------------^----------!
    c       -p-q-|
            -------------------------^----!
    result  ---x----y----z----u-----v-p-q-|

  one inner for all items
    source  -a--a----a-----|
            ^--------------!
    a       --x-----y|
            -^--------!
            ----------^--------!
            -------------------^--------!
    result  ---x-----y--x-----y--x-----y|

  R-07: the source completes after every inner
    source  -a----b---------------------|
            ^---------------------------!
    a       --x--y--z|
            -^--------!
    b       --u---v|
            ----------^------!
    result  ---x--y--z--u---v-----------|

  the source never completes
    source  -a----b-----
            ^-
    a       --x--y--z|
            -^--------!
    b       --u---v|
            ----------^------!
    result  ---x--y--z--u---v

  an inner never completes
    source  -a----b------|
            ^------------!
    a       --x--y--z
            -^-
    b       --u---v|
            none
    result  ---x--y--z

  R-30: an inner fails
    source  -a----b-----c---|
            ^---------------!
    a       --x--y---z--z--z|
            -^---------------!
    b       ---u--v#
            -----------------^------!
    c       --p|
            none
    result  ---x--y---z--z--z---u--v#

  R-30: an inner fails in the frame in which another begins
    source  -a----b------c---|
            ^----------------!
    a       --x--y---z--z--z|
            -^---------------!
    b       ---u--v#
            -----------------^------!
    c       --p|
            none
    result  ---x--y---z--z--z---u--v#

  G6: the source fails
    source  -a----b----#
            ^----------!
    a       --x--y-------z--z|
            -^---------!
    b       ---u--v--v|
            none
    result  ---x--y----#

  G6: the source fails before an inner gives anything
    source  -a#
            ^-!
    a       --x|
            -^!
    result  --#

  the first to fail decides: an inner
    source  -a----b----#
            ^--------!
    a       --x--y--#
            -^-------!
    b       ---u--v--v|
            none
    result  ---x--y--#

  the first to fail decides: both in one frame
    source  -a----b---#
            ^---------!
    a       --x--y---#
            -^--------!
    b       ---u--v--v|
            none
    result  ---x--y---#

  hot inners: what they give before their turn is lost
    source  -a--b---c-|
            ^---------!
    hot a   x--x--y-z|
            -^-------!
    hot b   -uuuuu------u-v|
            ---------^-----!
    hot c   ---p-------p----p-p|
            ---------------^---!
    result  ---x--y-z---u-v-p-p|

  one that waits is never begun, since another fails
    source  -a--b--c---|
            ^----------!
    a       --x-|
            -^---!
    b       ---u----#
            -----^-------!
    c       -p|
            none
    result  ---x----u----#

  those that wait are begun although the source has ended
    source  -(abc)|
            ^-----!
    a       --x----y|
            -^-------!
    b       ---u|
            ---------^---!
    c       -p--|
            -------------^---!
    result  ---x----y---u-p--|

  R-03: an empty source
    source  |
            (^!)
    result  |

  R-04: a source that never says anything
    source  -
            ^-
    result  -

  a source that only fails
    source  #
            (^!)
    result  #

  R-03: inners that are empty
    source  -a--b--|
            ^------!
    a       |
            -(^!)
    b       |
            ----(^!)
    result  -------|

  R-03: empty inners, and a source that never completes
    source  -a--b---
            ^-
    a       |
            -(^!)
    b       |
            ----(^!)
    result  -

  R-04: inners that never say anything
    source  -a--b--|
            ^------!
    a       -
            -^-
    b       -
            none
    result  -

  an inner that only fails
    source  -a--b--|
            ^!
    a       #
            -(^!)
    b       -
            none
    result  -#

  R-30: the function throws
    throws  c
    source  -a--b----c---|
            ^---------!
    a       --x-|
            -^---!
    b       -u--v|
            -----^----!
    result  ---x--u--v#

  R-30: the function throws while inners run
    throws  b
    source  -a--b---c---|
            ^---!
    a       --x|
            -^--!
    c       -u---v|
            none
    result  ---x#

  R-30: the function throws at the first item
    throws  a
    source  -a--b---c---|
            ^!
    b       ---u--v|
            none
    result  -#

  R-41: unsubscribed while inners run and others are to come
    source  -a--b---c---|
            ^------!
    a       --x--y--z|
            -^-----!
    b       -u---v|
            none
    c       -p|
            none
    unsub   -------!
    result  ---x--y

  R-41: unsubscribed when the source has ended
    source  -a--b|
            ^----!
    a       --x--y--z|
            -^------!
    b       -u---v|
            none
    unsub   --------!
    result  ---x--y

  inners of every length, some items before the subscription
    source  -a-^-b--c--d-----e-------f------g---|
               ^--------------------------------!
    b          |
               --(^!)
    c          --x------y------z--|
               -----^------------------!
    d          -----u--v|
               ------------------------^--------!
    e          --k----------l|
               ---------------------------------^-------------!
    f          p----q---|
               -----------------------------------------------^--------!
    g          ---r-s|
               --------------------------------------------------------^-----!
    result     -------x------y------z-------u--v--k----------lp----q------r-s|

  inners of every length, some items before the subscription, and an inner that never completes
    source  -a-^-b--c--d-----e-------f------g---|
               ^--------------------------------!
    b          |
               --(^!)
    c          --x------y------z--|
               -----^------------------!
    d          -----u--v|
               ------------------------^--------!
    e          -
               ---------------------------------^-
    f          p----q---|
               none
    g          ---r-s|
               none
    result     -------x------y------z-------u--v

  inners of every length, some items before the subscription, and a source that never completes
    source  -a-^-b--c--d-----e-------f------g----
               ^-
    b          |
               --(^!)
    c          --x------y------z--|
               -----^------------------!
    d          -----u--v|
               ------------------------^--------!
    e          --k----------l|
               ---------------------------------^-------------!
    f          p----q---|
               -----------------------------------------------^--------!
    g          ---r-s|
               --------------------------------------------------------^-----!
    result     -------x------y------z-------u--v--k----------lp----q------r-s

  inners of every length, some items before the subscription, and a source that fails
    source  -a-^-b--c--d-----e-------f------g---#
               ^--------------------------------!
    b          |
               --(^!)
    c          --x------y------z--|
               -----^------------------!
    d          -----u--v|
               ------------------------^--------!
    e          --k----------l|
               none
    f          p----q---|
               none
    g          ---r-s---s|
               none
    result     -------x------y------z-------u--v#

  inners of every length, some items before the subscription, and an inner that fails
    source  -a-^-b--c--d-----e-------f------g---|
               ^----------------------------!
    b          |
               --(^!)
    c          --x------y------z--|
               -----^------------------!
    d          p----#
               ------------------------^----!
    e          --k----------l|
               none
    f          p----q---|
               none
    g          ---r-s|
               none
    result     -------x------y------z--p----#

  inners of every length, some items before the subscription, unsubscribed
    source  -a-^-b--c--d-----e-------f------g---|
               ^----------------!
    b          |
               --(^!)
    c          --x------y------z--|
               -----^-----------!
    d          -----u--v|
               none
    e          --k----------l|
               none
    f          p----q---|
               none
    g          ---r-s|
               none
    unsub      -----------------!
    result     -------x------y

  inners of every length, some items before the subscription, and a function that throws
    throws  f
    source  -a-^-b--c--d-----e-------f------g---|
               ^--------------------------------!
    b          |
               --(^!)
    c          --x------y------z--|
               -----^------------------!
    d          -----u--v|
               ------------------------^--------!
    e          --k----------l|
               ---------------------------------^-------------!
    f          p----q---|
               none
    g          ---r-s|
               none
    result     -------x------y------z-------u--v--k----------l#
    `),
  )('$name', (situation) => {
    marbles((helpers) => {
      const scene = new Scene(helpers, situation);
      scene.expectThrough(stage(scene.inner));
    });
  });

  test.each(numbers(32))('R-41: unsubscribed at frame %i', (frame) => {
    const go = (join: Stage): unknown[] =>
      frames(({ cold, hot }) => {
        const inner = cold('--i--j--k|');
        const source = hot('-a---(bc)--d---|');
        return { result: source.pipe(join(() => inner)), sources: [source, inner], unsub: `${'-'.repeat(frame)}!` };
      });
    expect(go(stage)).toEqual(go(asConcatMap));
  });

  test('an inner is torn down before the next is subscribed', async () => {
    const log: string[] = [];
    expect(await all(of(1, 2, 3, 4).pipe(stage((n) => logged(log, n, false))))).toEqual([1, 2, 3, 4]);
    expect(log).toEqual([1, 2, 3, 4].flatMap((n) => [`${n} begins`, `${n} ends`]));
  });

  test('inners that give all their values at once', () => {
    marbles(({ hot, expectObservable }) => {
      const source = hot('-a----(bc)----d----|');
      const expected = '  -(aA)-(bBcC)--(dD)-|';
      expectObservable(source.pipe(stage((item) => of(item, item.toUpperCase())))).toBe(expected);
    });
  });

  test('R-23: a firehose among the inners stops when the result is unsubscribed, and no item after it is begun', () => {
    const begun: number[] = [];
    let given = 0;
    const firehose = (item: number): Observable<number> => {
      begun.push(item);
      return new Observable((subscriber) => {
        while (!subscriber.closed && given < 100) subscriber.next(given++);
      });
    };
    const values: number[] = [];
    of(1, 2)
      .pipe(stage(firehose), take(3))
      .subscribe((value) => values.push(value));
    expect([values, given, begun]).toEqual([[0, 1, 2], 3, [1]]);
  });

  test.each([
    ['Observables of RxJS', <T>(inner: Observable<T>) => inner],
    ['Observables of another library', interop],
  ])('R-45: with %s the chain of unsubscriptions is not broken', (_kind, wrap) => {
    marbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const inner = cold('--x---y---z|    ');
      const isubs = '     -^-------!      ';
      const source = hot('-a---b-----c---|');
      const subs = '      ^--------!      ';
      const unsub = '     ---------!      ';
      const expected = '  ---x---y        ';
      const chain = source.pipe(
        map((item) => item),
        stage(() => wrap(inner)),
        map((value) => value),
      );
      expectObservable(chain, unsub).toBe(expected);
      expectSubscriptions(inner.subscriptions).toBe(isubs);
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('arrays, as inners: whole, unsubscribed, and with a function that throws', () => {
    marbles(({ hot, expectObservable }) => {
      const source = '                                              -a-------b-------c----|';
      expectObservable(hot(source).pipe(stage(pair))).toBe('        -(aA)----(bB)----(cC)-|');
      expectObservable(hot(source).pipe(stage(pair)), '             ----------!            ').toBe('-(aA)----(bB)');
      expectObservable(hot('-a-------x-|').pipe(stage(pair))).toBe('-(aA)----#             ');
    });
  });

  test('promises, as inners: in the order of the items, and one that rejects', async () => {
    const error = new Error('rejected');
    expect(await all(of(1, 2, 3).pipe(stage((n) => from(later(n)))))).toEqual([1, 2, 3]);
    expect(await all(of(1, 2, 3).pipe(stage(() => from(Promise.resolve(42)))))).toEqual([42, 42, 42]);
    const values: number[] = [];
    const failure = await new Promise((resolve) =>
      of(1, 2, 3)
        .pipe(stage((n) => (n === 2 ? throwError(() => error) : from(later(n)))))
        .subscribe({ next: (n) => values.push(n), error: resolve }),
    );
    expect([values, failure]).toEqual([[1], error]);
  });

  test('R-06: falsy values pass unchanged', async () => {
    const odd = [undefined, null, 0, '', false, Number.NaN];
    expect(await all(from(odd).pipe(stage((value) => of(value))))).toEqual(odd);
  });
});

describe('workerPool with concurrency 1 and concatMap', () => {
  test(
    'give the same frames for any sources and frame of unsubscription, in either order (property)',
    { timeout: 60_000 },
    () => {
      const throws = fc.option(fc.constantFrom('a', 'b', 'c'));
      const inners = fc.tuple(anySource, anySource, anySource, anySource);
      fc.assert(
        fc.property(anySource, inners, throws, anyUnsub, (source, each, thrown, unsub) => {
          const go = (stage: Stage): unknown[] =>
            frames((helpers) => {
              const sources: Watched['sources'][number][] = [];
              const items$ = makeSource(source, helpers, sources);
              const made = each.map((inner) => makeSource(inner, helpers, sources));
              const fn = (item: string): Observable<string> => {
                const error: unknown = 'error';
                if (item === thrown) throw error;
                return made['abcd'.indexOf(item)]!;
              };
              return { result: items$.pipe(stage(fn)), sources, unsub };
            });
          const expected = go(asConcatMap);
          expect(go(asPool)).toEqual(expected);
          expect(go(asOrderedPool)).toEqual(expected);
        }),
        { numRuns: 1000 },
      );
    },
  );

  test('differ where an inner that had to wait ends synchronously: a pool tears it down before it goes on', async () => {
    const inOrder = ['1 begins', '1 ends', '2 begins', '2 ends', '3 begins', '3 ends'];
    expect(await orderOf(asPool)).toEqual(inOrder);
    expect(await orderOf(asOrderedPool)).toEqual(inOrder);
    const ofConcatMap = await orderOf(asConcatMap);
    expect(ofConcatMap.indexOf('3 begins')).toBeLessThan(ofConcatMap.indexOf('2 ends'));
  });

  test(
    'differ in R-22: 100,000 empty inners behind one that takes its time, of which concatMap grows the stack',
    { timeout: 60_000 },
    async () => {
      for (const stage of [asPool, asOrderedPool]) {
        let begun = 0;
        const fn = (n: number): Observable<number> => {
          begun++;
          return n === 0 ? timer(0) : EMPTY;
        };
        await all(from(numbers(100_000)).pipe(stage(fn)));
        expect(begun).toBe(100_000);
      }
    },
  );
});
