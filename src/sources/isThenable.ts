/** Whether a value is a promise, of any make. */
export function isThenable<T>(value: unknown): value is PromiseLike<T> {
  if (typeof value !== 'object' && typeof value !== 'function') return false;
  return typeof (value as Partial<PromiseLike<T>> | null)?.then === 'function';
}
