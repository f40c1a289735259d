import { BehaviorSubject, of } from 'rxjs';
import type { Result, StageOptions } from '../../src/core/options.ts';
import { workerPool } from '../../src/operators/workerPool.ts';
import { parallel, type ParallelOptions } from '../../src/parallel/parallel.ts';
import { ThreadPool } from '../../src/parallel/ThreadPool.ts';
import { conform, type Check, type OperatorCapabilities } from '../../src/testing/conform.ts';
import { same } from '../parallel/tasks/plain.task.ts';
import { limitsSuites } from './limitsSuites.ts';
import { ofFailures, withoutFloods, type Suites } from './suites.ts';

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
  withoutFloods(
    pool(
      `an Observable, ${order}`,
      { order, concurrency: of(1, 2), capacity: 4 },
      { bound: 6, concurrency: 2, burst: 2, chain: 0 },
    ),
  ),
  ofFailures(
    pool(
      `skip, ${order}`,
      { order, concurrency: 2, onError: 'skip' },
      { bound: 6, concurrency: 2, onError: 'skip', chain: 0 },
    ),
  ),
  ofFailures(
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
  ),
  ofFailures(
    conform((fn, { deadLetter }) => workerPool(fn, { order, concurrency: 2, onError: { deadLetter } }), {
      kind: 'operator',
      name: `workerPool(deadLetter, ${order})`,
      bound: 6,
      concurrency: 2,
      order,
      onError: 'deadLetter',
      chain: 0,
    }),
  ),
  // The limit moves only after the end, so that nothing else about it is different.
  withoutFloods(
    conform((fn) => workerPool(fn, { order, concurrency: new BehaviorSubject(2) }), {
      kind: 'operator',
      name: `workerPool(a BehaviorSubject, ${order})`,
      bound: 6,
      concurrency: 2,
      order,
      chain: 0,
    }),
  ),
]);

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
  withoutFloods(onThreads(`1, capacity 0, ${order}`, { order, concurrency: 1, capacity: 0 }, { bound: 1 })),
  withoutFloods(onThreads(`one by one, ${order}`, { order, concurrency: 2, capacity: 5, maxBatch: 1 }, { bound: 7 })),
]);

/** Every operator that runs a function for each item, several at once, with the options that make a difference. */
export const poolSuites: Suites = { workerPool: pools, ...limitsSuites, parallel: parallels };
