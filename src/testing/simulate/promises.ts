/** A promise, and what settles it. */
export interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly settle: { readonly resolve: (value: T) => void; readonly reject: (error: unknown) => void };
}

/** Calls `told` just before whoever calls `then` on the promise is told; `await` does not call it. */
export function beforeTold<T>(promise: Promise<T>, told: () => void): void {
  // oxlint-disable-next-line typescript/unbound-method -- called on the promise below
  const { then } = promise;
  const first =
    <A, B>(react: ((arg: A) => B) | null | undefined) =>
    (arg: A): B => {
      told();
      return react!(arg);
    };
  // oxlint-disable-next-line unicorn/no-thenable -- it is a promise
  promise.then = ((done?: (value: T) => unknown, failed?: (error: unknown) => unknown) =>
    then.call(promise, done && first(done), failed && first(failed))) as typeof then;
}

/** Makes a promise that settles only when it is told to. */
export function stubborn<T>(): Deferred<T> {
  let settle!: Deferred<T>['settle'];
  const promise = new Promise<T>((resolve, reject) => (settle = { resolve, reject }));
  // An operator that looks away must be found out by what it does, not by a process that ends.
  promise.catch(() => {});
  return { promise, settle };
}

/** Makes a promise that also rejects when `signal` aborts, as a cancelled `fetch` does. */
export function untilAborted<T>(signal: AbortSignal | undefined): Deferred<T> {
  const deferred = stubborn<T>();
  signal?.addEventListener('abort', () => deferred.settle.reject(signal.reason), { once: true });
  return deferred;
}
