import { describe, expect, test } from 'vitest';
import { simulate, type SimulateOptions } from '../../src/testing/simulate.ts';
import { SimulationError } from '../../src/testing/simulate/SimulationError.ts';
import { faultyPool, type Fault } from './simulateFaultyPool.ts';

/** A search for all of these faults; with others what is found first may shrink to something longer. */
const seed = 1;

function simulated(
  fault: Fault,
  more: SimulateOptions = {},
  order: 'input' | 'completion' = 'completion',
  onError: 'stop' | 'skip' = 'stop',
) {
  const settings = { concurrency: 2, capacity: 2, order, onError };
  return simulate((fn) => faultyPool(fault, fn, settings), {
    bound: 4,
    concurrency: 2,
    order,
    onError,
    tasks: ['value', 'throw', 'promise', 'rejection', 'stubborn', 'never'],
    seed,
    ...more,
  });
}

describe('simulate', () => {
  test.each([
    ['runs one too many once the gate has flipped', ['concurrency']],
    ['loses the last item if its work ends at once', ['conservation', 'liveness', 'completion']],
    ['gets out of order after a failure', ['order']],
    ['starts an item after it was unsubscribed', ['after the end']],
    ['does not cancel', ['cancellation']],
    ['cancels a moment late', ['cancellation']],
    ['loses a wake-up', ['liveness']],
    ['holds one more than it may', ['bound']],
    ['sends a value twice', ['conservation']],
    ['completes early', ['completion']],
    ['swallows an error', ['error']],
    ['wraps an error', ['error']],
    ['keeps an error back while the gate is closed', ['error']],
    ['sends through a closed gate', ['gate']],
    ['starts while the gate is closed', ['gate']],
    ['sends a value inside another', ['grammar', 'gate']],
    ['leaves a timer behind', ['release']],
    ['does not count', ['conservation']],
    ['gives items up silently', ['bound', 'conservation', 'liveness']],
    ['never completes', ['liveness']],
  ] as const)('finds a pool that %s', async (fault, invariants) => {
    const needsSkip = fault === 'gets out of order after a failure';
    const search = (more?: SimulateOptions) =>
      needsSkip ? simulated(fault, more, 'input', 'skip') : simulated(fault, more);
    const error: unknown = await search().catch((e: unknown) => e);
    if (!(error instanceof SimulationError))
      throw error instanceof Error ? error : new Error(`not found: ${JSON.stringify(error)}`);
    expect(invariants).toContain(error.invariant);
    expect(error.steps.length).toBeLessThanOrEqual(22);
    const again: unknown = await search({ seed: error.seed, path: error.path }).catch((e: unknown) => e);
    expect((again as SimulationError).steps).toEqual(error.steps);
  });

  test.each(['input', 'completion'] as const)('passes the same pool without a fault, in %s order', async (order) => {
    for (const onError of ['stop', 'skip'] as const) {
      const { completed, failed, unsubscribed } = await simulated('none', {}, order, onError);
      expect(completed + failed + unsubscribed).toBe(1000);
    }
  });
});
