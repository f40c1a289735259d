import type { StageErrorFields } from '../core/errors.ts';

/** More of an item is to be copied than `maxItemBytes`: sending it to a thread would block this one for long. */
export class ItemTooLargeError extends Error implements StageErrorFields {
  override readonly name = 'ItemTooLargeError';
  readonly code = 'ERR_ITEM_TOO_LARGE';
  readonly stage: string;
  /** The item's place in the input, from 0. */
  readonly index: number;
  /** About how many bytes would be copied. */
  readonly bytes: number;
  /** The most that may be. */
  readonly maxItemBytes: number;

  constructor(stage: string, index: number, bytes: number, maxItemBytes: number) {
    super(
      `Stage "${stage}": item ${index} is about ${bytes} bytes, and "maxItemBytes" is ${maxItemBytes}. ` +
        'Move its buffers, whole ones and no views of a part, with transfer: true, put them in a SharedArrayBuffer, or send ' +
        'what tells the thread where to read it.',
    );
    this.stage = stage;
    this.index = index;
    this.bytes = bytes;
    this.maxItemBytes = maxItemBytes;
  }
}
