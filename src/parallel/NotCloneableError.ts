import type { StageErrorFields } from '../core/errors.ts';

/** An item cannot be sent to a thread, or a result cannot be sent back: structured clone refuses a part of it. `cause` says how. */
export class NotCloneableError extends Error implements StageErrorFields {
  override readonly name = 'NotCloneableError';
  readonly code = 'ERR_NOT_CLONEABLE';
  readonly stage: string;
  /** What was to be sent. */
  readonly direction: 'item' | 'result';
  /** The item's place in the input, from 0; for a result, that of its item. */
  readonly index: number;
  /** Which part of it cannot be cloned: `item.user.onDone`. */
  readonly path: string;

  constructor(
    stage: string,
    direction: 'item' | 'result',
    index: number,
    found: { readonly path: string; readonly what: string },
    cause?: unknown,
  ) {
    const way = direction === 'item' ? 'sent to a thread' : 'sent back from a thread';
    super(
      `Stage "${stage}": ${found.path} is ${found.what} and cannot be ${way}. ${adviceFor(direction, found.what)}`,
      cause === undefined ? undefined : { cause },
    );
    this.stage = stage;
    this.direction = direction;
    this.index = index;
    this.path = found.path;
  }
}

function adviceFor(direction: 'item' | 'result', what: string): string {
  if (what.startsWith('nested too deeply')) return 'Make it flatter, for example a list of parts that name each other.';
  return direction === 'item'
    ? "Send data only, and make functions in the task's module."
    : 'Return data only, and make functions where the result arrives.';
}
