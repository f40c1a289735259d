/** What is in `now` more often than it was `before`, once for each time more. */
export function surplus<T>(before: readonly T[], now: readonly T[]): T[] {
  const left = new Map<T, number>();
  for (const it of before) left.set(it, (left.get(it) ?? 0) + 1);
  return now.filter((it) => {
    const count = left.get(it) ?? 0;
    left.set(it, count - 1);
    return count <= 0;
  });
}
