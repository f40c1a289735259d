/**
 * Calls a function and tells what it gives, once: at once if that is no promise, and otherwise in the very call in which the
 * promise settles. A hand-written promise may do so at once, call back twice, or throw.
 */
export function settle<T>(
  fn: () => T | PromiseLike<T>,
  fulfilled: (value: T) => void,
  rejected: (error: unknown) => void,
): void {
  let isSettled = false;
  const once =
    <V>(act: (outcome: V) => void) =>
    (outcome: V): void => {
      if (isSettled) return;
      isSettled = true;
      act(outcome);
    };
  const succeeded = once(fulfilled);
  const failed = once(rejected);
  try {
    const output = fn();
    if (isThenable(output)) output.then(succeeded, failed);
    else succeeded(output);
  } catch (error) {
    failed(error);
  }
}

function isThenable<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  if (typeof value !== 'object' && typeof value !== 'function') return false;
  return typeof (value as Partial<PromiseLike<T>> | null)?.then === 'function';
}
