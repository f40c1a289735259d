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
  /** These can, without the others; or it is not known which of them cannot, and they are to be sent `oneByOne`. */
  again(slots: readonly AnySlot[], oneByOne: boolean): void;
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
      } catch (error) {
        if (!refuseSome(slots, sending)) return false;
        // It may be a buffer that cannot be moved.
        const reason = buffers.length === 0 ? { error } : thrownBy(() => thread.post(message));
        if (reason !== undefined) {
          refuseChanging(slots, reason.error, sending);
          return false;
        }
        batch.moved = false;
      }
      sending.sent(now() - since);
      return true;
    },
  };
}

function thrownBy(act: () => void): { readonly error: unknown } | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    return { error };
  }
}

/** Each of them could be cloned, and all together cannot: one is not the same each time it is read. */
function refuseChanging(slots: readonly AnySlot[], error: unknown, sending: Sending): void {
  if (slots.length > 1) sending.again(slots, true);
  else sending.refused(slots[0]!, 'item', reasonOf(error), error);
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
  sending.again(fine, false);
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
