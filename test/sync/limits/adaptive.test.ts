import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import {
  Subscription,
  concat,
  ignoreElements,
  interval,
  lastValueFrom,
  map,
  mergeMap,
  take,
  takeWhile,
  tap,
  throwError,
  timer,
} from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, expectTypeOf, test } from 'vitest';
import type { Limit } from '../../../src/core/limit.ts';
import { workerPool } from '../../../src/operators/workerPool.ts';
import { fromIterable } from '../../../src/sources/fromIterable.ts';
import { adaptive, type AdaptiveOptions } from '../../../src/sync/limits/adaptive.ts';
import { SimulatedServer } from './SimulatedServer.ts';

const SEEDS = [1, 2, 3, 4, 5];
const virtual = <R>(run: () => R): R => new TestScheduler(() => {}).run(run);
const succeed = (limit: Limit, duration = 0, running = limit.current): void =>
  limit.ended({ duration, running, failed: false, error: undefined });
const fail = (limit: Limit, error: unknown = new Error('overload')): void =>
  limit.ended({ duration: 0, running: limit.current, failed: true, error });

/** What the limit is from time to time while a server is asked as much as the limit allows. */
function underOverload(
  server: SimulatedServer,
  limit: Limit,
  { time, every, at = {} }: { time: number; every: number; at?: Record<number, () => void> },
): number[] {
  const seen: number[] = [];
  const { clock } = server;
  const endless = fromIterable(function* () {
    for (;;) yield 0;
  });
  const flow = new Subscription();
  clock.run(time, () => {
    flow.add(endless.pipe(workerPool(server.request, { concurrency: limit, onError: 'skip' })).subscribe());
    for (const [when, change] of Object.entries(at)) clock.after(Number(when), change);
    for (let when = every; when <= time; when += every) clock.after(when, () => seen.push(limit.current));
  });
  flow.unsubscribe();
  return seen;
}

async function failSoon(): Promise<never> {
  await sleep(10);
  throw new Error('overload');
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
const lastThird = (values: readonly number[]): number[] => values.slice(Math.floor((values.length * 2) / 3));

describe('adaptive', () => {
  test('does what the diagram in its comment says', () => {
    const limit = adaptive({ algorithm: 'aimd', initial: 2, max: 4 });
    const current = Array.from('sssssssxsx', (outcome) => {
      if (outcome === 's') succeed(limit);
      else fail(limit);
      return limit.current;
    });
    expect(current.join('')).toBe('2233344221');
  });

  test.each(['aimd', 'vegas'] as const)(
    '%s: never leaves min to max, whatever it is told (1,000 runs)',
    (algorithm) => {
      const sample = fc.record({
        duration: fc.double({ min: 0, max: 1e6, noNaN: true }),
        running: fc.integer({ min: 1, max: 300 }),
        failed: fc.boolean(),
        error: fc.constant(undefined),
      });
      const bounds = fc.tuple(fc.integer({ min: 1, max: 50 }), fc.nat(100));
      fc.assert(
        fc.property(bounds, fc.array(sample, { maxLength: 300 }), ([min, more], samples) => {
          const max = min + more;
          const limit = adaptive({ algorithm, min, max });
          for (const each of samples) {
            limit.ended(each);
            const isAllowed = Number.isInteger(limit.current) && limit.current >= min && limit.current <= max;
            if (!isAllowed) expect.fail(`${limit.current} may run, where ${min} to ${max} may be allowed`);
          }
        }),
        { numRuns: 1000 },
      );
    },
  );

  test('begins with 10, or the nearest to it that may be', () => {
    expect(adaptive().current).toBe(10);
    expect(adaptive({ max: 4 }).current).toBe(4);
    expect(adaptive({ min: 20 }).current).toBe(20);
    expect(adaptive({ min: 300 }).current).toBe(300);
    expect(adaptive({ initial: 50 }).current).toBe(50);
  });

  test.each(['aimd', 'vegas'] as const)('%s: does not grow while it is not used', (algorithm) => {
    const limit = adaptive({ algorithm, initial: 20 });
    for (let i = 0; i < 5_000; i++) succeed(limit, 100, 3);
    expect(limit.current).toBe(20);
  });

  test.each(['aimd', 'vegas'] as const)('%s: grows while it is used and nothing gets slower', (algorithm) => {
    const limit = adaptive({ algorithm, max: 100 });
    for (let i = 0; i < 20_000; i++) succeed(limit, 0);
    expect(limit.current).toBe(100);
  });

  test('falls once for all that was under way together', () => {
    const seen: number[] = [];
    virtual(() => {
      const limit = adaptive({ algorithm: 'aimd', initial: 16, backoff: 0.5 });
      const failAfter = (duration: number): void => {
        limit.ended({ duration, running: limit.current, failed: true, error: undefined });
        seen.push(limit.current);
      };
      timer(100).subscribe(() => [50, 50, 50].forEach(failAfter));
      // Of those that began before the fall some take longer to fail.
      timer(200).subscribe(() => [150, 150, 90, 90].forEach(failAfter));
    });
    expect(seen).toEqual([8, 8, 8, 8, 8, 4, 4]);
  });

  test('falls once for those too that fail together and whose dead letters take their time', async () => {
    const limit = adaptive({ algorithm: 'aimd', initial: 64 });
    let letters = 0;
    const onError = { deadLetter: () => sleep(10 * letters++) };
    const flow$ = fromIterable(Array(6).keys()).pipe(workerPool(failSoon, { concurrency: limit, onError }));
    await lastValueFrom(flow$, { defaultValue: undefined });
    expect([letters, limit.current]).toEqual([6, 32]);
  });

  test('vegas: a failure while it looks takes its share of what it was, not of where it went to look', () => {
    const limit = adaptive({ initial: 100, max: 1000, backoff: 0.9 });
    virtual(() => {
      interval(10)
        .pipe(
          take(200),
          takeWhile(() => limit.current >= 50),
        )
        .subscribe(() => {
          for (let left = limit.current; left > 0; left--) succeed(limit, 10);
        });
    });
    expect(limit.current).toBe(25);
    fail(limit);
    expect(limit.current).toBe(90);
  });

  test('isOverload: a failure of another kind changes nothing, and neither does its time', () => {
    const limit = adaptive({ algorithm: 'aimd', initial: 8, isOverload: (error) => error === 503, slowAfter: 10 });
    fail(limit, 404);
    limit.ended({ duration: 1000, running: 8, failed: true, error: 404 });
    expect(limit.current).toBe(8);
    fail(limit, 503);
    expect(limit.current).toBe(4);
  });

  test('slowAfter: what takes longer counts as failed, if it began after the last change', () => {
    const seen: number[] = [];
    virtual(() => {
      const limit = adaptive({ algorithm: 'aimd', initial: 8, slowAfter: 10 });
      timer(50).subscribe(() => {
        for (const duration of [10, 11, 51]) {
          succeed(limit, duration);
          seen.push(limit.current);
        }
      });
    });
    expect(seen).toEqual([8, 4, 4]);
  });
});

describe('vegas at a server that queues', () => {
  test.each(SEEDS.flatMap((seed) => [4, 10, 40].map((slots) => ({ seed, slots }))))(
    'settles near its $slots slots and stays there, from below (seed $seed)',
    ({ seed, slots }) => {
      const server = new SimulatedServer({ slots, time: 100, seed });
      const settled = lastThird(
        underOverload(server, adaptive({ max: 1000, initial: 2 }), { time: 120_000, every: 500 }),
      );
      expect(mean(settled)).toBeGreaterThan(slots * 0.8);
      expect(mean(settled)).toBeLessThan(slots + 15);
      expect(Math.max(...settled)).toBeLessThan(slots * 1.5 + 10);
    },
    30_000,
  );

  test.each(SEEDS)(
    'comes down from far too many, and stays bounded (seed %s)',
    (seed) => {
      const server = new SimulatedServer({ slots: 10, time: 100, seed });
      const all = underOverload(server, adaptive({ max: 1000, initial: 200 }), { time: 240_000, every: 500 });
      expect(Math.max(...all)).toBeLessThanOrEqual(212);
      const settled = lastThird(all);
      expect(mean(settled)).toBeLessThan(20);
      expect(Math.max(...settled)).toBeLessThan(25);
    },
    30_000,
  );

  test.each(SEEDS)('keeps the server busy: it loses less than a tenth of its throughput (seed %s)', (seed) => {
    const server = new SimulatedServer({ slots: 10, time: 100, seed });
    underOverload(server, adaptive({ max: 1000 }), { time: 120_000, every: 1000 });
    expect(server.served).toBeGreaterThan(0.9 * 10 * 1200);
  });

  test.each(SEEDS)(
    'follows a server that gets more slots, and then fewer (seed %s)',
    (seed) => {
      const server = new SimulatedServer({ slots: 10, time: 100, seed });
      const at = { 60_000: () => (server.slots = 40), 120_000: () => (server.slots = 5) };
      const all = underOverload(server, adaptive({ max: 1000 }), { time: 240_000, every: 500, at });
      const [first, second, third] = [all.slice(60, 120), all.slice(180, 240), all.slice(400)];
      expect(mean(first)).toBeLessThan(20);
      expect(mean(second)).toBeGreaterThan(35);
      expect(mean(second)).toBeLessThan(60);
      expect(mean(third)).toBeLessThan(15);
    },
    30_000,
  );

  test.each(SEEDS)(
    'follows a server that gets slower, and faster again: it needs as many at once (seed %s)',
    (seed) => {
      const server = new SimulatedServer({ slots: 20, time: 50, seed });
      const at = { 60_000: () => (server.time = 200), 180_000: () => (server.time = 20) };
      const all = underOverload(server, adaptive({ max: 1000 }), { time: 240_000, every: 500, at });
      for (const phase of [all.slice(60, 120), all.slice(300, 360), all.slice(420)]) {
        expect(mean(phase)).toBeGreaterThan(15);
        expect(mean(phase)).toBeLessThan(36);
      }
    },
    30_000,
  );

  test.each(SEEDS)(
    'its idea of the time without load does not drift up with the load (seed %s)',
    (seed) => {
      // So many may run at least that something always queues, also while it looks.
      const server = new SimulatedServer({ slots: 4, time: 100, seed });
      const all = underOverload(server, adaptive({ min: 12, initial: 12, max: 1000 }), { time: 600_000, every: 1000 });
      expect(Math.max(...all)).toBeLessThan(60);
    },
    60_000,
  );
});

describe('the guard against work that takes longer in proportion to how much of it runs', () => {
  test('takes back what was grown, where each look finds a time that is wrong', () => {
    const seen: number[] = [];
    virtual(() => {
      const limit = adaptive({ initial: 40, max: 1000 });
      // A server that a single item saturates. Whenever the limit goes down to look, it happens to be slow for another reason.
      const taken = (): number => (limit.current < Math.max(...seen, 0) / 3 ? 50_000 : limit.current * 100);
      interval(100_000)
        .pipe(take(60_000))
        .subscribe(() => {
          succeed(limit, taken());
          if (seen.at(-1) !== limit.current) seen.push(limit.current);
        });
    });
    // Without the guard it grows by a step or two after every look, to some hundreds by the end.
    expect(Math.max(...seen)).toBeLessThan(80);
  });
});

describe('aimd at a server that refuses', () => {
  test.each(SEEDS)('stays near what it takes: its slots and the room to queue (seed %s)', (seed) => {
    const server = new SimulatedServer({ slots: 10, time: 100, seed });
    server.room = 10;
    const limit = adaptive({ algorithm: 'aimd', max: 1000 });
    const settled = lastThird(underOverload(server, limit, { time: 60_000, every: 500 }));
    expect(mean(settled)).toBeGreaterThan(8);
    expect(Math.max(...settled)).toBeLessThanOrEqual(22);
    expect(server.refused).toBeLessThan(server.served / 10);
  });

  test.each(SEEDS)('with slowAfter, stays where work is in time (seed %s)', (seed) => {
    const server = new SimulatedServer({ slots: 10, time: 100, seed });
    const limit = adaptive({ algorithm: 'aimd', max: 1000, slowAfter: 300 });
    const settled = lastThird(underOverload(server, limit, { time: 60_000, every: 500 }));
    expect(mean(settled)).toBeGreaterThan(8);
    expect(Math.max(...settled)).toBeLessThan(40);
  });

  test('without failures it grows to max, and no further', () => {
    const server = new SimulatedServer({ slots: 10, time: 100, seed: 1 });
    const all = underOverload(server, adaptive({ algorithm: 'aimd', max: 50 }), { time: 60_000, every: 500 });
    expect(Math.max(...all)).toBe(50);
    expect(server.peak).toBe(50);
  });

  test('recovers when the failures end', () => {
    let isDown = true;
    const limit = adaptive({ algorithm: 'aimd', initial: 16, max: 16 });
    const fn = () =>
      isDown ? throwError(() => new Error('503')).pipe(mergeMap(() => [])) : timer(10).pipe(map(() => 1));
    const seen: number[] = [];
    let worst = 0;
    virtual(() => {
      const items = interval(1).pipe(take(6_000));
      items
        .pipe(
          tap((n) => (isDown = n < 500)),
          workerPool(() => concat(timer(5).pipe(ignoreElements()), fn()), {
            concurrency: limit,
            onError: 'skip',
            capacity: 100_000,
          }),
          tap(() => seen.push(limit.current)),
        )
        .subscribe();
      timer(499).subscribe(() => (worst = limit.current));
    });
    expect([worst, seen.at(-1)]).toEqual([1, 16]);
  });
});

describe('the options of adaptive', () => {
  test.each<[AdaptiveOptions, string]>([
    [{ min: 5, max: 4 }, '"max" must be an integer of 5 (which is "min") or more. Received 4 (number)'],
    [
      { min: 5, initial: 4 },
      '"initial" must be an integer from 5 to 200 (which are "min" and "max"). Received 4 (number)',
    ],
    [{ backoff: 1 }, '"backoff" must be a number of more than 0 and less than 1. Received 1 (number)'],
    [{ algorithm: 'bbr' as never }, `"algorithm" must be one of 'aimd', 'vegas'. Received "bbr" (string)`],
  ])('%o', (options, message) => {
    expect(() => adaptive(options)).toThrow(`adaptive(): ${message}`);
  });

  test('have the types that they say', () => {
    expectTypeOf(adaptive()).toEqualTypeOf<Limit>();
    expectTypeOf(adaptive).parameter(0).toEqualTypeOf<AdaptiveOptions | undefined>();
  });
});
