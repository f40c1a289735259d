import type { Slot } from '../core/slot.ts';
import { decodeError } from './codec/errorCodec.ts';
import { NotCloneableError } from './NotCloneableError.ts';
import type { ResultsMessage } from './protocol.ts';

/** Hands the results of some items to their slots, where not all of them are plain values. */
export function settle<R>(
  stage: string,
  slots: readonly Slot<unknown, R>[],
  { values, errors, refused, ends }: ResultsMessage,
): void {
  const failed = new Map(errors);
  const unsendable = new Map(refused?.map(([offset, path, what]) => [offset, { path, what }]));
  for (const [i, value] of values.entries()) {
    const slot = slots[i]!;
    const found = unsendable.get(i);
    if (found !== undefined) slot.reject(new NotCloneableError(stage, 'result', slot.index, found));
    else if (failed.has(i)) slot.reject(decodeError(failed.get(i)));
    else if (ends?.includes(i) === true) slot.finish();
    else slot.resolve(value as R);
  }
}
