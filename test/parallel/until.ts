/**
 * Waits until something holds that happens in a thread, and fails if it never does. Looks every turn of the event loop, and so
 * gives way to nothing but messages.
 */
export async function until(holds: () => boolean, what = String(holds)): Promise<void> {
  const latest = performance.now() + PATIENCE;
  while (!holds()) {
    if (performance.now() > latest) throw new Error(`Waited in vain for ${what}`);
    await new Promise((resolve) => void setTimeout(resolve, 1));
  }
}

/** Gives the threads time for what they should not do. */
export const quiet = (): Promise<void> => new Promise((resolve) => void setTimeout(resolve, 50));

/** Milliseconds: only what is broken takes as long. */
const PATIENCE = 15_000;
