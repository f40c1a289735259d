let warned = false;

/** Says that progress is no longer shown, and why; the first time only. */
export function warnOnce(error: unknown): void {
  if (warned) return;
  warned = true;
  process.emitWarning(error instanceof Error ? error : new Error(String(error)), {
    type: 'ProgressWarning',
    detail: 'Progress is no longer shown. The flow itself is not concerned.',
  });
}
