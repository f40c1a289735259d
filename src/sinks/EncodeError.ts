import type { StageErrorFields } from '../core/errors.ts';

/** An item has something in it that the format has no way to say. */
export class EncodeError extends Error implements StageErrorFields {
  override readonly name = 'EncodeError';
  readonly code = 'ERR_ENCODE';
  readonly stage: string;
  /** The item's place in the input, from 0. */
  readonly index: number;
  /** Where in the item it is: `$` is the item itself, `$.a[2]` a part of it. */
  readonly path: string;

  constructor(stage: string, index: number, path: string, why: string, cause?: unknown) {
    super(`${stage}(): item ${index} cannot be encoded at ${path}: ${why}`, cause === undefined ? {} : { cause });
    this.stage = stage;
    this.index = index;
    this.path = path;
  }
}
