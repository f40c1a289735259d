import type { Item } from './Contender.ts';

/** What is moved with an item: the buffer itself, where it is to be moved. */
export function transfers(item: Item, transfer: boolean): ArrayBuffer[] {
  return transfer ? [item as ArrayBuffer] : [];
}
