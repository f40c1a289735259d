import type { Drawing } from './drawRows.ts';

/** How many columns of a drawing are shown. */
const WIDTH = 110;

/**
 * The lines of a drawing under their titles, with a `^` under the first column in which they differ; of a wide drawing the
 * part around that column.
 */
export function sheet(titles: readonly string[], { lines }: Drawing, column: number, isCut = false): string[] {
  const margin = Math.max(...titles.map((title) => title.length)) + 2;
  const from = column < WIDTH - 30 ? 0 : column - WIDTH / 2;
  const before = from > 0 || isCut ? '… ' : '';
  const rows = lines.map((line, i) => {
    const shown = before + line.slice(from, from + WIDTH) + (line.length > from + WIDTH ? ' …' : '');
    return (titles[i]!.padEnd(margin) + shown).trimEnd();
  });
  return [...rows, `${' '.repeat(margin + before.length + column - from)}^`];
}
