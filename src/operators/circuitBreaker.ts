import { defer, type MonoTypeOperatorFunction } from 'rxjs';
import { wrongType } from '../core/errors.ts';
import { operate } from '../core/operate.ts';
import { holds, OptionReader } from '../core/options.ts';
import type { CircuitBreaker } from '../sync/CircuitBreaker.ts';
import { BreakerCall } from './breaker/BreakerCall.ts';

/** The options of {@link circuitBreaker}. */
export interface CircuitBreakerOperatorOptions {
  /**
   * What becomes of a call that the breaker does not admit. `'fail'` (default): it fails with a `CircuitOpenError`. `'pause'`: it
   * waits until it is admitted.
   */
  whenOpen?: 'fail' | 'pause' | undefined;
}

/**
 * Puts a circuit breaker around an Observable that stands for one call: each subscription is one.
 *
 * ```
 * source: --a|                   subscribed at 0 while the breaker is open until 4
 * result: #                      circuitBreaker(breaker)
 * result: ------a|               circuitBreaker(breaker, { whenOpen: 'pause' })
 * ```
 *
 * - **Emits** what its source emits, at once. A call that completes went well, one that errors failed, if the breaker's
 *   `isFailure` and `isIgnored` say so.
 * - **Holds back**: its source is not subscribed while the call is not admitted. With `'pause'` calls are admitted in the order
 *   in which they came, as many as the breaker lets: while it is half-open no more than its probes. Demand passes through.
 * - **Completes** with its source.
 * - **Errors** with its source; with `'fail'`, when the call is not admitted, with a `CircuitOpenError`, in about a microsecond;
 *   and with what `isFailure` or `isIgnored` throw. Unsubscribing gives up the place in the queue, or the call. A call that is
 *   given up counts as nothing, unless it has emitted: then it went well.
 *
 * It holds nothing but its place in the queue. Put it around each call, not around the stream of items. In a pool the calls that
 * wait fill the pool, which holds its source back, so that no item is lost while the breaker is open:
 *
 * @example
 * ```ts
 * const breaker = new CircuitBreaker({ name: 'payments', openFor: 5_000 });
 * orders$.pipe(
 *   workerPool((order) => defer(() => pay(order)).pipe(circuitBreaker(breaker, { whenOpen: 'pause' })), { concurrency: 10 }),
 * );
 * ```
 *
 * A call that takes too long fails only if it is told to: put `timeout` above it (`pay$.pipe(timeout(1_000),
 * circuitBreaker(breaker))`). Below it, a timeout only gives the call up. The time for which a call counts as slow is that until
 * it completes, also where a gate below holds its values back.
 *
 * @see `CircuitBreaker`, which holds the state and all options, and has a form for promises. `retry` of RxJS with `backoff`,
 * which heeds the `retryAfter` of a `CircuitOpenError`.
 * @param breaker May be shared by any number of flows.
 * @param options See {@link CircuitBreakerOperatorOptions}.
 * @throws TypeError if `breaker` is no circuit breaker, or an option is wrong.
 */
export function circuitBreaker<T>(
  breaker: CircuitBreaker,
  options: CircuitBreakerOperatorOptions = {},
): MonoTypeOperatorFunction<T> {
  if (!holds(() => typeof breaker.tryBegin === 'function' && typeof breaker.whenAdmitting === 'function')) {
    throw wrongType('circuitBreaker', 'breaker', 'a CircuitBreaker', breaker);
  }
  const read = new OptionReader<CircuitBreakerOperatorOptions>('circuitBreaker', options, ['whenOpen']);
  if (read.oneOf('whenOpen', ['fail', 'pause'], 'fail') === 'fail') {
    return operate((connection) => new BreakerCall<T>(breaker).begin(connection));
  }
  return (source) =>
    defer(() => {
      const call = new BreakerCall<T>(breaker);
      return operate<T, T>((connection) => call.wait(connection))(call.whenAdmitted(source));
    });
}
