import { describe, expect, test, vi } from 'vitest';
import { Batch } from '../../src/parallel/pool/Batch.ts';
import { now } from '../../src/parallel/pool/clock.ts';
import type { PoolUser } from '../../src/parallel/pool/PoolUser.ts';
import type { Seat } from '../../src/parallel/pool/Seat.ts';
import { stealFor } from '../../src/parallel/pool/steal.ts';
import { Watch } from '../../src/parallel/pool/Watch.ts';
import type { Slot } from '../../src/core/slot.ts';

/** Looks at a watch that were to come by themselves. */
const LOOKS = 3;

/** A seat with these batches, given as how many of their items have begun. */
function seatWith(user: Partial<PoolUser>, ...begun: number[]) {
  const places = begun.map(() => {
    const batch = new Batch({ cost: 0, isKeyed: false, ...user } as PoolUser, [{} as Slot<unknown, unknown>], false);
    batch.seenAt = now();
    return batch;
  });
  const seat = {
    places,
    inFlight: places.length,
    begun: (place: number) => begun[place]!,
    kill: vi.fn(),
    takeBack: vi.fn(),
  };
  return seat as typeof seat & Seat;
}

async function looks(seats: readonly Seat[]): Promise<void> {
  for (let i = 0; i < LOOKS; i++) {
    await new Promise<void>((looked) => {
      new Watch(seats, Infinity, looked).arm(true);
    });
  }
}

describe('an item behind one that takes its time, of which nobody knows what it costs', () => {
  test('is taken back for a thread that has nothing to do, however often the watch has looked', async () => {
    const busy = seatWith({}, 1, 0);
    const idle = seatWith({});
    expect(stealFor(idle, [busy, idle], busy.places[1]!.seenAt)).toBe('later');
    await looks([busy, idle]);
    expect(stealFor(idle, [busy, idle], now())).toBe('taken');
    expect(busy.takeBack).toHaveBeenCalledWith(1);
  });

  test('has all of its time from when it begins', async () => {
    const busy = seatWith({ timeout: 0 }, 0);
    await looks([busy]);
    expect(busy.kill).not.toHaveBeenCalled();
  });
});

test('an item that takes longer than it may costs its thread', async () => {
  const busy = seatWith({ timeout: 0 }, 1);
  await looks([busy]);
  expect(busy.kill).toHaveBeenCalled();
});
