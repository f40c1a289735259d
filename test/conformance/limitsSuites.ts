import { EMPTY } from 'rxjs';
import { conform } from '../../src/testing/conform.ts';
import { fanOut } from '../../src/operators/fanOut.ts';
import { keyed } from '../../src/operators/keyed.ts';
import { workerPool } from '../../src/operators/workerPool.ts';
import { adaptive } from '../../src/sync/limits/adaptive.ts';
import { fixedLimit } from '../../src/sync/limits/fixedLimit.ts';
import { ofFailures, withoutFloods, type Suites } from './suites.ts';

const ORDERS = ['completion', 'input'] as const;

/** Every item has a key of its own, so that keys put nothing in its way: what they do is the matter of test/operators/keyed.test.ts. */
const own = (item: unknown): unknown => ({ item });
/** One key for all: like a pool of one. */
const same = (): string => 'same';

const keyeds = ORDERS.flatMap((order) => [
  conform((fn) => keyed(own, fn, { order, concurrency: 3, overflowLimit: 20 }), {
    kind: 'operator',
    name: `keyed(3, ${order})`,
    order,
    bound: 9,
    concurrency: 3,
    burst: 3,
    overflowLimit: 20,
  }),
  conform((fn) => keyed(same, fn, { order, concurrency: 1 }), {
    kind: 'operator',
    name: `keyed(one key, ${order})`,
    order,
    bound: 3,
    concurrency: 1,
    chain: 0,
  }),
  ...(['skip', 'emit'] as const).map((onError) =>
    ofFailures(
      conform<unknown, unknown>((fn) => keyed(own, fn, { order, concurrency: 2, onError: onError as 'skip' }), {
        kind: 'operator',
        name: `keyed(${onError}, ${order})`,
        order,
        bound: 6,
        concurrency: 2,
        onError,
        ...(onError === 'emit' && {
          contents: (result: unknown) => ((result as { ok: boolean }).ok ? [(result as { value: unknown }).value] : []),
          failure: (result: unknown) => ((result as { ok: boolean }).ok ? undefined : (result as never)),
        }),
        chain: 0,
      }),
    ),
  ),
  ofFailures(
    conform((fn, { deadLetter }) => keyed(own, fn, { order, concurrency: 2, onError: { deadLetter } }), {
      kind: 'operator',
      name: `keyed(deadLetter, ${order})`,
      order,
      bound: 6,
      concurrency: 2,
      onError: 'deadLetter',
      chain: 0,
    }),
  ),
  // It drops nothing, since every key has room; but it takes the other way in.
  conform((fn) => keyed(own, fn, { order, concurrency: 2, maxWaitingPerKey: 1, overflow: 'dropOldest' }), {
    kind: 'operator',
    name: `keyed(dropOldest, ${order})`,
    order,
    bound: 6,
    concurrency: 2,
    chain: 0,
  }),
]);

const limited = ORDERS.flatMap((order) => [
  withoutFloods(
    conform((fn) => workerPool(fn, { order, concurrency: fixedLimit(2) }), {
      kind: 'operator',
      name: `workerPool(fixedLimit, ${order})`,
      order,
      bound: 6,
      concurrency: 2,
      chain: 0,
    }),
  ),
  conform((fn) => workerPool(fn, { order, concurrency: adaptive({ initial: 2, max: 2 }) }), {
    kind: 'operator',
    name: `workerPool(adaptive, ${order})`,
    order,
    bound: 6,
    concurrency: 2,
    chain: 0,
  }),
]);

const fanOuts = [
  ...(['free', 'roundRobin'] as const).map((route) =>
    conform(() => fanOut(3, (items$) => items$, { route, overflowLimit: 30 }), {
      kind: 'operator',
      name: `fanOut(3, ${route})`,
      bound: 1,
      overflowLimit: 30,
    }),
  ),
  conform(() => fanOut(3, (items$) => items$, { route: { key: (item) => item } }), {
    kind: 'operator',
    name: 'fanOut(3, key)',
    bound: 1,
    chain: 0,
  }),
  conform(() => fanOut(1, (items$) => items$, { route: 'broadcast' }), {
    kind: 'operator',
    name: 'fanOut(1, broadcast)',
    bound: 1,
    chain: 0,
  }),
  // The first lane passes the items on, the second takes them and gives nothing.
  conform(
    () => fanOut(2, (items$, i) => (i === 0 ? items$ : items$.pipe(workerPool(() => EMPTY))), { route: 'broadcast' }),
    {
      kind: 'operator',
      name: 'fanOut(2, broadcast)',
      bound: 1,
      chain: 0,
    },
  ),
];

/** What belongs to limits, keys and lanes, by the names of the exports. */
export const limitsSuites: Suites = { keyed: keyeds, fanOut: fanOuts, adaptive: limited };
