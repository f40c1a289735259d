import { outOfRange, wrongType } from '../../core/errors.ts';
import { checkCount, holds, isOptions, OptionReader } from '../../core/options.ts';
import { readDuration, readFunction } from '../../core/readers.ts';
import type { Backoff } from '../backoff.ts';
import { readRatio } from '../numbers/readRatio.ts';
import { CountWindow } from './CountWindow.ts';
import { readState, type CircuitBreakerState } from './savedState.ts';
import type { SlidingWindow } from './SlidingWindow.ts';
import { TimeWindow } from './TimeWindow.ts';

/** A change of the state of a {@link CircuitBreaker}. */
export interface CircuitChange {
  readonly from: 'closed' | 'open' | 'half-open';
  readonly to: 'closed' | 'open' | 'half-open';
  /** The option by which it changed, or `'isolate'` if somebody did it by hand. */
  readonly reason:
    | 'failureRate'
    | 'slowCallRate'
    | 'consecutiveFailures'
    | 'halfOpenProbes'
    | 'successesToClose'
    | 'openFor'
    | 'isolate';
}

/** The options of {@link CircuitBreaker}. */
export interface CircuitBreakerOptions {
  /** Names the breaker in errors and warnings: 1 to 200 characters. Default `'CircuitBreaker'`. */
  name?: string | undefined;
  /**
   * Which calls the rates look at: the last so many (an integer from 1 to 1,000,000), or those of the last so many milliseconds
   * (10 to 2147483647). Default `{ calls: 100 }`.
   */
  window?: { readonly calls: number } | { readonly ms: number } | undefined;
  /**
   * How many calls have to be in the window before a rate counts: an integer of 1 or more. Default 10, or `window.calls` if that
   * is less.
   */
  minimumCalls?: number | undefined;
  /**
   * Opens when this share of the calls in the window failed: more than 0, at most 1. Default 0.5; none if `consecutiveFailures`
   * is given.
   */
  failureRate?: number | undefined;
  /** Opens after so many failures in a row: an integer of 1 or more. Default: it does not. */
  consecutiveFailures?: number | undefined;
  /** A call that lasts so many milliseconds or more is slow: 0 to 2147483647. Default: none is. A slow probe counts as failed. */
  slowCallDuration?: number | undefined;
  /** Opens when this share of the calls in the window was slow: more than 0, at most 1. Needs `slowCallDuration`. Default 1. */
  slowCallRate?: number | undefined;
  /**
   * For how many milliseconds it stays open: 0 to 2147483647, or a `backoff`, of which the `n`th delay counts when it opens for
   * the `n`th time without having been closed. Default 30,000.
   */
  openFor?: number | Pick<Backoff, 'delayOf'> | undefined;
  /** How many calls may run at once while it is half-open: an integer of 1 or more. Default 1. */
  halfOpenProbes?: number | undefined;
  /** How many of them have to go well, one after the other, before it closes: an integer of 1 or more. Default 3. */
  successesToClose?: number | undefined;
  /**
   * Says whether an error is a failure of what is called. One that is not (a wrong request, say) counts as a success. Default:
   * all are.
   */
  isFailure?: ((error: unknown) => boolean) | undefined;
  /**
   * Says whether a call with this error counts as nothing, as if it had not been made. Asked before `isFailure`. Default: none.
   */
  isIgnored?: ((error: unknown) => boolean) | undefined;
  /** Called after each change of the state. What it throws becomes a warning. */
  onStateChange?: ((change: CircuitChange) => void) | undefined;
  /** What `toJSON` of a breaker gave: goes on from there. Default: closed, with an empty window. */
  state?: CircuitBreakerState | undefined;
}

/** Checked options. */
export interface BreakerSettings {
  readonly name: string;
  readonly window: SlidingWindow;
  readonly minimumCalls: number;
  readonly failureRate: number | undefined;
  readonly consecutiveFailures: number;
  readonly slowCallDuration: number | undefined;
  readonly slowCallRate: number;
  /** The milliseconds of the `attempt`th opening. */
  readonly openFor: (attempt: number) => number;
  readonly halfOpenProbes: number;
  readonly successesToClose: number;
  readonly isFailure: ((error: unknown) => boolean) | undefined;
  readonly isIgnored: ((error: unknown) => boolean) | undefined;
  readonly onStateChange: ((change: CircuitChange) => void) | undefined;
  readonly state: CircuitBreakerState | undefined;
}

const KNOWN = [
  'name',
  'window',
  'minimumCalls',
  'failureRate',
  'consecutiveFailures',
  'slowCallDuration',
  'slowCallRate',
  'openFor',
  'halfOpenProbes',
  'successesToClose',
  'isFailure',
  'isIgnored',
  'onStateChange',
  'state',
] as const;

type Reader = OptionReader<CircuitBreakerOptions>;

/** Reads and checks the options of a breaker. */
export function readSettings(options: CircuitBreakerOptions): BreakerSettings {
  const read: Reader = new OptionReader<CircuitBreakerOptions>('CircuitBreaker', options, KNOWN);
  const { window, calls } = readWindow(read);
  const consecutiveFailures = read.count('consecutiveFailures', 1, Infinity);
  const failureRate = readRatio(read, 'failureRate');
  const slowCallDuration = readDuration(read, 'slowCallDuration');
  const slowCallRate = readRatio(read, 'slowCallRate');
  if (slowCallRate !== undefined && slowCallDuration === undefined) {
    throw wrongType('CircuitBreaker', 'slowCallDuration', 'given together with "slowCallRate"', undefined);
  }
  const minimumCalls = read.count('minimumCalls', 1, Math.min(10, calls));
  if (minimumCalls > calls) {
    const rule = `at most "window.calls", which is ${calls}: it would never open`;
    throw outOfRange('CircuitBreaker', 'minimumCalls', rule, minimumCalls);
  }
  return {
    name: read.stageName('CircuitBreaker'),
    window,
    minimumCalls,
    failureRate: failureRate ?? (consecutiveFailures === Infinity ? 0.5 : undefined),
    consecutiveFailures,
    slowCallDuration,
    slowCallRate: slowCallRate ?? 1,
    openFor: readOpenFor(read),
    halfOpenProbes: read.count('halfOpenProbes', 1, 1),
    successesToClose: read.count('successesToClose', 1, 3),
    isFailure: readFunction(read, 'isFailure'),
    isIgnored: readFunction(read, 'isIgnored'),
    onStateChange: readFunction(read, 'onStateChange'),
    state: readState(read.get('state')),
  };
}

/** Infinity for the calls of a window of time: as many as come. */
function readWindow(read: Reader): { window: SlidingWindow; calls: number } {
  const given: unknown = read.get('window');
  if (given === undefined) return { window: new CountWindow(DEFAULT_CALLS), calls: DEFAULT_CALLS };
  let entries: [string, unknown][] = [];
  if (isOptions(given)) holds(() => (entries = Object.entries(given)).length > 0);
  const [[key, value] = [], ...more] = entries;
  if (more.length === 0 && key === 'calls') {
    const calls = checkCount('CircuitBreaker', 'window.calls', value, 1);
    const rule = `an integer from 1 to ${MAX_CALLS}`;
    if (calls > MAX_CALLS) throw outOfRange('CircuitBreaker', 'window.calls', rule, value);
    return { window: new CountWindow(calls), calls };
  }
  if (more.length === 0 && key === 'ms') {
    const rule = 'a number of milliseconds from 10 to 2147483647';
    if (typeof value !== 'number') throw wrongType('CircuitBreaker', 'window.ms', rule, value);
    if (!(value >= 10 && value <= MAX_TIMER)) throw outOfRange('CircuitBreaker', 'window.ms', rule, value);
    return { window: new TimeWindow(value), calls: Infinity };
  }
  throw wrongType('CircuitBreaker', 'window', '{ calls } or { ms }', given);
}

function readOpenFor(read: Reader): (attempt: number) => number {
  const given = read.get('openFor');
  if (given === undefined) return () => DEFAULT_OPEN;
  if (typeof given === 'number') {
    const ms = readDuration(read, 'openFor') as number;
    return () => ms;
  }
  const rule = 'a number of milliseconds, or a backoff';
  if (!holds(() => typeof given.delayOf === 'function')) throw wrongType('CircuitBreaker', 'openFor', rule, given);
  return (attempt) => {
    const ms: unknown = given.delayOf(attempt);
    const gives = 'a backoff whose delayOf gives milliseconds';
    if (typeof ms !== 'number') throw wrongType('CircuitBreaker', 'openFor', gives, ms);
    if (!(ms >= 0 && ms < Infinity)) throw outOfRange('CircuitBreaker', 'openFor', gives, ms);
    return ms;
  };
}

const DEFAULT_CALLS = 100;
const MAX_CALLS = 1_000_000;
const DEFAULT_OPEN = 30_000;
const MAX_TIMER = 2 ** 31 - 1;
