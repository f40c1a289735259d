import { setTimeout as sleep } from 'node:timers/promises';
import { task } from '../../../src/parallel/task.ts';
import { BEGUN, MADE, OPEN, TOLD } from './cells.ts';

/** What a task is to be told through. */
export interface Job {
  readonly n: number;
  readonly cells: Int32Array;
}

/** Never lets go of its thread, and looks at its signal. */
export const loop = task(import.meta.url, 'loop', ({ n, cells }: Job, { signal }) => {
  Atomics.add(cells, BEGUN, 1);
  while (!signal.aborted);
  Atomics.add(cells, TOLD, 1);
  Atomics.add(cells, MADE, signal.reason instanceof DOMException && signal.reason.name === 'AbortError' ? 1 : 0);
  return n;
});

/** The same, with `throwIfAborted`. */
export const strictLoop = task(import.meta.url, 'strictLoop', ({ cells }: Job, { signal }): never => {
  Atomics.add(cells, BEGUN, 1);
  try {
    for (;;) signal.throwIfAborted();
  } finally {
    Atomics.add(cells, TOLD, 1);
  }
});

/** Waits for a listener of its signal to be called. */
export const listen = task(import.meta.url, 'listen', async ({ n, cells }: Job, { signal }) => {
  await new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve());
    Atomics.add(cells, BEGUN, 1);
  });
  Atomics.add(cells, TOLD, 1);
  return n;
});

/** Hands its signal on to something that knows signals. */
export const sleeper = task(import.meta.url, 'sleeper', async ({ n, cells }: Job, { signal }) => {
  Atomics.add(cells, BEGUN, 1);
  await sleep(60_000, undefined, { signal }).catch((error: unknown) => {
    Atomics.add(cells, TOLD, 1);
    throw error;
  });
  return n;
});

/** The first of several tries is held until it is told, and throws then; the others are done at once. */
export const firstHeld = task(import.meta.url, 'firstHeld', ({ n, cells }: Job, { signal }) => {
  if (Atomics.add(cells, BEGUN, 1) > 0) return n;
  while (!signal.aborted) Atomics.wait(cells, OPEN, 0, 1);
  Atomics.add(cells, TOLD, 1);
  throw signal.reason;
});

/** Never looks at anything. */
export const deaf = task(import.meta.url, 'deaf', ({ cells }: Job): never => {
  Atomics.add(cells, BEGUN, 1);
  for (;;);
});

/** Looks at its signal only after it has begun to wait for something else. */
export const late = task(import.meta.url, 'late', async ({ n, cells }: Job, context) => {
  Atomics.add(cells, BEGUN, 1);
  while (!context.signal.aborted) await sleep(1);
  Atomics.add(cells, TOLD, 1);
  return n;
});

/** The item 0 fails when all others have begun, and the others go on until they are told. */
export const oneFails = task(
  import.meta.url,
  'oneFails',
  ({ n, cells, others }: Job & { readonly others: number }, { signal }) => {
    if (n === 0) {
      while (Atomics.load(cells, BEGUN) < others);
      throw new RangeError('the first fails');
    }
    Atomics.add(cells, BEGUN, 1);
    while (!signal.aborted);
    Atomics.add(cells, TOLD, 1);
    throw signal.reason;
  },
);

/** Whether its signal says anything at all: that of an item that is wanted does not. */
export const wanted = task(import.meta.url, 'wanted', ({ n, cells }: Job, { signal }) => {
  const before = signal.aborted;
  Atomics.add(cells, BEGUN, 1);
  return { n, before, after: signal.aborted };
});
