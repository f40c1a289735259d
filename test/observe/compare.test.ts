import { setTimeout as sleep } from 'node:timers/promises';
import { getEventListeners } from 'node:events';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { Observable, filter, map, of, take, throwError } from 'rxjs';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { compare, type ComparedVariant, type Comparison } from '../../src/observe/compare.ts';
import type { CompareInput } from '../../src/observe/compare/inputOf.ts';
import { judge, roundsNeeded } from '../../src/observe/compare/judge.ts';
import { shuffled } from '../../src/observe/compare/shuffled.ts';
import { pairsNeeded, signedRank } from '../../src/observe/compare/signedRank.ts';
import { FlowError } from '../../src/observe/flowError.ts';
import { workerPool } from '../../src/operators/workerPool.ts';
import { badCounts, badFunctions, badObjects, table, thrownBy } from '../operators/badOptions.ts';

/** Numbers from 0 to 1 that are the same in every run (xorshift, 32 bits). */
function seeded(seed: number): () => number {
  let state = seed | 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** Times of one variant: about `ms`, each off by up to `noise` of itself, and a round in ten twice as long. */
function timesOf(random: () => number, ms: number, noise: number, rounds = 15): number[] {
  return Array.from({ length: rounds }, () => ms * (1 + noise * (random() * 2 - 1)) * (random() < 0.1 ? 2 : 1));
}

const timing = <N extends string>(name: N, times: readonly number[], results = 10) => ({
  name,
  times,
  results: times.map(() => results),
});

/** Of all ways to turn pairs round, the share whose sum of ranks is as far from the middle: by counting them. */
function permutationTest(differences: readonly number[]): number {
  const ranks = differences.map((d) => differences.filter((other) => Math.abs(other) <= Math.abs(d)).length);
  const sum = (isUp: (i: number) => boolean) => ranks.reduce((total, rank, i) => total + (isUp(i) ? rank : -rank), 0);
  const seen = Math.abs(sum((i) => differences[i]! > 0));
  const ways = Array.from({ length: 2 ** ranks.length }, (_, way) => Math.abs(sum((i) => ((way >> i) & 1) === 1)));
  return ways.filter((way) => way >= seen).length / ways.length;
}

/** Takes so many milliseconds for each item. */
const waits = (ms: number) => (n$: Observable<number>) => n$.pipe(workerPool((n) => sleep(ms, n)));

const odd = (n$: Observable<number>) => n$.pipe(filter((n) => n % 2 === 1));

describe('signedRank', () => {
  test('gives the interval that leaves out 0 exactly where the permutation test says so', () => {
    const random = seeded(7);
    for (let i = 0; i < 60; i++) {
      const differences = Array.from({ length: 6 + (i % 5) }, () => random() * 2 - (i % 3) * 0.6);
      const { low, high } = signedRank(differences, 0.05);
      expect(low > 0 || high < 0, String(differences)).toBe(permutationTest(differences) <= 0.05);
    }
  });

  test('estimates the middle, and is not carried away by an outlier', () => {
    const { estimate, low, high } = signedRank([1, 2, 3, 4, 5, 6, 1000], 0.05);
    expect(estimate).toBeGreaterThanOrEqual(3);
    expect(estimate).toBeLessThanOrEqual(5);
    expect([low, high]).toEqual([2, 502.5]); // of seven pairs, two means are left out at each end
  });

  test('has the interval of the tables: of ten pairs, 8 of the 55 means are left out at each end', () => {
    const differences = Array.from({ length: 10 }, (_, i) => 3 ** i);
    const means = differences
      .flatMap((a, i) => differences.slice(0, i + 1).map((b) => (a + b) / 2))
      .toSorted((a, b) => a - b);
    expect(signedRank(differences, 0.05)).toMatchObject({ low: means[8], high: means[46] });
  });

  test.each([
    [0.05, 6],
    [0.05 / 3, 7],
    [0.05 / 6, 8],
  ])('needs, for %d, %i pairs', (alpha, pairs) => {
    expect(pairsNeeded(alpha)).toBe(pairs);
    const allOneWay = (count: number) =>
      signedRank(
        Array.from({ length: count }, (_, i) => 1 + i),
        alpha,
      );
    expect(allOneWay(pairs).low).toBeGreaterThan(0);
    expect(2 ** (1 - pairs)).toBeLessThanOrEqual(alpha);
    expect(2 ** (2 - pairs)).toBeGreaterThan(alpha);
  });
});

describe('judge', () => {
  test('finds the faster one, by how much, and says so', () => {
    const random = seeded(1);
    const verdict = judge([timing('slow', timesOf(random, 30, 0.1)), timing('quick', timesOf(random, 10, 0.1))]);
    expect(verdict).toMatchObject({ winner: 'quick', significant: true, resultsDiffer: false });
    expect(verdict.ratio).toBeGreaterThan(2.5);
    expect(verdict.ratio).toBeLessThan(3.6);
    expect(verdict.low).toBeLessThan(verdict.ratio);
    expect(verdict.high).toBeGreaterThan(verdict.ratio);
    expect(verdict.rows.map(({ name }) => name)).toEqual(['quick', 'slow']);
    expect(verdict.summary).toMatch(
      /^"quick" wins: "quick" took [\d.]+ ms, "slow" [\d.]+ times as long \([\d.]+ to [\d.]+; 95 % confidence, 15 rounds\)\.$/,
    );
  });

  test('finds a few percent where the noise hits both of a round alike', () => {
    const random = seeded(2);
    const load = Array.from({ length: 15 }, () => 1 + random() * 3);
    const a = load.map((factor) => 20 * factor * (1 + random() * 0.02));
    const b = load.map((factor) => 21.5 * factor * (1 + random() * 0.02));
    expect(judge([timing('a', a), timing('b', b)])).toMatchObject({ winner: 'a', significant: true });
  });

  test('finds no difference between two of the same kind, but in the 5 % that it promises', () => {
    const random = seeded(3);
    let found = 0;
    for (let i = 0; i < 400; i++) {
      const verdict = judge([timing('a', timesOf(random, 20, 0.3)), timing('b', timesOf(random, 20, 0.3))]);
      if (verdict.significant) found++;
      else expect(verdict.summary).toContain('No difference beyond the noise between "');
      expect(verdict.winner === undefined).toBe(!verdict.significant);
    }
    expect(found).toBeGreaterThan(0);
    expect(found).toBeLessThan(400 * 0.075);
  });

  test('names no winner among two that are alike, and says how far behind the third is', () => {
    const random = seeded(4);
    const verdict = judge([
      timing('a', timesOf(random, 20, 0.2)),
      timing('far', timesOf(random, 60, 0.2)),
      timing('b', timesOf(random, 20, 0.2)),
    ]);
    expect(verdict.winner).toBeUndefined();
    expect(verdict.significant).toBe(false);
    expect(verdict.rows[2]).toMatchObject({ name: 'far' });
    expect(verdict.rows[2]!.low).toBeGreaterThan(2);
    expect(verdict.summary).toMatch(
      /^No difference beyond the noise between "[ab]" and "[ab]": .*, "far" 3?[\d.]+ times as long/,
    );
  });

  test('says that variants do not do the same work', () => {
    const times = [10, 11, 12, 10, 11, 12];
    const some = { name: 'some', times, results: [8, 9, 8, 8, 8, 8] };
    const verdict = judge([
      timing(
        'all',
        times.map((ms) => ms * 2),
        1000,
      ),
      some,
    ]);
    expect(verdict).toMatchObject({ winner: 'some', resultsDiffer: true });
    expect(verdict.summary).toContain(
      'But they do not give the same number of results ("some" 8 to 9, "all" 1,000), so they do not do the same work.',
    );
  });

  test('bears times that are below a tick of the clock', () => {
    const verdict = judge([timing('a', [0, 0, 0, 0, 0, 0]), timing('b', [0, 0, 0, 0, 0, 0])]);
    expect(verdict).toMatchObject({ ratio: 1, low: 1, high: 1, significant: false });
  });

  test('needs more rounds for more variants', () => {
    expect([2, 3, 4, 5].map(roundsNeeded)).toEqual([6, 7, 8, 9]);
  });
});

describe('shuffled', () => {
  test('gives every order as often as any other', () => {
    const random = seeded(5);
    const seen = new Map<string, number>();
    for (let i = 0; i < 6000; i++) {
      const order = shuffled(['a', 'b', 'c'], random).join('');
      seen.set(order, (seen.get(order) ?? 0) + 1);
    }
    expect(seen.size).toBe(6);
    for (const [order, count] of seen) expect(Math.abs(count - 1000), order).toBeLessThan(150);
  });
});

describe('compare', () => {
  const input = Array.from({ length: 12 }, (_, i) => i);
  test('finds the variant that is clearly faster', async () => {
    const verdict = await compare({ a: waits(10), b: (n$) => n$, input, rounds: 12, warmup: 1 });
    expect(verdict).toMatchObject({ winner: 'b', significant: true, resultsDiffer: false });
    expect(verdict.rows.map(({ name, times, results }) => [name, times.length, new Set(results)])).toEqual([
      ['b', 12, new Set([12])],
      ['a', 12, new Set([12])],
    ]);
    expect(verdict.low).toBeGreaterThan(1);
  });

  test('runs one at a time, in rounds of each, after the warm-up, in an order that changes', async () => {
    const log: string[] = [];
    let running = 0;
    const logged = (name: string) => (n$: Observable<number>) =>
      new Observable<number>((subscriber) => {
        log.push(name);
        expect(++running).toBe(1);
        subscriber.add(() => running--);
        return n$.subscribe(subscriber);
      });
    const { rows } = await compare({ input, a: logged('a'), b: logged('b'), c: logged('c'), rounds: 20, warmup: 3 });
    expect(log).toHaveLength(23 * 3);
    const rounds = Array.from({ length: 23 }, (_, i) => log.slice(i * 3, i * 3 + 3).join(''));
    for (const round of rounds) expect([...round].toSorted().join('')).toBe('abc');
    expect(new Set(rounds).size).toBeGreaterThan(1); // one in 6 ** 22 that not
    for (const { times } of rows) expect(times).toHaveLength(20);
  });

  test.each([
    ['an array', () => [1, 2, 3]],
    ['a set', () => new Set([1, 2, 3])],
    ['an iterable with a pipe of its own', () => ({ pipe: () => {}, [Symbol.iterator]: () => [1, 2, 3].values() })],
    ['a function that gives a generator', () => () => (function* () { yield* [1, 2, 3]; })()], // prettier-ignore
    ['a function that gives an async generator', () => () => (async function* () { yield* [1, 2, 3]; })()], // prettier-ignore
  ])('gives every run the whole input: %s', async (_, make) => {
    const { rows } = await compare({ input: make(), a: (n$) => n$, b: (n$) => n$.pipe(map((n) => n)), rounds: 6 });
    for (const { results } of rows) expect(results).toEqual([3, 3, 3, 3, 3, 3]);
  });

  test('says that a variant loses results', async () => {
    const verdict = await compare({ input, all: (n$) => n$, odd, rounds: 6 });
    expect(verdict.resultsDiffer).toBe(true);
    expect(verdict.summary).toContain('so they do not do the same work');
  });

  test('rejects with the error of the variant that fails, which its flow is named after', async () => {
    const failure = new Error('no');
    let after = 0;
    const comparison = compare({
      input,
      fine: (n$) => n$.pipe(map((n) => (after++, n))),
      broken: () => throwError(() => failure),
    });
    const error = await comparison.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(FlowError);
    expect((error as FlowError).message).toContain('broken');
    expect((error as FlowError).cause).toBe(failure);
    const seen = after;
    await sleep(20);
    expect(after).toBe(seen);
  });

  test('rejects with what a variant throws, or if it gives no Observable', async () => {
    const failure = new RangeError('no');
    const throws = (): Observable<number> => {
      throw failure;
    };
    await expect(compare({ input, throws, b: (n$) => n$ })).rejects.toBe(failure);
    const nothing = (() => 5) as unknown as () => Observable<number>;
    await expect(compare({ input, nothing, b: (n$) => n$ })).rejects.toThrow(
      'compare(): "nothing" must be a function that gives an Observable. Received 5 (number)',
    );
    const once = (() => 'abc') as unknown as () => string[];
    const error: unknown = await compare({ input: once, a: (n$) => n$, b: (n$) => n$ }).catch(
      (thrown: unknown) => thrown,
    );
    expect(String((error as FlowError).cause)).toContain('"input" must be a function that gives an iterable');
  });

  test('ends with its signal, and starts nothing if that has been aborted before', async () => {
    const stop = new AbortController();
    let ended = 0;
    const endless = () =>
      new Observable<number>((subscriber) => {
        subscriber.add(() => ended++);
        setTimeout(() => stop.abort(new Error('enough')), 5);
      });
    await expect(compare({ input, endless, same: endless, signal: stop.signal })).rejects.toThrow('enough');
    expect(ended).toBe(1);
    expect(getEventListeners(stop.signal, 'abort')).toEqual([]);

    let begun = 0;
    const begins = (n$: Observable<number>) => (begun++, n$);
    await expect(compare({ input, a: begins, b: begins, signal: stop.signal })).rejects.toThrow('enough');
    expect(begun).toBe(0);
  });

  test('begins nothing before it is known to be right', () => {
    let begun = 0;
    const begins = (n$: Observable<number>) => (begun++, n$);
    expect(() => compare({ input, a: begins, b: begins, rounds: 0 })).toThrow(RangeError);
    expect(begun).toBe(0);
  });

  describe('refuses at the call', () => {
    const right = { input, a: (n$: Observable<number>) => n$, b: (n$: Observable<number>) => n$ };
    const noInput = [5, 'abc', true, {}, Symbol('input'), of(1), [1][Symbol.iterator]()];

    test.each(
      table({
        rounds: [...badCounts(1, false), [5, RangeError, 'ERR_OUT_OF_RANGE'], [101, RangeError, 'ERR_OUT_OF_RANGE']],
        warmup: [...badCounts(0, false), [101, RangeError, 'ERR_OUT_OF_RANGE']],
        a: [...badFunctions, [undefined, TypeError, 'ERR_INVALID_ARG_TYPE']],
        input: [undefined, null, ...noInput].map((value) => [value, TypeError, 'ERR_INVALID_ARG_TYPE']),
        signal: [{}, null, 5, { aborted: true }].map((value) => [value, TypeError, 'ERR_INVALID_ARG_TYPE']),
      }),
    )('$option: $shown', ({ option, bad: [value, type, code] }) => {
      const error = thrownBy(() => compare({ ...right, [option]: value }));
      expect(error).toBeInstanceOf(type);
      expect(error).toMatchObject({ code, option });
      expect((error as Error).message).toMatch(/^compare\(\): "/);
    });

    test.each(badObjects)('%o as options', (value) => {
      expect(thrownBy(() => compare(value as typeof right))).toMatchObject({
        code: 'ERR_INVALID_ARG_TYPE',
        option: 'options',
      });
    });

    test('fewer than two variants', () => {
      expect(() => compare({ input, a: right.a })).toThrow('must be made of "input" and two variants or more');
      expect(() => compare({ input })).toThrow(TypeError);
    });

    test('a misspelt option, as no variant', () => {
      expect(() => compare({ ...right, round: 5 } as typeof right)).toThrow(
        'compare(): "round" must be a variant, a function that gives an Observable; options are input, rounds, warmup, signal. Received 5 (number)',
      );
    });

    test('names that no flow may have', () => {
      for (const name of ['', 'a\nb', '__proto__', 'constructor', 'x'.repeat(201)]) {
        const options = Object.fromEntries([...Object.entries(right), [name, right.a]]);
        expect(() => compare(options as typeof right), name).toThrow('compare(): "name" must be');
      }
    });

    test.each<[what: string, make: () => CompareInput<unknown>]>([
      ['an iterator', () => [1, 2].values()],
      ['an async generator', () => (async function* () {})()],
      ['a stream of Node.js', () => Readable.from([1, 2])],
      ['a stream of the web', () => new Blob(['abc']).stream()],
      ['lines', () => createInterface({ input: Readable.from(['a\n']) })],
    ])('what can be read only once: %s', (_, make) => {
      const refused = () => compare({ input: make(), a: (item$) => item$, b: (item$) => item$ });
      expect(refused).toThrow('this one can be read only once');
    });

    test('too few rounds for so many variants to be told from noise', () => {
      expect(() => compare({ ...right, c: right.a, rounds: 6 })).toThrow('"rounds" must be an integer of 7 or more');
    });
  });

  test('has types that follow from its input', async () => {
    const names = ['x', 'y'];
    const verdict = await compare({
      input: names,
      lengths: (name$) => (
        expectTypeOf(name$).toEqualTypeOf<Observable<string>>(),
        name$.pipe(map(({ length }) => length))
      ),
      first: (name$) => name$.pipe(take(1)),
      rounds: 6,
    });
    expectTypeOf(verdict).toEqualTypeOf<Comparison<'lengths' | 'first'>>();
    expectTypeOf(verdict.winner).toEqualTypeOf<'lengths' | 'first' | undefined>();
    expectTypeOf(verdict.rows).toEqualTypeOf<readonly ComparedVariant<'lengths' | 'first'>[]>();
    const typed = () => [
      // @ts-expect-error -- a variant is a function
      compare({ input: names, a: 5, b: (name$) => name$ }),
      // @ts-expect-error -- of the items of the input
      compare({ input: names, a: (n$: Observable<number>) => n$, b: (name$) => name$ }),
      // @ts-expect-error -- without an input there is nothing to compare with
      compare({ a: (name$) => name$, b: (name$) => name$ }),
      // @ts-expect-error -- a misspelt option is no variant
      compare({ input: names, round: 3, a: (name$) => name$, b: (name$) => name$ }),
    ];
    expect(typed).toBeTypeOf('function');
  });
});
