import { BehaviorSubject, of } from 'rxjs';
import {
  batch,
  buffered,
  encodeNdjson,
  named,
  okOnly,
  splitResults,
  workerPool,
  type Result,
  type StageOptions,
} from 'sluice';
import { encodeCsv } from 'sluice/csv';
import { parallel, ThreadPool, type ParallelOptions } from 'sluice/parallel';
import { conform, type Check, type OperatorCapabilities } from '../../src/testing/conform.ts';
import { same } from '../parallel/tasks/plain.task.ts';
import { limitsSuites } from './limitsSuites.ts';
import { resilienceSuites } from './resilienceSuites.ts';
import { shapingOperatorSuites } from './shapingSuites.ts';
import type { Suites } from './suites.ts';
import { syncSuites } from './syncSuites.ts';

type Capabilities<R = unknown> = Omit<OperatorCapabilities<unknown, R>, 'kind' | 'name'>;

/** `workerPool` with these options. */
function pool(name: string, options: StageOptions<unknown>, promises: Capabilities): Check[] {
  return conform((fn) => workerPool(fn, options), {
    kind: 'operator',
    name: `workerPool(${name})`,
    order: options.order ?? 'completion',
    overflowLimit: options.overflowLimit,
    ...promises,
  });
}

const ORDERS = ['completion', 'input'] as const;

const pools = ORDERS.flatMap((order) => [
  pool(`1, ${order}`, { order }, { bound: 3, concurrency: 1 }),
  pool(`3, ${order}`, { order, concurrency: 3, overflowLimit: 20 }, { bound: 9, concurrency: 3, burst: 3 }),
  pool(`3, capacity 0, ${order}`, { order, concurrency: 3, capacity: 0 }, { bound: 3, concurrency: 3, chain: 0 }),
  pool(`Infinity, ${order}`, { order, concurrency: Infinity }, { bound: Infinity, concurrency: Infinity, chain: 0 }),
  pool(
    `an Observable, ${order}`,
    { order, concurrency: of(1, 2), capacity: 4 },
    { bound: 6, concurrency: 2, burst: 2, chain: 0 },
  ),
  pool(
    `skip, ${order}`,
    { order, concurrency: 2, onError: 'skip' },
    { bound: 6, concurrency: 2, onError: 'skip', chain: 0 },
  ),
  conform<unknown, Result<unknown>>((fn) => workerPool(fn, { order, concurrency: 2, onError: 'emit' }), {
    kind: 'operator',
    name: `workerPool(emit, ${order})`,
    bound: 6,
    concurrency: 2,
    order,
    onError: 'emit',
    contents: (result) => (result.ok ? [result.value] : []),
    failure: (result) => (result.ok ? undefined : result),
  }),
  conform((fn, { deadLetter }) => workerPool(fn, { order, concurrency: 2, onError: { deadLetter } }), {
    kind: 'operator',
    name: `workerPool(deadLetter, ${order})`,
    bound: 6,
    concurrency: 2,
    order,
    onError: 'deadLetter',
    chain: 0,
  }),
  // The limit moves only after the end, so that nothing else about it is different.
  conform((fn) => workerPool(fn, { order, concurrency: new BehaviorSubject(2) }), {
    kind: 'operator',
    name: `workerPool(a BehaviorSubject, ${order})`,
    bound: 6,
    concurrency: 2,
    order,
    chain: 0,
  }),
]);

const buffers = [
  conform(() => buffered({ capacity: 1 }), { kind: 'operator', name: 'buffered(1)', bound: 1 }),
  conform(() => buffered({ capacity: 5, overflowLimit: 30 }), {
    kind: 'operator',
    name: 'buffered(5)',
    bound: 5,
    overflowLimit: 30,
  }),
  conform(() => buffered({ capacity: Infinity }), {
    kind: 'operator',
    name: 'buffered(Infinity)',
    bound: Infinity,
    chain: 0,
  }),
  ...(['dropOldest', 'dropNewest'] as const).map((overflow) =>
    conform((_, { dropped }) => buffered({ capacity: 4, overflow, onDrop: dropped }), {
      kind: 'operator',
      name: `buffered(4, ${overflow})`,
      bound: 4,
      whenFull: 'drop',
      drops: [overflow],
      chain: 0,
    }),
  ),
  conform((_, { dropped }) => buffered({ overflow: 'latest', onDrop: dropped }), {
    kind: 'operator',
    name: 'buffered(latest)',
    bound: 1,
    whenFull: 'drop',
    drops: ['latest'],
    chain: 0,
  }),
  conform(() => buffered({ capacity: 3, overflow: 'fail' }), {
    kind: 'operator',
    name: 'buffered(3, fail)',
    bound: 3,
    whenFull: 'fail',
    chain: 0,
  }),
  conform(() => buffered<unknown[]>({ capacity: 3, overflow: { merge: (held, next) => [...held, ...next] } }), {
    kind: 'operator',
    name: 'buffered(3, merge)',
    bound: 3,
    whenFull: 'merge',
    item: (value) => [value],
    contents: (merged) => merged,
  }),
];

const batches = [
  conform(() => batch({ size: 1 }), { kind: 'operator', name: 'batch(1)', bound: 1, contents: (items) => items }),
  conform(() => batch({ size: 4 }), { kind: 'operator', name: 'batch(4)', bound: 4, contents: (items) => items }),
  conform(() => batch({ size: 4, wait: 5 }), {
    kind: 'operator',
    name: 'batch(4, wait 5)',
    bound: 4,
    contents: (items) => items,
    time: { delay: (wait) => batch({ size: 4, wait }) },
  }),
  conform(() => batch<unknown>({ size: 10, weigh: (item) => Number(item) % 3 || 0, weight: 3, wait: 20 }), {
    kind: 'operator',
    name: 'batch(by weight)',
    // Those of no weight may make it full.
    bound: 10,
    contents: (items) => items,
    time: {},
  }),
];

/**
 * Shared by all checks, since a thread takes a while to start. They do not keep the process alive, and end with it. Two threads would
 * finish items in any order.
 */
const threadsFor = { input: new ThreadPool({ threads: 2 }), completion: new ThreadPool({ threads: 1 }) };

/**
 * `parallel` with a task that gives its item back, since what a check hands over cannot run on a thread: how work fails and
 * is cancelled there is the matter of test/parallel.
 */
function onThreads(name: string, options: ParallelOptions<unknown>, promises: Capabilities): Check[] {
  return conform(() => parallel(same, { threads: threadsFor[options.order ?? 'completion'], ...options }), {
    kind: 'operator',
    name: `parallel(${name})`,
    order: options.order ?? 'completion',
    overflowLimit: options.overflowLimit,
    isAsync: true,
    chain: 0,
    ...promises,
  });
}

const parallels = ORDERS.flatMap((order) => [
  onThreads(
    `2, capacity 5, ${order}`,
    { order, concurrency: 2, capacity: 5, overflowLimit: 2_000 },
    { bound: 7, burst: 2 },
  ),
  onThreads(`1, capacity 0, ${order}`, { order, concurrency: 1, capacity: 0 }, { bound: 1 }),
  onThreads(`one by one, ${order}`, { order, concurrency: 2, capacity: 5, maxBatch: 1 }, { bound: 7 }),
]);

const isFailure = (value: unknown): boolean => typeof value === 'number' && value % 3 === 2;
const result = (value: unknown): Result<unknown> =>
  isFailure(value) ? { ok: false, error: 'failed', item: value } : { ok: true, value };

const HEADER = 'n,even\n';

/** Every operator that is exported, with the options that make a difference. */
export const operatorSuites: Suites = {
  workerPool: pools,
  ...syncSuites,
  ...limitsSuites,
  ...resilienceSuites,
  ...shapingOperatorSuites,
  parallel: parallels,
  buffered: buffers,
  batch: batches,
  named: [conform(() => named<unknown>('stretch'), { kind: 'operator', name: 'named', bound: 0, passes: () => true })],
  okOnly: [
    conform(() => okOnly<unknown, unknown>(), {
      kind: 'operator',
      name: 'okOnly',
      bound: 0,
      item: result,
      passes: (n) => !isFailure(n),
    }),
  ],
  // Ways with stages of their own are left out: two stages above one gate wake one inside the other if the consumer opens the
  // gate inside a value, as below `merge`.
  splitResults: [
    conform(
      () =>
        splitResults(
          (values$) => values$,
          (failures$) => failures$,
        ),
      {
        kind: 'operator',
        name: 'splitResults',
        bound: 1,
        item: result,
        contents: (either) => [
          typeof either === 'object' && either !== null && 'item' in either ? either.item : either,
        ],
      },
    ),
  ],
  encodeNdjson: [
    conform(() => encodeNdjson(), {
      kind: 'operator',
      name: 'encodeNdjson',
      bound: 0,
      contents: (line) => [JSON.parse(line)],
      falsy: [null, 0, '', false],
      chain: 0,
    }),
  ],
  encodeCsv: [
    conform(() => encodeCsv<{ n: unknown }>({ columns: ['n'], header: false }), {
      kind: 'operator',
      name: 'encodeCsv(no header)',
      bound: 0,
      item: (n) => ({ n }),
      contents: (line) => [Number(line)],
      falsy: [],
    }),
    conform(() => encodeCsv<{ n: unknown; even: boolean }>({ columns: ['n', 'even'] }), {
      kind: 'operator',
      name: 'encodeCsv(header)',
      bound: 0,
      perItem: 2,
      item: (n) => ({ n, even: Number(n) % 2 === 0 }),
      contents: (line) => (line === HEADER ? [] : [Number(line.split(',')[0])]),
      falsy: [],
    }),
  ],
};
