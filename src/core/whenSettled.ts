/**
 * Calls `fulfilled` or `rejected` when `promise` settles, once, and in the same call in which it settles: a hand-written
 * promise may do so at once, call back twice, or throw.
 */
export function whenSettled<T>(
  promise: PromiseLike<T>,
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
  const failed = once(rejected);
  try {
    promise.then(once(fulfilled), failed);
  } catch (error) {
    failed(error);
  }
}
