import { reasonOf } from '../core/errors.ts';
import type { Slot } from '../core/slot.ts';
import { buffersOf } from './codec/buffersOf.ts';
import { notCloneablePath } from './codec/notCloneablePath.ts';
import { Batch } from './pool/Batch.ts';
import { now } from './pool/clock.ts';
import type { PoolUser, Work } from './pool/PoolUser.ts';
import type { BatchMessage } from './protocol.ts';

type AnySlot = Slot<unknown, unknown>;

/** What becomes of a batch. */
interface Sending {
  /** Whether the notes in the slots say which traces the items belong to. */
  readonly isTraced: boolean;
  /** Gives the key of an item, if they have keys. */
  readonly keyOf: ((slot: AnySlot) => unknown) | undefined;
  /** It is on its way, which took so many milliseconds of this thread. */
  sent(elapsed: number): void;
  /** This item cannot be sent. */
  refused(slot: AnySlot, path: string, what: string, cause: unknown): void;
  /** These can, without the others. */
  again(slots: readonly AnySlot[]): void;
}

/** Makes a batch of some items. If it cannot be sent, those that are to blame are refused, and the others go by themselves. */
export function sendBatch(
  user: PoolUser,
  slots: readonly AnySlot[],
  transfer: boolean | 'auto',
  sending: Sending,
): Work {
  const items = slots.map(({ item }) => item);
  const buffers = transfer === true ? [...new Set(items.flatMap((item) => buffersOf(item)))] : [];
  const batch = new Batch(user, slots, buffers.length > 0);
  return {
    batch,
    send(place, task, thread) {
      const message: BatchMessage = {
        kind: 'batch',
        place,
        task,
        stage: user.name,
        items,
        indexes: indexesOf(slots),
        attempts: slots.some(({ attempt }) => attempt > 1) ? slots.map(({ attempt }) => attempt) : undefined,
        keys: sending.keyOf === undefined ? undefined : slots.map((slot) => sending.keyOf!(slot)),
        traces: sending.isTraced ? slots.map(({ note }) => note as string | undefined) : undefined,
        transfer: transfer !== false,
      };
      const since = now();
      try {
        thread.post(message, buffers);
      } catch {
        if (!refuseSome(slots, sending)) return false;
        // It is a buffer that cannot be moved.
        thread.post(message);
        batch.moved = false;
      }
      sending.sent(now() - since);
      return true;
    },
  };
}

/** The first, where the others follow it. */
function indexesOf(slots: readonly AnySlot[]): number | Float64Array {
  const first = slots[0]!.index;
  for (let i = 1; i < slots.length; i++) {
    if (slots[i]!.index !== first + i) return Float64Array.from(slots, ({ index }) => index);
  }
  return first;
}

/** Refuses the items that cannot be sent. Says whether there are none. */
function refuseSome(slots: readonly AnySlot[], sending: Sending): boolean {
  const fine: AnySlot[] = [];
  const refused: (() => void)[] = [];
  for (const slot of slots) {
    const reason = whyNot(slot.item);
    if (reason === undefined) fine.push(slot);
    else refused.push(() => sending.refused(slot, reason.path, reason.what, reason.error));
  }
  if (refused.length === 0) return true;
  sending.again(fine);
  for (const refuse of refused) refuse();
  return false;
}

function whyNot(item: unknown): { path: string; what: string; error: unknown } | undefined {
  try {
    structuredClone(item);
    return undefined;
  } catch (error) {
    return { ...(notCloneablePath(item, 'item') ?? { path: 'item', what: reasonOf(error) }), error };
  }
}
