import fc from 'fast-check';
import {
  Observable,
  Subject,
  asapScheduler,
  from,
  interval,
  lastValueFrom,
  map,
  mergeMap,
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

type Stage = <T, R>(fn: (item: T) => Observable<R>, limit?: number) => OperatorFunction<T, R>;

const asMergeMap: Stage = (fn, limit = Infinity) => mergeMap(fn, limit);
const asPool: Stage = (fn, limit = Infinity) => workerPool(fn, { concurrency: limit, capacity: Infinity });

const all = <T>(source: Observable<T>): Promise<T[]> => lastValueFrom(source.pipe(toArray()));
const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

const twice = (item: string): Observable<string> => from([item, item.toUpperCase()]);

/** One made by hand, on a scheduler of its own. */
function byHand(n: number): Observable<number> {
  return new Observable((subscriber) => {
    const task = asapScheduler.schedule(() => {
      subscriber.next(n);
      subscriber.complete();
    });
    return () => task.unsubscribe();
  });
}

// Where no bound is reached, the pool is `mergeMap`: every test runs with both.
describe.each([
  ['mergeMap', asMergeMap],
  ['workerPool', asPool],
])('%s', (_, stage) => {
  test.each(
    situations(`
  many items, many values each
    source  -a----b------c-----------|
            ^------------------------!
    a       --x----y----z|
            -^------------!
    b       ----u-----v|
            ------^----------!
    c       -p-q-|
            -------------^----!
    result  ---x----y-u--zp-(vq)-----|

  one inner for all items
    source  -a--a----a-----|
            ^--------------!
    a       --x-----y|
            -^--------!
            ----^--------!
            ---------^--------!
    result  ---x--x--y-xy----y|

  R-07: the source completes after every inner
    source  -a----b---------------------|
            ^---------------------------!
    a       --x--y--z|
            -^--------!
    b       --u---v|
            ------^------!
    result  ---x--y-uz--v---------------|

  the source never completes
    source  -a----b-----
            ^-
    a       --x--y--z|
            -^--------!
    b       --u---v|
            ------^------!
    result  ---x--y-uz--v

  an inner never completes
    source  -a----b------|
            ^------------!
    a       --x--y--z
            -^-
    b       --u---v|
            ------^------!
    result  ---x--y-uz--v

  R-30: an inner fails
    source  -a----b-----c---|
            ^------------!
    a       --x--y---z--z--z|
            -^-----------!
    b       ---u--v#
            ------^------!
    c       --p|
            ------------^!
    result  ---x--y--uz-v(z#)

  R-30: an inner fails in the frame in which another begins
    source  -a----b------c---|
            ^------------!
    a       --x--y---z--z--z|
            -^-----------!
    b       ---u--v#
            ------^------!
    c       --p|
            -------------(^!)
    result  ---x--y--uz-v(z#)

  G6: the source fails
    source  -a----b----#
            ^----------!
    a       --x--y-------z--z|
            -^---------!
    b       ---u--v--v|
            ------^----!
    result  ---x--y--u-#

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
            ------^--!
    result  ---x--y--#

  the first to fail decides: both in one frame
    source  -a----b---#
            ^---------!
    a       --x--y---#
            -^--------!
    b       ---u--v--v|
            ------^---!
    result  ---x--y--u#

  cold inners, one at once
    limit   1
    source  -a--b---c-|
            ^---------!
    a       --x--y--z|
            -^--------!
    b       -u--v|
            ----------^----!
    c       ---p|
            ---------------^---!
    result  ---x--y--z-u--v---p|

  cold inners, two at once
    limit   2
    source  -a--b---c--d-|
            ^------------!
    a       --x--y----z|
            -^----------!
    b       -u---v|
            ----^-----!
    c       ---p|
            ----------^---!
    d       -q----|
            ------------^-----!
    result  ---x-uy--v-z-(pq)-|

  an inner for all items, two at once
    limit   2
    source  -a--a---a--|
            ^----------!
    a       --x------y|
            -^---------!
            ----^---------!
            -----------^---------!
    result  ---x--x---y--(yx)---y|

  hot inners, one at once: what they give before their turn is lost
    limit   1
    source  -a--b---c-|
            ^---------!
    hot a   x--x--y-z|
            -^-------!
    hot b   -uuuuu------u-v|
            ---------^-----!
    hot c   ---p-------p----p-p|
            ---------------^---!
    result  ---x--y-z---u-v-p-p|

  hot inners, two at once: what they give before their turn is lost
    limit   2
    source  -a--b---c--d-|
            ^------------!
    hot a   x--x--y--z|
            -^--------!
    hot b   -uuu-u----u-----v|
            ----^------------!
    hot c   -p-p-p------p---p|
            ----------^------!
    hot d   -------q------------q---q----q|
            -----------------^------------!
    result  ---x-uy--zu-p---(vp)q---q----q|

  two at once, and one that waits is never begun, since another fails
    limit   2
    source  -a--b--c---|
            ^--------!
    a       --x-----#
            -^-------!
    b       ---u----v-|
            ----^----!
    c       -p|
            none
    result  ---x---u-#

  two at once, and one that waits is begun although the source has ended
    limit   2
    source  -a--b--c|
            ^-------!
    a       --x--------y|
            -^-----------!
    b       ---u-------v|
            ----^-----------!
    c       -p--|
            -------------^---!
    result  ---x---u----y-pv-|

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
            ----^-
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
            ^--------!
    a       --x-|
            -^---!
    b       -u--v|
            ----^----!
    result  ---x-u--v#

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
            ----^--!
    c       -p|
            none
    unsub   -------!
    result  ---x-uy

  R-41: unsubscribed when the source has ended
    source  -a--b|
            ^----!
    a       --x--y--z|
            -^------!
    b       -u---v|
            ----^---!
    unsub   --------!
    result  ---x-uy

  inners of every length, some items before the subscription
    source  -a-^-b--c--d-----e-------f------g---|
               ^--------------------------------!
    b          |
               --(^!)
    c          --x------y------z--|
               -----^------------------!
    d          -----u--v|
               --------^--------!
    e          --k----------l|
               --------------^-------------!
    f          p----q---|
               ----------------------^--------!
    g          ---r-s|
               -----------------------------^-----!
    result     -------x-----uy-(vk)-zp----(lq)-r-s|

  inners of every length, some items before the subscription, and an inner that never completes
    source  -a-^-b--c--d-----e-------f------g---|
               ^--------------------------------!
    b          |
               --(^!)
    c          --x------y------z--|
               -----^------------------!
    d          -----u--v|
               --------^--------!
    e          -
               --------------^-
    f          p----q---|
               ----------------------^--------!
    g          ---r-s|
               -----------------------------^-----!
    result     -------x-----uy-v----zp----q----r-s

  inners of every length, some items before the subscription, and a source that never completes
    source  -a-^-b--c--d-----e-------f------g----
               ^-
    b          |
               --(^!)
    c          --x------y------z--|
               -----^------------------!
    d          -----u--v|
               --------^--------!
    e          --k----------l|
               --------------^-------------!
    f          p----q---|
               ----------------------^--------!
    g          ---r-s|
               -----------------------------^-----!
    result     -------x-----uy-(vk)-zp----(lq)-r-s

  inners of every length, some items before the subscription, and a source that fails
    source  -a-^-b--c--d-----e-------f------g---#
               ^--------------------------------!
    b          |
               --(^!)
    c          --x------y------z--|
               -----^------------------!
    d          -----u--v|
               --------^--------!
    e          --k----------l|
               --------------^-------------!
    f          p----q---|
               ----------------------^--------!
    g          ---r-s---s|
               -----------------------------^---!
    result     -------x-----uy-(vk)-zp----(lq)-r#

  inners of every length, some items before the subscription, and an inner that fails
    source  -a-^-b--c--d-----e-------f------g---|
               ^--------------------------!
    b          |
               --(^!)
    c          --x------y------z--|
               -----^------------------!
    d          -----u--v|
               --------^--------!
    e          --k----------l|
               --------------^------------!
    f          p----#
               ----------------------^----!
    g          ---r-s|
               none
    result     -------x-----uy-(vk)-zp----(l#)

  inners of every length, some items before the subscription, unsubscribed
    source  -a-^-b--c--d-----e-------f------g---|
               ^----------------!
    b          |
               --(^!)
    c          --x------y------z--|
               -----^-----------!
    d          -----u--v|
               --------^--------!
    e          --k----------l|
               --------------^--!
    f          p----q---|
               none
    g          ---r-s|
               none
    unsub      -----------------!
    result     -------x-----uy-(vk)

  inners of every length, some items before the subscription, and a function that throws
    throws  f
    source  -a-^-b--c--d-----e-------f------g---|
               ^---------------------!
    b          |
               --(^!)
    c          --x------y------z--|
               -----^----------------!
    d          -----u--v|
               --------^--------!
    e          --k----------l|
               --------------^-------!
    f          p----q---|
               none
    g          ---r-s|
               none
    result     -------x-----uy-(vk)-z#
    `),
  )('$name', (situation) => {
    marbles((helpers) => {
      const scene = new Scene(helpers, situation);
      scene.expectThrough(stage(scene.inner, scene.limit));
    });
  });

  test.each(numbers(24))('R-41: unsubscribed at frame %i', (frame) => {
    const go = (join: Stage): unknown[] =>
      frames(({ cold, hot }) => {
        const inner = cold('--i--j--k|');
        const source = hot('-a---(bc)--d---|');
        return {
          result: source.pipe(join(() => inner, 2)),
          sources: [source, inner],
          unsub: `${'-'.repeat(frame)}!`,
        };
      });
    expect(go(stage)).toEqual(go(asMergeMap));
  });

  test.each([1, 2, 3, Infinity])('inners that give all their values at once, %d at once', (limit) => {
    marbles(({ hot, expectObservable }) => {
      const source = hot('-a----(bc)----d----|');
      const expected = '  -(aA)-(bBcC)--(dD)-|';
      expectObservable(source.pipe(stage(twice, limit))).toBe(expected);
    });
  });

  test('R-23: a firehose among the inners stops when the result is unsubscribed', () => {
    const given: number[] = [];
    const firehose = new Observable<number>((subscriber) => {
      for (let n = 0; n < 100 && !subscriber.closed; n++) {
        given.push(n);
        subscriber.next(n);
      }
    });
    const values: number[] = [];
    of(1, 2)
      .pipe(
        stage(() => firehose),
        take(3),
      )
      .subscribe((value) => values.push(value));
    expect([values, given]).toEqual([
      [0, 1, 2],
      [0, 1, 2],
    ]);
  });

  test('R-23: a firehose that goes on regardless is heard no more, and no item after it is begun', () => {
    const begun: number[] = [];
    const regardless = new Observable<number>((subscriber) => {
      for (let n = 0; n < 1000; n++) subscriber.next(n);
    });
    const values: number[] = [];
    const fn = (item: number): Observable<number> => {
      begun.push(item);
      return regardless;
    };
    of(1, 2)
      .pipe(stage(fn), take(3))
      .subscribe((value) => values.push(value));
    expect([values, begun]).toEqual([[0, 1, 2], [1]]);
  });

  test.each([
    ['Observables of RxJS', <T>(inner: Observable<T>) => inner],
    ['Observables of another library', interop],
    [
      'Observables that wrap others',
      <T>(inner: Observable<T>) => new Observable<T>((subscriber) => inner.subscribe(subscriber)),
    ],
  ])('R-45: with %s the chain of unsubscriptions is not broken', (_kind, wrap) => {
    marbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const inner = cold('  --x---y---z|    ');
      const isubs = ['                   -^------!       ', '                   -----^--!       '];
      const source = hot('  -a---b-----c---|');
      const subs = '        ^-------!       ';
      const unsub = '       --------!       ';
      const expected = '    ---x---(yx)     ';
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

  test('Observables of another library give their values, their end and their error', async () => {
    const error = new Error('of another library');
    expect(await all(of(1, 2).pipe(stage((n) => interop(of(n, n * 10)))))).toEqual([1, 10, 2, 20]);
    await expect(all(of(1).pipe(stage(() => interop(throwError(() => error)))))).rejects.toBe(error);
  });

  test('an Observable made by hand, on a scheduler of its own', async () => {
    expect(await all(of(1, 2, 3).pipe(stage(byHand)))).toEqual([1, 2, 3]);
  });

  test('promises, as inners: the same one, one each, and one that rejects', async () => {
    const error = new Error('rejected');
    expect(await all(from([4, 3, 2, 1]).pipe(stage(() => from(Promise.resolve(42)))))).toEqual([42, 42, 42, 42]);
    expect(await all(from([4, 3, 2, 1]).pipe(stage((n) => from(Promise.resolve(n * 2)))))).toEqual([8, 6, 4, 2]);
    const failing = from([4, 3, 2, 1]).pipe(stage((n) => from(n === 3 ? Promise.reject(error) : Promise.resolve(n))));
    const values: number[] = [];
    const failure = await new Promise((resolve) => failing.subscribe({ next: (n) => values.push(n), error: resolve }));
    expect([values, failure]).toEqual([[4], error]);
  });

  test('arrays, as inners: with a source that fails, with one that is unsubscribed, and with a function that throws', () => {
    marbles(({ hot, expectObservable }) => {
      const source = '             -a-------b-------c----|';
      const failing = '            -a-------b----#        ';
      expectObservable(hot(source).pipe(stage(twice))).toBe('               -(aA)----(bB)----(cC)-|');
      expectObservable(hot(failing).pipe(stage(twice))).toBe('              -(aA)----(bB)-#        ');
      expectObservable(hot(source).pipe(stage(twice)), '----------!').toBe('-(aA)----(bB)          ');
      const throwing = (item: string): Observable<string> => {
        const error: unknown = 'error';
        if (item === 'b') throw error;
        return twice(item);
      };
      expectObservable(hot(source).pipe(stage(throwing))).toBe('           -(aA)----#             ');
    });
  });

  test('an iterable that fails in the middle, after something asynchronous', async () => {
    const error = new Error('in the middle');
    const failing = function* (): Generator<number> {
      yield 1;
      yield 2;
      throw error;
    };
    const values: number[] = [];
    const failure = await new Promise((resolve) =>
      timer(0)
        .pipe(stage(() => from(failing())))
        .subscribe({ next: (n) => values.push(n), error: resolve }),
    );
    expect([values, failure]).toEqual([[1, 2], error]);
  });

  test('one within another, synchronous and with promises', async () => {
    const values = await all(
      of(1).pipe(
        stage(() => of(2, 3).pipe(stage((n) => of(n, n * 10)))),
        stage((n) => from(Promise.resolve(n + 1))),
      ),
    );
    expect(values).toEqual([3, 21, 4, 31]);
  });

  test('the source is left before the error is delivered, and the inners too', () => {
    const [source, first, second] = [new Subject<number>(), new Subject<number>(), new Subject<number>()];
    const log: unknown[] = [];
    const inners = [first, second];
    source.pipe(stage((n) => inners[n]!)).subscribe({ error: (error: unknown) => log.push(error) });
    source.next(0);
    source.next(1);
    second.error('broken');
    expect([log, source.observed, first.observed]).toEqual([['broken'], false, false]);
  });

  test('an inner that never ends, under take', () => {
    marbles(({ expectObservable }) => {
      const result = timer(2).pipe(
        stage(() => interval(3)),
        map(String),
        take(3),
      );
      expectObservable(result).toBe('-----0--1--(2|)');
    });
  });
});

describe('workerPool and mergeMap', () => {
  test(
    'give the same frames for any sources, limit and frame of unsubscription (property)',
    { timeout: 60_000 },
    () => {
      const limit = fc.constantFrom(1, 2, 3, Infinity);
      const throws = fc.option(fc.constantFrom('a', 'b', 'c'));
      const inners = fc.tuple(anySource, anySource, anySource, anySource);
      fc.assert(
        fc.property(anySource, inners, limit, throws, anyUnsub, (source, each, most, thrown, unsub) => {
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
              return { result: items$.pipe(stage(fn, most)), sources, unsub };
            });
          expect(go(asPool)).toEqual(go(asMergeMap));
        }),
        { numRuns: 2000 },
      );
    },
  );

  test('differ in what they take apart: for a pool an array is one value', async () => {
    expect(await all(of(1, 2).pipe(mergeMap((n) => [n, n])))).toEqual([1, 1, 2, 2]);
    expect(await all(of(1, 2).pipe(workerPool((n) => [n, n])))).toEqual([
      [1, 1],
      [2, 2],
    ]);
  });

  test(
    'differ in R-22: 10,000 that finish synchronously behind one that does not, of which mergeMap grows the stack',
    { timeout: 60_000 },
    async () => {
      const many = from(numbers(10_000)).pipe(asPool((n) => (n === 0 ? timer(0) : of(n)), 1));
      expect((await all(many)).length).toBe(10_000);
    },
  );
});
