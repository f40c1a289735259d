import { stat } from 'node:fs/promises';
import { wrongType } from '../core/errors.ts';
import { checkFunction, isArrayOf, OptionReader } from '../core/options.ts';
import type { Leak, LeakWatch } from './leaks/Leak.ts';
import { Watches } from './leaks/Watches.ts';

export type { Leak, LeakWatch };

/** The options of {@link noLeaks}. */
export interface NoLeaksOptions {
  /** What does not count: a leak whose description or stack one of these matches. Default: none. */
  ignore?: readonly RegExp[] | undefined;
}

/**
 * Runs `body` and fails if it leaves anything behind.
 *
 * It sees, each with the place where it was made:
 * - timers and immediates, sockets and servers, workers and ports, child processes, signal handles, and calls of the file system
 *   and the resolver that have not ended (`async_hooks`), also if they do not keep the process alive; and whatever else does
 *   (`process.getActiveResourcesInfo`);
 * - listeners of `process` for signals, `exit`, `uncaughtException`, `warning` or anything else, and any
 *   `MaxListenersExceededWarning`;
 * - the listeners of signals, objects and directories that the body asks to be watched.
 *
 * And without the place, where `/proc` is: open files, and the number of threads, of the whole process. Within a worker thread
 * those two are left out.
 *
 * What needs a moment to go has it: it looks up to 20 times, with growing pauses of at most 100 ms, half a second together.
 * What test runners and Node.js do for themselves meanwhile does not count.
 *
 * @example
 * ```ts
 * await noLeaks(async () => {
 *   await lastValueFrom(lines('access.log').pipe(take(3)));
 * });
 * ```
 *
 * Costs a stack for each timer, tick and handle, and makes promises slower while `body` runs: not for measuring. Tests that run at
 * the same time in one thread see each other's leaks.
 *
 * @param body What to watch: everything that is made from its call until its promise settles must be gone soon after. It may
 * ask for more to be watched; see {@link LeakWatch}.
 * @param options See {@link NoLeaksOptions}.
 * @returns What `body` gives. Rejects with a `LeakError` that lists what is left. What `body` throws it rejects with, and then
 * nothing is looked for.
 * @throws TypeError if an argument or option is wrong.
 */
export function noLeaks<R>(body: (watch: LeakWatch) => R | PromiseLike<R>, options: NoLeaksOptions = {}): Promise<R> {
  checkFunction('noLeaks', 'body', body);
  const given = new OptionReader<NoLeaksOptions>('noLeaks', options, ['ignore']).get('ignore');
  const ignore = given === undefined ? [] : given;
  if (!isArrayOf(ignore, (it): it is RegExp => it instanceof RegExp))
    throw wrongType('noLeaks', 'ignore', 'an array of regular expressions', ignore);
  return watched(body, ignore);
}

async function watched<R>(body: (watch: LeakWatch) => R | PromiseLike<R>, ignore: readonly RegExp[]): Promise<R> {
  // It makes Node.js start the threads that it keeps for the file system.
  await stat('.');
  const watches = new Watches();
  try {
    const result = await body(watches);
    await watches.verify(ignore);
    return result;
  } finally {
    watches.stop();
  }
}
