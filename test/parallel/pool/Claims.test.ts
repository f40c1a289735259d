import { expect, test } from 'vitest';
import type { Slot } from '../../../src/core/slot.ts';
import { Batch } from '../../../src/parallel/pool/Batch.ts';
import { Claims } from '../../../src/parallel/pool/Claims.ts';
import type { PoolUser } from '../../../src/parallel/pool/PoolUser.ts';
import { CLAIM } from '../../../src/parallel/protocol.ts';

/** A batch of three, and what a thread does before each of its items and behind the last. */
function make() {
  const claims = new Claims();
  const slots = Array.from({ length: 3 }, () => ({}) as Slot<unknown, unknown>);
  claims.reset(0);
  return { claims, batch: new Batch({} as PoolUser, slots, false), claim: () => Atomics.add(claims.cells, CLAIM, 1) };
}

test('W4 of a batch that was taken back it is known whether its last item still runs', () => {
  const { claims, batch, claim } = make();
  claim();
  expect(claims.begun(batch, 0)).toBe(1);
  expect(claims.stop(batch, 0)).toEqual({ left: batch.slots.slice(1), isRunning: true });
  expect([claims.begun(batch, 0), claims.stop(batch, 0)]).toEqual([1, { left: [], isRunning: true }]);
  claim();
  expect([claims.begun(batch, 0), claims.stop(batch, 0)]).toEqual([4, { left: [], isRunning: false }]);
});

test('and that none does of one that was taken back whole', () => {
  const { claims, batch, claim } = make();
  expect(claims.stop(batch, 0)).toEqual({ left: batch.slots, isRunning: false });
  expect(claims.begun(batch, 0)).toBe(4);
  claim();
  expect([claims.begun(batch, 0), claims.stop(batch, 0)]).toEqual([4, { left: [], isRunning: false }]);
});
