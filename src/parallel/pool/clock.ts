/**
 * The clock and the timers of the process as they are when this is loaded: a test that replaces them afterwards must not stop the
 * watch over threads, which live in real time.
 */
export const { setTimeout, clearTimeout, setImmediate } = globalThis;

/** Milliseconds on a monotonic clock. */
export const now: () => number = performance.now.bind(performance);
