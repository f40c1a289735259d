/**
 * Makes a signal whose `aborted` also looks at what the pool says through shared memory: a loop that never lets go of the
 * thread sees it, where no message could arrive.
 */
export function signalFor(controller: AbortController, isCancelled: () => boolean): AbortSignal {
  const { signal } = controller;
  const aborted = (): boolean => {
    if (!isAborted(signal) && isCancelled()) abort(controller);
    return isAborted(signal);
  };
  Object.defineProperty(signal, 'aborted', { get: aborted });
  Object.defineProperty(signal, 'throwIfAborted', {
    value: () => {
      if (aborted()) throw signal.reason;
    },
  });
  return signal;
}

/** Aborts with the reason that every cancelled task sees. */
export function abort(controller: AbortController): void {
  controller.abort(new DOMException('The item is no longer wanted', 'AbortError'));
}

/** The signal's own answer. */
function isAborted(signal: AbortSignal): boolean {
  return ABORTED.call(signal) as boolean;
}

// oxlint-disable-next-line typescript/unbound-method -- called with the signal
const ABORTED = Object.getOwnPropertyDescriptor(AbortSignal.prototype, 'aborted')!.get!;
