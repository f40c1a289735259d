import { wrongType, wrongValue } from '../core/errors.ts';
import { checkFunction } from '../core/options.ts';
import type { Check } from './conform/Check.ts';
import { operatorChecks } from './conform/operator/operatorChecks.ts';
import type { AnyFactory } from './conform/operator/OperatorTrial.ts';
import type { OperatorCapabilities, OperatorFactory } from './conform/OperatorCapabilities.ts';
import { sinkChecks } from './conform/sink/sinkChecks.ts';
import type { SinkCapabilities, SinkFactory } from './conform/SinkCapabilities.ts';
import { sourceChecks } from './conform/source/sourceChecks.ts';
import type { SourceCapabilities, SourceFactory } from './conform/SourceCapabilities.ts';

export type { Check, OperatorCapabilities, OperatorFactory, SinkCapabilities, SinkFactory };
export type { SourceCapabilities, SourceFactory };
export type { OperatorReports, OperatorTime, StageFunction } from './conform/OperatorCapabilities.ts';
export type { Consumption, Destination } from './conform/SinkCapabilities.ts';
export type { Rule } from './conform/rules.ts';
export type { WorkContext } from './conform/Works.ts';

/**
 * Makes the checks that an operator, a source or a sink of your own has to pass: the rules that all of this package's obey.
 *
 * Each check builds small flows around what `factory` makes, with sources and consumers that close gates, throw, unsubscribe
 * and come back in the wrong moment, some of them in hundreds of random orders, always the same ones. It fails with a
 * {@link ConformanceError} that says which rule is broken, what was expected and seen, what happened before, and what usually
 * is the cause. At the end of each check nothing may be left: no subscription, timer, work, or waiter at a gate.
 *
 * It knows no test runner. Nearly all checks are synchronous and in virtual time; those that need promises return one.
 *
 * @example
 * ```ts
 * const pairs = <T>() => operate<T, T[]>((connection) => new Pairs<T>(connection));
 *
 * for (const { title, run } of conform(() => pairs(), {
 *   kind: 'operator',
 *   name: 'pairs',
 *   bound: 2,
 *   contents: (pair) => pair,
 * })) {
 *   test(title, run);
 * }
 * ```
 *
 * ```ts
 * conform((items) => countdown(items), { kind: 'source', name: 'countdown' });
 * conform((fn) => workerPool(fn, { concurrency: 2 }), { kind: 'operator', name: 'pool', bound: 6, concurrency: 2 });
 * ```
 *
 * Checks replace `hooks.warn`, `hooks.lateError` and `onUnhandledError` of RxJS while they run, so they must not run side by
 * side in one process. All checks of one operator take about half a second.
 *
 * @see `noLeaks`, which looks at what else a process has: `test(title, () => noLeaks(run))`. `Probe` and `ProbeSource`, for
 * tests of what your operator does besides.
 * @param factory Makes what is checked, anew for every flow. Operators are handed the function to run for each item, if they run
 * one; sources the items to emit; sinks the source to consume and where to write.
 * @param capabilities What it promises. A rule about something that it does not promise does not apply, and is not in the list.
 * @throws TypeError or RangeError if a capability is unknown or wrong.
 */
export function conform<T, R>(factory: OperatorFactory<T, R>, capabilities: OperatorCapabilities<T, R>): Check[];
export function conform<T>(factory: SourceFactory<T>, capabilities: SourceCapabilities<T>): Check[];
export function conform<T, W>(factory: SinkFactory<T, W>, capabilities: SinkCapabilities<T, W>): Check[];
export function conform(factory: unknown, capabilities: unknown): Check[] {
  checkFunction('conform', 'factory', factory);
  if (typeof capabilities !== 'object' || capabilities === null) {
    throw wrongType('conform', 'capabilities', 'an object', capabilities);
  }
  const { kind, name } = capabilities as { readonly kind?: unknown; readonly name?: unknown };
  if (typeof name !== 'string' || name === '') throw wrongType('conform', 'name', 'a string, for the titles', name);
  if (kind === 'operator') {
    return operatorChecks(factory as AnyFactory, capabilities as OperatorCapabilities<unknown, unknown>);
  }
  if (kind === 'source') {
    return sourceChecks(factory as SourceFactory<unknown>, capabilities as SourceCapabilities<unknown>);
  }
  if (kind === 'sink') {
    return sinkChecks(factory as SinkFactory<unknown, unknown>, capabilities as SinkCapabilities<unknown, unknown>);
  }
  throw wrongValue('conform', 'kind', "'operator', 'source' or 'sink'", kind);
}
