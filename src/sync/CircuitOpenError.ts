import type { StageErrorFields } from '../core/errors.ts';

/** Why a circuit breaker does not admit a call. */
export interface Refusal {
  readonly state: 'open' | 'half-open';
  /** Milliseconds until it will admit one, if that is known. */
  readonly retryAfter: number | undefined;
  readonly isIsolated: boolean;
  /** What made it open, if that was an error. */
  readonly failure: { readonly error: unknown } | undefined;
}

/** Makes an `Error` in all but the stack, of which the capture alone would cost microseconds. */
const ErrorWithoutStack = Object.assign(function ErrorWithoutStack() {}, {
  prototype: Error.prototype,
}) as unknown as new () => Error;

/**
 * A circuit breaker did not admit a call, so nothing was called. `cause` is the error that made it open, if it was one.
 *
 * Refusing has to be cheap, since it is done often and when there is trouble. So this is an `Error` whose `stack` is only its
 * name and message: no frames are captured. `instanceof Error` holds; `util.types.isNativeError` does not.
 */
export class CircuitOpenError extends ErrorWithoutStack implements StageErrorFields {
  override readonly name = 'CircuitOpenError';
  readonly code = 'ERR_CIRCUIT_OPEN';
  /** The name of the circuit breaker. */
  readonly stage: string;
  /** Its state: open, or half-open with as many probes under way as may be. */
  readonly state: 'open' | 'half-open';
  /** Milliseconds until it will admit a call; `undefined` if that is not known. `backoff` heeds it. */
  readonly retryAfter: number | undefined;

  constructor(stage: string, { state, retryAfter, isIsolated, failure }: Refusal) {
    super();
    const why = isIsolated ? 'isolated' : state === 'open' ? 'open' : 'half-open and its probes are under way';
    const when = retryAfter === undefined ? 'later' : `in ${Math.ceil(retryAfter)} ms`;
    this.message = `Circuit breaker "${stage}" is ${why}, so nothing was called. Try again ${when}, or wait with whenOpen: 'pause'`;
    this.stack = `CircuitOpenError: ${this.message}`;
    this.stage = stage;
    this.state = state;
    this.retryAfter = retryAfter;
    if (failure !== undefined) this.cause = failure.error;
  }
}
