import { holds } from '../../core/options.ts';

/** Whether an error says no more than that a signal has aborted: its reason, or an `AbortError` as of `fetch`. */
export function isAbortError(error: unknown, signal: AbortSignal): boolean {
  const { reason } = signal as { reason: unknown };
  return error === reason || holds(() => (error as Partial<Error> | null | undefined)?.name === 'AbortError');
}
