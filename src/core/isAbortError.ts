import { holds } from './options.ts';

/** Whether an error says no more than that the work was aborted: what `fetch` and others reject with by default. */
export function isAbortError(error: unknown): boolean {
  // A proxy that was revoked, or a getter that fails, is news in any case.
  return holds(() => (error as Partial<Error> | null | undefined)?.name === 'AbortError');
}
