import { checkFunction, OptionReader } from '../core/options.ts';
import { readFlag } from '../core/readers.ts';
import { Deferred } from './waiting/Deferred.ts';

/** The options of {@link once}. */
export interface OnceOptions {
  /**
   * Whether a failed run counts: everyone who calls later gets its error. Default `false`: the next call runs the factory
   * again.
   */
  rememberFailure?: boolean | undefined;
}

/**
 * Makes a function that runs a factory at its first call, and gives the result of that one run to every caller.
 *
 * ```
 * calls:   a-b-----c          a, b, c: calls of the function
 * factory: [####]             one run
 * results: -----ab-c          of a and b when the run ends, of c at once
 * ```
 *
 * - **Gives** every caller the same promise, as long as the run has not failed: also those that call during the run.
 * - **Errors**: everyone who waits for a run that fails gets its error. It is forgotten before they hear of it, so that one
 *   who calls again then starts a new run; with `rememberFailure` it stays.
 *
 * It holds one promise, and the factory. Nothing cancels a run: others may wait for it.
 *
 * @example
 * ```ts
 * const connection = once(() => connect('tcp://db:5432'));
 * const rows = await (await connection()).query('select 1'); // connects
 * const more = await (await connection()).query('select 2'); // does not
 * ```
 *
 * @see {@link getOrCompute}, which does it for many keys, with an end to each value. `sync.Once` of Go, which does not forget
 * failures.
 * @param factory Makes the value, or a promise of it. It must not wait for the function that is made of it.
 * @param options See {@link OnceOptions}.
 * @throws TypeError if `factory` is no function, or an option is wrong.
 */
export function once<T>(factory: () => T | PromiseLike<T>, options: OnceOptions = {}): () => Promise<T> {
  checkFunction('once', 'factory', factory);
  const read = new OptionReader<OnceOptions>('once', options, ['rememberFailure']);
  const remembers = readFlag(read, 'rememberFailure', false);
  let run: Promise<T> | undefined;

  return () => {
    if (run !== undefined) return run;
    // Known before the factory runs, which may call this function.
    const attempt = new Deferred<T>();
    run = attempt.promise;
    new Promise<T>((settle) => settle(factory())).then(attempt.resolve, (error: unknown) => {
      if (!remembers) run = undefined;
      attempt.reject(error);
    });
    return attempt.promise;
  };
}
