/** What waits to be told that a signal has aborted. */
export interface AbortListener {
  /** Must not throw. */
  aborted(reason: unknown): void;
}

interface Watch {
  readonly listeners: Set<AbortListener>;
  readonly stop: () => void;
}

/** Who waits for which signal: one listener serves all, since Node.js takes more than ten on one signal for a leak. */
const watches = new WeakMap<AbortSignal, Watch>();

/** Tells `listener` when `signal`, which has not aborted, does; in the order in which they began to listen. */
export function listen(signal: AbortSignal, listener: AbortListener): void {
  let watch = watches.get(signal);
  if (watch === undefined) watches.set(signal, (watch = watchOver(signal)));
  watch.listeners.add(listener);
}

/** Tells `listener` no more, also in the middle of an abort. The last one takes the listener off the signal. */
export function unlisten(signal: AbortSignal, listener: AbortListener): void {
  const watch = watches.get(signal);
  watch?.listeners.delete(listener);
  if (watch?.listeners.size === 0) watch.stop();
}

function watchOver(signal: AbortSignal): Watch {
  const listeners = new Set<AbortListener>();
  const stop = (): void => {
    watches.delete(signal);
    signal.removeEventListener('abort', onAbort);
  };
  const onAbort = (): void => {
    // Those that leave meanwhile still find the set.
    for (const listener of listeners) listener.aborted(signal.reason);
    stop();
  };
  signal.addEventListener('abort', onAbort);
  return { listeners, stop };
}
