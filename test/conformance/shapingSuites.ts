import { map } from 'rxjs';
import { conform, type Check, type OperatorCapabilities } from '../../src/testing/conform.ts';
import { broadcast } from '../../src/operators/broadcast.ts';
import { conflate } from '../../src/operators/conflate.ts';
import { deadline } from '../../src/operators/deadline.ts';
import { dedupe } from '../../src/operators/dedupe.ts';
import { delay, type DelayOptions } from '../../src/operators/delay.ts';
import { idleTimeout } from '../../src/operators/idleTimeout.ts';
import { latestMap } from '../../src/operators/latestMap.ts';
import { rateLimit } from '../../src/operators/rateLimit.ts';
import { shed } from '../../src/operators/shed.ts';
import { fromIterable } from '../../src/sources/fromIterable.ts';
import { zip } from '../../src/sources/zip.ts';
import { withoutFloods, type Suites } from './suites.ts';

type Promises = Omit<OperatorCapabilities<unknown, unknown>, 'kind' | 'name'>;

/** Longer than any check waits in virtual time. */
const LONG = 2e9;

/** A rate at which nothing ever has to wait. */
const FREE = { limit: 1e9, per: 1, burst: 1e9 };

const delayed = (ms: number, options: DelayOptions, promises: Promises): Check[] =>
  conform(() => delay(ms, options), {
    kind: 'operator',
    name: `delay(${ms}, ${JSON.stringify(options)})`,
    time: { delay: (wait) => delay(wait) },
    ...promises,
  });

/** From 0, without end, as often as it is iterated. */
const naturals: Iterable<number> = {
  *[Symbol.iterator]() {
    for (let n = 0; ; n++) yield n;
  },
};

/** An item that is the same as no other, whatever it carries. */
interface Boxed {
  readonly value: unknown;
}

const boxed = { item: (value: unknown): Boxed => ({ value }), contents: ({ value }: Boxed) => [value] };

/** Every operator that shapes a flow, and `zip`, with the options that make a difference. */
export const shapingOperatorSuites: Suites = {
  rateLimit: [
    conform(() => rateLimit(FREE), { kind: 'operator', name: 'rateLimit(free)', bound: 1 }),
    conform(() => rateLimit({ limit: 1, per: 2, overflowLimit: 2_000 }), {
      kind: 'operator',
      name: 'rateLimit(1 in 2 ms)',
      bound: 1,
      overflowLimit: 2_000,
      time: {},
      chain: 50,
    }),
    withoutFloods(
      conform(() => rateLimit({ limit: 3, per: 10, burst: 4, capacity: 5 }), {
        kind: 'operator',
        name: 'rateLimit(3 in 10 ms, burst 4, capacity 5)',
        bound: 5,
        time: {},
        chain: 0,
      }),
    ),
    conform(() => rateLimit({ limit: 1, per: 3, capacity: 6, maxKeys: 2, key: (n) => Number(n) % 3 || 0 }), {
      kind: 'operator',
      name: 'rateLimit(by key)',
      bound: 6,
      order: 'completion',
      time: {},
      chain: 0,
    }),
    conform((_, { dropped }) => rateLimit({ ...FREE, mode: 'drop', onDrop: dropped }), {
      kind: 'operator',
      name: 'rateLimit(drop)',
      bound: 1,
      chain: 0,
    }),
    conform(() => rateLimit({ ...FREE, mode: 'reject' }), {
      kind: 'operator',
      name: 'rateLimit(reject)',
      bound: 1,
      chain: 0,
    }),
  ],
  shed: (['newest', 'oldest'] as const).flatMap((drop) => [
    conform((_, { dropped }) => shed({ when: { maxDepth: 4 }, drop, onDrop: dropped }), {
      kind: 'operator',
      name: `shed(depth, ${drop})`,
      bound: 4,
      whenFull: 'drop',
      drops: ['maxDepth'],
      chain: 0,
    }),
    conform((_, { dropped }) => shed({ when: { maxDepth: 4, maxAge: LONG }, drop, onDrop: dropped }), {
      kind: 'operator',
      name: `shed(depth and age, ${drop})`,
      bound: 4,
      whenFull: 'drop',
      drops: ['maxDepth'],
      time: {},
      chain: 0,
    }),
  ]),
  conflate: [
    conform(() => conflate<unknown[]>({ merge: (held, next) => [...held, ...next] }), {
      kind: 'operator',
      name: 'conflate(merge)',
      bound: 1,
      whenFull: 'merge',
      item: (value) => [value],
      contents: (merged) => merged,
    }),
    conform(() => conflate<unknown, unknown[]>({ seed: (n) => [n], aggregate: (held, n) => [...held, n] }), {
      kind: 'operator',
      name: 'conflate(seed)',
      bound: 1,
      whenFull: 'merge',
      contents: (merged) => merged,
    }),
  ],
  latestMap: (['stop', 'skip'] as const).map((onError) =>
    conform((fn, { dropped }) => latestMap(fn, { onDrop: dropped, onError }), {
      kind: 'operator',
      name: `latestMap(${onError})`,
      bound: 2,
      concurrency: 1,
      whenFull: 'drop',
      drops: ['latest'],
      onError,
      chain: 0,
      // What comes while the first item runs is given up: these count on every item being run.
    }).filter(({ title }) => !/behind some that finish late$|a promise that fn gives back rejects$/.test(title)),
  ),
  dedupe: [
    conform(() => dedupe<Boxed>({ max: 1_000 }), {
      kind: 'operator',
      name: 'dedupe(nothing twice)',
      bound: 1,
      ...boxed,
      chain: 400,
    }),
    conform(() => dedupe<Boxed>({ max: 1, ttl: LONG, overflowLimit: 30 }), {
      kind: 'operator',
      name: 'dedupe(max 1)',
      bound: 1,
      overflowLimit: 30,
      ...boxed,
      time: {},
      chain: 0,
    }),
    conform(() => dedupe({ key: (n) => Number(n) >> 1, max: 1_000 }), {
      kind: 'operator',
      name: 'dedupe(every other)',
      bound: 1,
      passes: (n) => n % 2 === 0,
      falsy: [],
      chain: 0,
      // Two sources send the same numbers, of which only the first come through.
    }).filter(({ rule }) => rule !== 'R-14'),
  ],
  idleTimeout: [
    conform(() => idleTimeout(LONG), {
      kind: 'operator',
      name: 'idleTimeout',
      bound: 1,
      time: { delay: (ms) => idleTimeout(ms) },
    }),
    withoutFloods(
      conform(() => idleTimeout(LONG, { onIdle: 'complete', overflowLimit: 30 }), {
        kind: 'operator',
        name: 'idleTimeout(complete)',
        bound: 1,
        overflowLimit: 30,
        time: {},
        chain: 0,
      }),
    ),
  ],
  deadline: [
    conform(() => deadline(LONG), {
      kind: 'operator',
      name: 'deadline',
      bound: 0,
      time: { delay: (ms) => deadline(ms) },
    }),
  ],
  delay: [
    delayed(0, { capacity: 1 }, { bound: 1 }),
    delayed(3, { capacity: 4, overflowLimit: 2_000 }, { bound: 4, overflowLimit: 2_000, chain: 100 }),
    withoutFloods(delayed(7, { capacity: 1 }, { bound: 1, chain: 0 })),
    delayed(1, { capacity: Infinity }, { bound: Infinity, chain: 0 }),
  ],
  broadcast: [
    conform(() => broadcast(), { kind: 'operator', name: 'broadcast', bound: 2 }),
    withoutFloods(
      conform(() => broadcast({ capacity: 3, overflowLimit: 30 }), {
        kind: 'operator',
        name: 'broadcast(3)',
        bound: 4,
        overflowLimit: 30,
        chain: 0,
      }),
    ),
  ],
};

export const shapingSourceSuites: Suites = {
  zip: [
    conform((items) => zip(fromIterable(items)).pipe(map(([item]) => item)), {
      kind: 'source',
      name: 'zip(one)',
      slack: 1,
    }),
    conform((items) => zip([naturals, items], { capacity: 3 }).pipe(map(([, item]) => item)), {
      kind: 'source',
      name: 'zip(two, capacity 3)',
      slack: 3,
    }),
  ],
};
