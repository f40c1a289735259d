import type { Probe } from '../core/Probe.ts';

/** Resolves when the flow above a probe has ended. */
export function ended<T>(probe: Probe<T>): Promise<void> {
  return probe.ended === undefined ? new Promise((resolve) => (probe.onEnd = resolve)) : Promise.resolve();
}

/** Resolves when a probe has `count` values. */
export function received<T>(probe: Probe<T>, count: number): Promise<void> {
  if (probe.values.length >= count) return Promise.resolve();
  return new Promise((resolve) => {
    probe.onNext = () => {
      if (probe.values.length >= count) resolve();
    };
  });
}

/** Lets everything happen that is only waiting for its turn of the event loop: streams take a few for a chunk. */
export async function turns(count = 10): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}
