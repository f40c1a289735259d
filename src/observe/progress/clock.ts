/** A duration in milliseconds as a clock shows it: 0:05, 12:34, 1:02:03. */
export function clock(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const minutes = Math.floor(seconds / 60);
  const last = String(seconds % 60).padStart(2, '0');
  return minutes < 60
    ? `${minutes}:${last}`
    : `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}:${last}`;
}
