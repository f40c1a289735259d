import fc from 'fast-check';
import {
  EMPTY,
  NEVER,
  Observable,
  asapScheduler,
  firstValueFrom,
  from,
  lastValueFrom,
  map,
  merge,
  mergeAll,
  of,
  scheduled,
  take,
  throwError,
  timer,
  toArray,
  type ObservableInput,
} from 'rxjs';
import { describe, expect, test } from 'vitest';
import { fanIn } from '../../src/sources/fanIn.ts';
import { Probe } from '../../src/testing/Probe.ts';
import { marbles } from '../../src/testing/marbles.ts';
import { anySource, anyUnsub, makeSource } from '../operators/anySource.ts';
import { frames, type Watched } from '../operators/frames.ts';
import { interop } from '../operators/interop.ts';
import { Scene, situations } from '../operators/situations.ts';

type Join = <T>(...sources: Observable<T>[]) => Observable<T>;

const asMerge: Join = (...sources) => merge(...sources);
const asFanIn: Join = (...sources) => fanIn(...sources);
const withOptions: Join = (...sources) => fanIn(sources, { priority: sources.map((_, i) => i + 1), name: 'all' });
const aboveAGate: Join = <T>(...sources: Observable<T>[]) => fanIn(...sources).pipe(new Probe<T>().operator());

const all = <T>(source: Observable<T>): Promise<T[]> => lastValueFrom(source.pipe(toArray()));

// While nothing holds it back, `fanIn` is `merge`: every test runs with all of these.
describe.each<[string, Join]>([
  ['merge', asMerge],
  ['mergeAll', (...sources) => from(sources).pipe(mergeAll())],
  ['fanIn', asFanIn],
  ['fanIn with options', withOptions],
  ['fanIn above an open gate', aboveAGate],
])('%s', (_, join) => {
  test.each(
    situations(`
  one source
    a       -x--y--|
            ^------!
    result  -x--y--|

  cold and cold
    a       -x----y----|
            ^----------!
    b       ---u----v-----|
            ^-------------!
    result  -x-u--y-v-----|

  hot and hot
    hot a   -x-^--x---y---|
               ^----------!
    hot b   u--^-u-------v---|
               ^-------------!
    result     --ux---y--v---|

  hot and cold
    hot a   -x-^--x---y---|
               ^----------!
    b          --u---v--|
               ^--------!
    result     --ux--vy---|

  three sources
    a       -x----y-----|
            ^-----------!
    b       ---u----v---|
            ^-----------!
    c       p---q------|
            ^----------!
    result  px-uq-y-v---|

  sources that speak in the same frame, in the order in which they were subscribed
    a       -x-----y------|
            ^-------------!
    b       -u-----v------|
            ^-------------!
    c       -p-----q------|
            ^-------------!
    result  -(xup)-(yvq)--|

  sources that do not overlap
    a       x-y|
            ^--!
    b       -----u-v|
            ^-------!
    c       ----------p-q|
            ^------------!
    result  x-y--u-v--p-q|

  R-03: an empty one, and another
    a       |
            (^!)
    b       -u--v|
            ^----!
    result  -u--v|

  R-03: all empty
    a       |
            (^!)
    b       |
            (^!)
    c       |
            (^!)
    result  |

  R-03: all empty, one of them later
    a       |
            (^!)
    b       ----|
            ^---!
    result  ----|

  R-04: a silent one and an empty one
    a       -
            ^-
    b       |
            (^!)
    result  -

  R-04: silent ones
    a       -
            ^-
    b       -
            ^-
    result  -

  R-04: a silent one, and another
    a       -
            ^-
    b       -u--v|
            ^----!
    result  -u--v

  an empty one and one that fails at once
    a       |
            (^!)
    b       #
            (^!)
    result  #

  one that fails at once, and the one after it is never subscribed
    a       #
            (^!)
    b       -u|
            (^!)
    result  #

  a hot one and one that fails at once
    hot a   -x-^--x---y---|
               (^!)
    b          #
               (^!)
    result     #

  a silent one and one that fails at once
    a       -
            (^!)
    b       #
            (^!)
    result  #

  an empty one and one that fails later
    a       |
            (^!)
    b       -----#
            ^----!
    result  -----#

  a silent one and one that fails later
    a       -
            ^----!
    b       -----#
            ^----!
    result  -----#

  R-30: one fails, and the others are unsubscribed
    a       -x----y----|
            ^------!
    b       ---u---#
            ^------!
    c       --------|
            ^------!
    result  -x-u--y#

  a hot one and one that fails later
    hot a   -x-^--x---y---|
               ^------!
    b          -u-----#
               ^------!
    result     -u-x---(y#)

  the first to fail decides
    a       -x---#
            ^----!
    b       ---u-#
            ^----!
    result  -x-u-#

  one completes in the frame in which another fails
    a       -x---|
            ^----!
    b       ---u-#
            ^----!
    result  -x-u-#

  R-02: nothing comes after the end
    hot a   -x-^-x--|--x
               ^----!
    b          -u|
               ^-!
    result     -ux--|

  R-41: unsubscribed while all run
    a       -x----y----|
            ^------!
    b       ---u----v-----|
            ^------!
    unsub   -------!
    result  -x-u--y

  R-41: unsubscribed when one has ended
    a       -x--|
            ^---!
    b       ---u----v-----|
            ^------!
    unsub   -------!
    result  -x-u

  R-41: unsubscribed in the frame in which it ends
    a       -x--|
            ^---!
    b       ---u--|
            ^-----!
    unsub   ------!
    result  -x-u
    `),
  )('$name', (situation) => {
    marbles((helpers) => {
      const scene = new Scene(helpers, situation);
      scene.expect(join<unknown>(...scene.observables));
    });
  });

  test('without sources completes at once', () => {
    marbles(({ expectObservable }) => {
      expectObservable(join()).toBe('|');
    });
  });

  test('sources that give everything at once, one after the other', () => {
    marbles(({ cold, expectObservable }) => {
      expectObservable(join(of('a', 'b'), of('c'), EMPTY, of('d'))).toBe('(abcd|)');
      expectObservable(join(of('a', 'b'), cold('-----x|'))).toBe('        (ab)-x|');
      expectObservable(join(cold('-----x|'), of('a', 'b'))).toBe('        (ab)-x|');
      expectObservable(
        join(
          of('a'),
          throwError(() => 'error'),
          of('b'),
        ),
      ).toBe('(a#)');
      expectObservable(join(of('a'), NEVER, of('b'))).toBe('              (ab)');
    });
  });

  test('the same source several times', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('-x------y---|');
      const subs = '       ^-----------!';
      const expected = '   -(xx)---(yy)|';
      expectObservable(join(source, source)).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe([subs, subs]);
    });
  });

  test.each(Array.from({ length: 14 }, (_frame, frame) => frame))('R-41: unsubscribed at frame %i', (frame) => {
    const go = (joined: Join): unknown[] =>
      frames(({ cold, hot }) => {
        const sources = [cold('-x--(yz)|'), hot('u-v---w---|'), cold('---------p|')];
        return { result: joined<unknown>(...sources, of('s')), sources, unsub: `${'-'.repeat(frame)}!` };
      });
    expect(go(join)).toEqual(go(asMerge));
  });

  test('R-23: a firehose among the sources stops when the result is unsubscribed, and no source after it is subscribed', () => {
    let given = 0;
    let subscribed = 0;
    const firehose = new Observable<number>((subscriber) => {
      while (!subscriber.closed && given < 100) subscriber.next(given++);
    });
    const after = new Observable<number>(() => void subscribed++);
    const values: number[] = [];
    join(NEVER, firehose, after)
      .pipe(take(3))
      .subscribe((value) => values.push(value));
    expect([values, given, subscribed]).toEqual([[0, 1, 2], 3, 0]);
  });

  test.each([
    ['Observables of RxJS', <T>(source: Observable<T>) => source],
    ['Observables of another library', interop],
    ['Observables that wrap others', <T>(source: Observable<T>) => new Observable<T>((out) => source.subscribe(out))],
  ])('R-45: with %s the chain of unsubscriptions is not broken', (_kind, wrap) => {
    marbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const first = hot('  -x---y-----z|');
      const second = cold('---u---v---w|');
      const subs = '       ^--------!   ';
      const unsub = '      ---------!   ';
      const expected = '   -x-u-y-v     ';
      const chain = join(wrap(first), wrap(second)).pipe(map((value) => value));
      expectObservable(chain, unsub).toBe(expected);
      expectSubscriptions(first.subscriptions).toBe(subs);
      expectSubscriptions(second.subscriptions).toBe(subs);
    });
  });

  test('Observables of another library give their values, their end and their error', async () => {
    const error = new Error('of another library');
    expect(await all(join(interop(of(1, 2))))).toEqual([1, 2]);
    expect(await all(join(interop(of(1, 2)), interop(of(3))))).toEqual([1, 2, 3]);
    await expect(all(join(NEVER, interop(throwError(() => error))))).rejects.toBe(error);
  });

  test('sources on a scheduler of their own', async () => {
    const [first, second] = [scheduled([1, 2, 3], asapScheduler), scheduled([4, 5], asapScheduler)];
    expect(await all(join(first, second))).toEqual(await all(merge(first, second)));
  });

  test('one within another', () => {
    marbles(({ cold, expectObservable }) => {
      const [a, b, c] = [cold('-x---x|'), cold('--y--|'), cold('---z---|')];
      expectObservable(join(join(a, b), join(c), join<string>())).toBe('-xyz-x-|');
    });
  });

  test('R-35: a teardown that throws does not keep the others from being torn down', () => {
    const torn: string[] = [];
    const source = (name: string): Observable<never> =>
      new Observable(() => () => {
        torn.push(name);
        if (name === 'b') throw new Error('teardown');
      });
    const subscription = join(source('a'), source('b'), source('c')).subscribe();
    expect(() => subscription.unsubscribe()).toThrow('teardown');
    expect(torn).toEqual(['a', 'b', 'c']);
  });
});

type JoinInputs = (...sources: ObservableInput<unknown>[]) => Observable<unknown>;

function* generator(): Generator<number> {
  yield 1;
  yield 2;
}

async function* later(): AsyncGenerator<number> {
  yield* generator();
}

// What `merge` takes for an Observable, `fanIn` does.
describe.each<[string, JoinInputs]>([
  ['merge', (...sources) => merge(...sources)],
  ['fanIn', (...sources) => fanIn(...sources)],
])('%s of what is not an Observable', (_, join) => {
  test.each<[string, () => Parameters<JoinInputs>, unknown[]]>([
    ['promises', () => [Promise.resolve(1), Promise.resolve(2)], [1, 2]],
    // oxlint-disable-next-line unicorn/no-thenable -- that is what it is about
    ['a thenable', () => [{ then: (resolve: (n: number) => void) => resolve(1) } as Promise<number>], [1]],
    ['arrays, one after the other', () => [[1, 2], [], [3]], [1, 2, 3]],
    ['a single array, which is a source and not a list of sources', () => [[1, 2, 3]], [1, 2, 3]],
    ['something like an array', () => [{ length: 2, 0: 'a', 1: 'b' }], ['a', 'b']],
    ['iterables', () => [new Set([1, 2]), generator()], [1, 2, 1, 2]],
    ['a typed array', () => [Uint8Array.of(7, 8)], [7, 8]],
    ['async iterables', () => [later()], [1, 2]],
    ['a web stream', () => [new Response('text').body!], [new TextEncoder().encode('text')]],
  ])('%s', async (_kind, sources, expected) => {
    expect(await all(join(...sources()))).toEqual(expected);
  });

  test('a promise that rejects, and an iterable that throws', async () => {
    const error = new Error('no');
    const failing = function* (): Generator<number> {
      yield 1;
      throw error;
    };
    await expect(all(join(NEVER, Promise.reject(error)))).rejects.toBe(error);
    await expect(all(join(NEVER, failing()))).rejects.toBe(error);
  });

  test('R-42: a generator is finalized when the subscription ends early', async () => {
    const log: string[] = [];
    const numbers = function* (): Generator<number> {
      try {
        for (let n = 0; ; n++) yield n;
      } finally {
        log.push('finalized');
      }
    };
    expect(await firstValueFrom(join(timer(1_000_000), numbers()))).toBe(0);
    expect(log).toEqual(['finalized']);
  });
});

describe('fanIn and merge', () => {
  test('give the same frames for any sources and frame of unsubscription (property)', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(fc.array(anySource, { maxLength: 6 }), anyUnsub, (sources, unsub) => {
        const go = (join: Join): unknown[] =>
          frames((helpers) => {
            const watched: Watched['sources'][number][] = [];
            const made = sources.map((source) => makeSource(source, helpers, watched));
            return { result: join(...made), sources: watched, unsub };
          });
        const expected = go(asMerge);
        expect(go(asFanIn)).toEqual(expected);
        expect(go(aboveAGate)).toEqual(expected);
      }),
      { numRuns: 2000 },
    );
  });

  test(
    'give the same below operators of RxJS that subscribe late, for any sources (property)',
    { timeout: 60_000 },
    () => {
      fc.assert(
        fc.property(fc.array(anySource, { minLength: 1, maxLength: 4 }), anyUnsub, (sources, unsub) => {
          const go = (join: Join): unknown[] =>
            frames((helpers) => {
              const watched: Watched['sources'][number][] = [];
              const made = sources.map((source) => makeSource(source, helpers, watched));
              const late = timer(2).pipe(
                map(() => made),
                mergeAll(),
                mergeAll(),
              );
              return { result: join<unknown>(late, ...made), sources: watched, unsub };
            });
          expect(go(asFanIn)).toEqual(go(asMerge));
        }),
        { numRuns: 500 },
      );
    },
  );
});
