import { getEventListeners } from 'node:events';

/** What a call could leave behind: timers, handles, listeners. Two calls of this give equal lists if nothing was left between. */
export function resources(args: readonly unknown[] = []): string[] {
  const listeners = process.eventNames().map((name) => `${String(name)}: ${process.listenerCount(name)} listeners`);
  return [
    ...process.getActiveResourcesInfo(),
    ...listeners,
    ...args.flatMap(signalsIn).map((signal) => `signal: ${getEventListeners(signal, 'abort').length} listeners`),
  ].toSorted();
}

function signalsIn(value: unknown): AbortSignal[] {
  if (value instanceof AbortSignal) return [value];
  // Without running a getter.
  return typeof value === 'object' && value !== null
    ? signalsIn(Object.getOwnPropertyDescriptor(value, 'signal')?.value)
    : [];
}
