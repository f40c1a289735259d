import type { Slot } from '../core/slot.ts';
import { buffersOf, bytesOf } from './codec/buffersOf.ts';
import { ItemTooLargeError } from './ItemTooLargeError.ts';
import type { ParallelSettings } from './ParallelSettings.ts';

/**
 * Says about how many bytes an item has.
 *
 * @throws ItemTooLargeError if more of them than may be are to be copied: buffers that are moved do not count.
 */
export function sizeOf<T, R>({ item, index, stage }: Slot<T, R>, settings: ParallelSettings<T>): number {
  if (typeof item === 'number') return 8;
  const bytes = bytesOf(item);
  const { maxItemBytes, transfer } = settings;
  if (bytes <= maxItemBytes) return bytes;
  const moved = transfer === true ? buffersOf(item) : [];
  const copied = moved.reduce((left, { byteLength }) => left - byteLength, bytes);
  if (copied > maxItemBytes) throw new ItemTooLargeError(stage, index, copied, maxItemBytes);
  return bytes;
}
