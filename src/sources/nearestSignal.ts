/** The name among `known` that `name` is most likely meant to be, if any comes near: of `sigint`, `INT`, `SIGTREM`. */
export function nearestSignal(name: string, known: readonly string[]): string | undefined {
  const short = name.slice(0, 20).toUpperCase().replace(/^SIG/, '');
  const ranked = known.map((it) => ({ it, far: distance(it.slice(3), short) })).toSorted((a, b) => a.far - b.far);
  return ranked[0] !== undefined && ranked[0].far <= short.length / 3 ? ranked[0].it : undefined;
}

/** How many letters to insert, delete, change or exchange with their neighbour to make one word the other. */
function distance(a: string, b: string): number {
  const rows = Array.from({ length: a.length + 1 }, (_, i) =>
    Array.from({ length: b.length + 1 }, (_value, j) => i + j),
  );
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const [row, above] = [rows[i]!, rows[i - 1]!];
      row[j] = Math.min(row[j - 1]! + 1, above[j]! + 1, above[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1));
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (isSwapped) row[j] = Math.min(row[j]!, rows[i - 2]![j - 2]! + 1);
    }
  }
  return rows[a.length]![b.length]!;
}
