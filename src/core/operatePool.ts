import { Observable, type OperatorFunction } from 'rxjs';
import type { Limit } from './limit.ts';
import { LIMIT } from './limited.ts';
import { checkCount, holds, isFunction, OptionReader, quoted, type OnError, type StageOptions } from './options.ts';
import { setSubscribing } from './demand.ts';
import { operate, type OperatorConnection } from './operate.ts';
import { origin } from './origin.ts';
import { Pool } from './pool.ts';
import type { Executor, PoolSettings } from './poolSettings.ts';

/**
 * Makes the operator for a stage that runs `executor` for each item, from options as a user gives them: what `workerPool`,
 * `forEach` and their like have in common. `onErrors` are the words that `onError` may be here.
 *
 * @throws TypeError or RangeError, in the name of `fn`, if an option is wrong.
 */
export function pool<T, R>(
  fn: string,
  defaultName: string,
  options: StageOptions<T>,
  executor: Executor<T, R>,
  onErrors?: readonly OnErrorWord[],
): OperatorFunction<T, R> {
  const read = new OptionReader(fn, options, STAGE_OPTIONS);
  const settings = readPool(read, defaultName, onErrors);
  return operatePool(fn, read.get('concurrency'), (connection) => new Pool<T, R>(connection, settings, executor));
}

/** Reads the options that every pool has. `fallback` is its concurrency where none is given. */
export function readPool<T>(
  read: OptionReader<StageOptions<T>>,
  defaultName: string,
  onErrors: readonly OnErrorWord[] = ['stop', 'skip', 'emit'],
  fallback = 1,
): PoolSettings<T> {
  const limits = read.get('concurrency');
  const changes = limits instanceof Observable || isLimit(limits);
  if (typeof limits === 'object' && !changes)
    throw read.wrong('concurrency', 'a number, an Observable of numbers, or a Limit', limits);
  return {
    name: read.stageName(defaultName || read.caller),
    concurrency: changes ? 1 : read.count('concurrency', 1, fallback, true),
    capacity: read.count('capacity', 0, undefined, true),
    order: read.oneOf('order', ['completion', 'input'], 'completion'),
    onError: checkOnError(read, onErrors),
    overflowLimit: read.count('overflowLimit', 0, 1_000_000, true),
    origin: origin.note?.(),
  };
}

/** Makes the operator of a pool whose limit follows `limits`, if that is an Observable. */
export function operatePool<T, R>(
  fn: string,
  limits: StageOptions<T>['concurrency'],
  connect: (connection: OperatorConnection<R>) => Pool<T, R>,
): OperatorFunction<T, R> {
  return operate((connection) => {
    const stage = connect(connection);
    if (isLimit(limits)) connection.out.add(limits[LIMIT](stage));
    else if (limits instanceof Observable) {
      // The limits do not flow through what is below this stage, so its gate is none of theirs.
      const outer = setSubscribing(undefined);
      connection.out.add(
        limits.subscribe({
          next: (limit) => {
            try {
              stage.setLimit(checkCount(fn, 'concurrency', limit, 0, true));
            } catch (error) {
              stage.error(error);
            }
          },
          error: (error: unknown) => stage.error(error),
        }),
      );
      setSubscribing(outer);
    }
    return stage;
  });
}

/** The options that {@link readPool} reads. */
export const STAGE_OPTIONS = ['name', 'concurrency', 'capacity', 'order', 'onError', 'overflowLimit'] as const;

function isLimit(value: unknown): value is Limit {
  return holds(() => LIMIT in (value as Limit));
}

type OnErrorWord = Extract<OnError<never>, string>;

function checkOnError<T>(read: OptionReader<StageOptions<T>>, words: readonly OnErrorWord[]): OnError<T> {
  const onError = read.get('onError');
  if (onError === undefined) return 'stop';
  const isWord = words.includes(onError as OnErrorWord);
  if (isWord || (typeof onError === 'object' && holds(() => isTarget(onError.deadLetter)))) return onError;
  throw read.wrong('onError', `${quoted(words)} or { deadLetter: a function or an observer }`, onError);
}

function isTarget(target: unknown): boolean {
  return isFunction(target) || isFunction((target as { next?: unknown }).next);
}
