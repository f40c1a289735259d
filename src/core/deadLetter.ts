import { DeadLetterError } from './errors.ts';
import type { DeadLetter, DeadLetterTarget } from './options.ts';

/** Hands a dead letter over and calls `taken` once it has been taken, or `lost` with a `DeadLetterError` if it has not. */
export function handOver<T>(
  letter: DeadLetter<T>,
  target: DeadLetterTarget<T>,
  taken: () => void,
  lost: (failure: DeadLetterError) => void,
): void {
  const failed = (cause: unknown): void => lost(new DeadLetterError(letter.stage, letter.item, letter.error, cause));
  let done: unknown;
  try {
    done = typeof target === 'function' ? target(letter) : target.next(letter);
  } catch (cause) {
    return failed(cause);
  }
  // A promise from elsewhere may call back twice; one of our own does not.
  if (typeof (done as Partial<PromiseLike<void>> | undefined)?.then === 'function')
    Promise.resolve(done).then(taken, failed);
  else taken();
}
