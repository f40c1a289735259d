import { clearTimeout, setTimeout } from './clock.ts';

/** Resolves when threads are gone, or when native code has kept them from it for so long that nobody should wait any more. */
export async function gone(ending: readonly Promise<void>[]): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  await Promise.race([Promise.all(ending), new Promise((resolve) => (timer = setTimeout(resolve, CLOSE_PATIENCE)))]);
  clearTimeout(timer);
}

/** Milliseconds. */
const CLOSE_PATIENCE = 250;
