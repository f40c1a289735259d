/** Whether an error says no more than that the work was aborted: what `fetch` and others reject with by default. */
export function isAbortError(error: unknown): boolean {
  try {
    return (error as Partial<Error> | null | undefined)?.name === 'AbortError';
  } catch {
    // A proxy that was revoked, or a getter that fails: news in any case.
    return false;
  }
}
