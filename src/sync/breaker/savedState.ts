import { wrongType } from '../../core/errors.ts';
import { holds } from '../../core/options.ts';
import type { SavedBucket, SavedWindow } from './SlidingWindow.ts';

/** The state of a {@link CircuitBreaker} as plain JSON: what `toJSON` gives and the option `state` takes. */
export interface CircuitBreakerState {
  readonly state: 'closed' | 'open' | 'half-open';
  /** How often it has opened since it was last closed. */
  readonly openings: number;
  /** For how many milliseconds more it stays open. */
  readonly remaining: number;
  /** How many probes have gone well. */
  readonly successes: number;
  /** How many calls have failed in a row. */
  readonly failuresInARow: number;
  /**
   * The calls in the window. By count: a digit for each, the oldest first, to which a failure adds 1 and slowness 2. By time: for
   * each bucket its age in milliseconds, and how many calls, failures and slow calls are in it.
   */
  readonly outcomes: SavedWindow;
}

/** Checks a state that may come from a file, and copies it. */
export function readState(given: unknown): CircuitBreakerState | undefined {
  if (given === undefined) return undefined;
  let copy: CircuitBreakerState | undefined;
  if (holds(() => (copy = copyOf(given as CircuitBreakerState)) !== undefined)) return copy;
  throw wrongType('CircuitBreaker', 'state', 'what toJSON() of a circuit breaker gave', given);
}

function copyOf(given: CircuitBreakerState): CircuitBreakerState | undefined {
  const { state, openings, remaining, successes, failuresInARow, outcomes } = given;
  if (!['closed', 'open', 'half-open'].includes(state) || !isAmount(remaining)) return undefined;
  if (![openings, successes, failuresInARow].every(isCount)) return undefined;
  const isKnown = typeof outcomes === 'string' ? /^[0-3]*$/.test(outcomes) : outcomes.every(isBucket);
  return isKnown ? { state, openings, remaining, successes, failuresInARow, outcomes } : undefined;
}

function isBucket(bucket: unknown): boolean {
  if (!Array.isArray(bucket) || bucket.length !== 4) return false;
  const [age, calls, failures, slow] = bucket as unknown as SavedBucket;
  return isAmount(age) && [calls, failures, slow].every(isCount) && Math.max(failures, slow) <= calls;
}

function isCount(value: unknown): boolean {
  return Number.isInteger(value) && isAmount(value) && (value as number) <= MOST;
}

function isAmount(value: unknown): boolean {
  return typeof value === 'number' && value >= 0 && value < Infinity;
}

/** It has to go on counting from there, with numbers that are exact. */
const MOST = 2 ** 52;
