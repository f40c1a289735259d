import fc from 'fast-check';
import { afterEach, describe, expect, expectTypeOf, test, vi } from 'vitest';
import { amdahl } from '../../src/sync/sizing/amdahl.ts';
import { littlesLaw, type LittlesLawResult } from '../../src/sync/sizing/littlesLaw.ts';
import { poolSize, type PoolSizeOptions } from '../../src/sync/sizing/poolSize.ts';
import { usl } from '../../src/sync/sizing/usl.ts';
import { badCounts, badObjects, badPositives, thrownBy, type BadValue } from '../operators/badOptions.ts';

afterEach(() => vi.unstubAllGlobals());

/** Numbers that are no share of a whole. */
const badShares: BadValue[] = [
  ...[NaN, -0.1, 1.1, 60, Infinity, -Infinity].map((value): BadValue => [value, RangeError, 'ERR_OUT_OF_RANGE']),
  ...['0.5', null, true, {}, 1n].map((value): BadValue => [value, TypeError, 'ERR_INVALID_ARG_TYPE']),
];

function expectRefused(call: (value: never) => unknown, option: string, rows: readonly BadValue[]): void {
  for (const [value, type, code] of rows) {
    const error = thrownBy(() => call(value as never));
    expect(error).toBeInstanceOf(type);
    expect(error).toMatchObject({ code, option, received: value });
  }
}

describe('amdahl', () => {
  test('does what the figures in its comment say', () => {
    expect(amdahl(0.75, 4)).toBe(2.2857142857142856);
    expect(amdahl(12 / 16, 4)).toBeCloseTo(16 / 7, 12);
    expect(amdahl(0.95, Infinity)).toBeCloseTo(20, 12);
  });

  test('one core, or nothing that can be divided, is no faster; all that can be divided is as fast as there are cores', () => {
    expect([amdahl(0.5, 1), amdahl(0, 64), amdahl(0, Infinity)]).toEqual([1, 1, 1]);
    expect([amdahl(1, 64), amdahl(1, Infinity)]).toEqual([64, Infinity]);
  });

  test('is never faster than its cores, nor than its limit, and grows with both (property)', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 1, max: 10_000 }), (part, cores) => {
        const speed = amdahl(part, cores);
        expect(speed).toBeGreaterThanOrEqual(1 - 1e-9);
        expect(speed).toBeLessThanOrEqual(Math.min(cores, amdahl(part, Infinity)) * (1 + 1e-9));
        expect(amdahl(part, cores + 1)).toBeGreaterThanOrEqual(speed * (1 - 1e-9));
      }),
      { numRuns: 1000 },
    );
  });

  test('asks the platform for cores that are not given', () => {
    vi.stubGlobal('navigator', { hardwareConcurrency: 4 });
    expect(amdahl(0.75)).toBe(amdahl(0.75, 4));
  });

  test('says so where the platform does not tell', () => {
    for (const navigator of [undefined, {}, { hardwareConcurrency: 0 }, { hardwareConcurrency: '8' }]) {
      vi.stubGlobal('navigator', navigator);
      expect(() => amdahl(0.5)).toThrow(
        'amdahl(): "cores" must be given where the platform does not tell it, as os.availableParallelism() does. Received undefined (undefined)',
      );
    }
  });

  test('refuses what is no share and no number of cores', () => {
    expectRefused((part) => amdahl(part, 4), 'parallelFraction', badShares);
    expectRefused((cores) => amdahl(0.5, cores), 'cores', badCounts(1, true));
    expect(() => amdahl(60, 4)).toThrow('must be a number from 0 to 1, as 0.6 for 60 %. Received 60 (number)');
  });
});

describe('usl', () => {
  const figures = { contention: 0.05, coherency: 0.006 };

  test('does what the figures in its comment say', () => {
    const row = [1, 2, 4, 8, 12, 24, 48].map((concurrency) => usl({ concurrency, ...figures }).throughput.toFixed(2));
    expect(row).toEqual(['1.00', '1.88', '3.27', '4.74', '5.12', '4.39', '2.84']);
    const { throughput, peak } = usl({ concurrency: 24, ...figures, rate: 100 });
    expect([Math.round(throughput), peak.concurrency]).toEqual([439, 13]);
  });

  test('is Amdahl’s law where nothing has to agree', () => {
    for (const concurrency of [1, 2, 7, 100]) {
      expect(usl({ concurrency, contention: 0.25, coherency: 0 }).throughput).toBeCloseTo(amdahl(0.75, concurrency), 9);
    }
    expect(usl({ concurrency: 4, contention: 0.25, coherency: 0, rate: 10 }).peak).toEqual({
      concurrency: Infinity,
      throughput: 40,
    });
    expect(usl({ concurrency: 4, contention: 0, coherency: 0 }).peak).toEqual({
      concurrency: Infinity,
      throughput: Infinity,
    });
  });

  test('where everything waits for its turn, one is as good as many', () => {
    expect(usl({ concurrency: 9, contention: 1, coherency: 0 })).toEqual({
      throughput: 1,
      peak: { concurrency: 1, throughput: 1 },
    });
    expect(usl({ concurrency: 1, contention: 0, coherency: 50 }).peak).toEqual({ concurrency: 1, throughput: 1 });
  });

  test('the peak is a whole number, and none is better (property)', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    const coherency = fc.double({ min: 1e-6, max: 1, noNaN: true });
    fc.assert(
      fc.property(share, coherency, fc.integer({ min: 1, max: 2000 }), (contention, kappa, concurrency) => {
        const { throughput, peak } = usl({ concurrency, contention, coherency: kappa, rate: 7 });
        expect(Number.isInteger(peak.concurrency)).toBe(true);
        expect(throughput).toBeLessThanOrEqual(peak.throughput * (1 + 1e-9));
        const there = usl({ concurrency: peak.concurrency, contention, coherency: kappa, rate: 7 });
        expect(there.throughput).toBe(peak.throughput);
      }),
      { numRuns: 1000 },
    );
  });

  test('refuses options that are wrong or missing', () => {
    const good = { concurrency: 4, contention: 0.1, coherency: 0.1 };
    expectRefused((concurrency) => usl({ ...good, concurrency }), 'concurrency', badCounts(1, false));
    expectRefused((contention) => usl({ ...good, contention }), 'contention', badShares);
    expectRefused((rate) => usl({ ...good, rate }), 'rate', badPositives);
    expectRefused((coherency) => usl({ ...good, coherency }), 'coherency', [
      ...badPositives.filter(([value]) => value !== 0),
      [undefined, TypeError, 'ERR_INVALID_ARG_TYPE'],
    ]);
    for (const [value] of badObjects) expect(thrownBy(() => usl(value as never))).toMatchObject({ option: 'options' });
    expect(() => usl({ ...good, contentions: 1 } as never)).toThrow('Did you mean "contention"?');
  });
});

describe('littlesLaw', () => {
  test('does what the figures in its comment say', () => {
    expect(littlesLaw({ rate: 500, latency: 4 }).inFlight).toBe(2);
    expect(littlesLaw({ rate: 200, latency: 50 })).toEqual({ rate: 200, latency: 50, inFlight: 10 });
    expect(littlesLaw({ inFlight: 10, latency: 50 })).toEqual({ rate: 200, latency: 50, inFlight: 10 });
    expect(littlesLaw({ inFlight: 10, rate: 100 })).toEqual({ rate: 100, latency: 100, inFlight: 10 });
  });

  test('any two give the third (property)', () => {
    const positive = fc.double({ min: 1e-6, max: 1e9, noNaN: true });
    fc.assert(
      fc.property(positive, positive, (rate, latency) => {
        const { inFlight } = littlesLaw({ rate, latency });
        expect(littlesLaw({ rate, inFlight }).latency / latency).toBeCloseTo(1, 9);
        expect(littlesLaw({ latency, inFlight }).rate / rate).toBeCloseTo(1, 9);
      }),
      { numRuns: 1000 },
    );
  });

  test('refuses one alone, none, and all three', () => {
    expect(thrownBy(() => littlesLaw({}))).toMatchObject({ option: 'rate', received: undefined });
    expect(thrownBy(() => littlesLaw({ rate: 1 }))).toMatchObject({ option: 'latency', received: undefined });
    expect(thrownBy(() => littlesLaw({ latency: 1 }))).toMatchObject({ option: 'rate' });
    expect(thrownBy(() => littlesLaw({ inFlight: 1 }))).toMatchObject({ option: 'rate' });
    expect(() => littlesLaw({ rate: 1, latency: 1, inFlight: 5 })).toThrow(
      'littlesLaw(): "inFlight" must be left out, as rate and latency give it. Received 5 (number)',
    );
    expect(() => littlesLaw({ inFlight: 1 })).toThrow(
      'littlesLaw(): "rate" must be given, or both of the others: two of the three give the third. Received undefined (undefined)',
    );
  });

  test('refuses what is no positive number', () => {
    expectRefused((rate) => littlesLaw({ rate, latency: 1 }), 'rate', badPositives);
    expectRefused((latency) => littlesLaw({ rate: 1, latency }), 'latency', badPositives);
    expectRefused((inFlight) => littlesLaw({ rate: 1, inFlight }), 'inFlight', badPositives);
    for (const [value] of badObjects) {
      expect(thrownBy(() => littlesLaw(value as never))).toMatchObject({ option: 'options' });
    }
    expectTypeOf(littlesLaw({ rate: 1, latency: 1 })).toEqualTypeOf<LittlesLawResult>();
  });
});

describe('poolSize', () => {
  test('does what the figures in its comment say', () => {
    expect(poolSize({ kind: 'cpu', cores: 8 })).toBe(8);
    expect(poolSize({ kind: 'mixed', cores: 8, wait: 50, compute: 5 })).toBe(88);
    expect(poolSize({ kind: 'io', rate: 200, latency: 50 })).toBe(10);
    expect(poolSize({ kind: 'memory', memory: 2e9, perItem: 300e6 })).toBe(6);
  });

  test.each([
    [{ kind: 'cpu', cores: 8, utilization: 0.75 }, 6],
    [{ kind: 'cpu', cores: 100, utilization: 0.29 }, 29],
    [{ kind: 'cpu', cores: 1, utilization: 0.1 }, 1],
    [{ kind: 'io', rate: 1.1, latency: 10_000 }, 11],
    [{ kind: 'io', rate: 1, latency: 1 }, 1],
    [{ kind: 'io', rate: 21, latency: 100 }, 3],
    [{ kind: 'mixed', cores: 4, utilization: 0.5, wait: 3, compute: 1 }, 8],
    [{ kind: 'mixed', cores: 1, utilization: 0.01, wait: 1, compute: 100 }, 1],
    [{ kind: 'memory', memory: 0.3, perItem: 0.1 }, 3],
    [{ kind: 'memory', memory: 100, perItem: 100 }, 1],
    [{ kind: 'mixed', cores: 2, wait: Number.MAX_VALUE, compute: Number.MIN_VALUE }, Number.MAX_SAFE_INTEGER],
  ] satisfies [PoolSizeOptions, number][])('of %o is %d', (options, size) => {
    expect(poolSize(options)).toBe(size);
  });

  test('asks the platform for cores that are not given', () => {
    vi.stubGlobal('navigator', { hardwareConcurrency: 6 });
    expect(poolSize({ kind: 'cpu' })).toBe(6);
    expect(poolSize({ kind: 'mixed', wait: 1, compute: 1 })).toBe(12);
    vi.stubGlobal('navigator', undefined);
    expect(thrownBy(() => poolSize({ kind: 'cpu' }))).toMatchObject({ option: 'cores', received: undefined });
  });

  test('refuses what is missing, and what belongs to another kind', () => {
    const missing: [object, string][] = [
      [{}, 'kind'],
      [{ kind: 'IO' }, 'kind'],
      [{ kind: 'toString' }, 'kind'],
      [{ kind: 'io', rate: 1 }, 'latency'],
      [{ kind: 'io', latency: 1 }, 'rate'],
      [{ kind: 'mixed', cores: 1, wait: 1 }, 'compute'],
      [{ kind: 'memory', memory: 1 }, 'perItem'],
    ];
    for (const [options, option] of missing) {
      expect(thrownBy(() => poolSize(options as PoolSizeOptions))).toMatchObject({ option });
    }
    expect(() => poolSize({ kind: 'cpu', cores: 4, rate: 5 } as never)).toThrow(
      `poolSize(): "rate" must be left out, as it is no option of the kind 'cpu'. Received 5 (number)`,
    );
    expect(() => poolSize({ kind: 'memory', memory: 100, perItem: 101 })).toThrow(
      'poolSize(): "perItem" must be 100 at most, as not one fits otherwise. Received 101 (number)',
    );
  });

  test('refuses wrong values', () => {
    expectRefused((cores) => poolSize({ kind: 'cpu', cores }), 'cores', badCounts(1, false));
    expectRefused((utilization) => poolSize({ kind: 'cpu', cores: 1, utilization }), 'utilization', [
      ...badShares.filter(([value]) => value !== null),
      [0, RangeError, 'ERR_OUT_OF_RANGE'],
      [null, TypeError, 'ERR_INVALID_ARG_TYPE'],
    ]);
    expectRefused((rate) => poolSize({ kind: 'io', rate, latency: 1 }), 'rate', badPositives);
    expectRefused((latency) => poolSize({ kind: 'io', rate: 1, latency }), 'latency', badPositives);
    expectRefused((wait) => poolSize({ kind: 'mixed', cores: 1, wait, compute: 1 }), 'wait', badPositives);
    expectRefused((compute) => poolSize({ kind: 'mixed', cores: 1, wait: 1, compute }), 'compute', badPositives);
    expectRefused((memory) => poolSize({ kind: 'memory', memory, perItem: 1 }), 'memory', badPositives);
    expectRefused((perItem) => poolSize({ kind: 'memory', memory: 1, perItem }), 'perItem', badPositives);
    for (const [value] of badObjects) {
      expect(thrownBy(() => poolSize(value as never))).toMatchObject({ option: 'options' });
    }
  });

  test('lets the type say which options belong together', () => {
    expectTypeOf(poolSize).returns.toEqualTypeOf<number>();
    // @ts-expect-error a rate is needed
    expect(() => poolSize({ kind: 'io', latency: 5 })).toThrow(TypeError);
    // @ts-expect-error cores are no matter here
    expect(() => poolSize({ kind: 'memory', memory: 5, perItem: 1, cores: 4 })).toThrow(TypeError);
  });
});
