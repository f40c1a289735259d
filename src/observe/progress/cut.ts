import { cells } from './cells.ts';

/** Shortens a text to as many cells as there are; a `~` at its end says that it goes on. */
export function cut(text: string, width: number): string {
  if (cells(text) <= width) return text;
  if (width < 1) return '';
  let kept = '';
  let used = 0;
  for (const char of text) {
    used += cells(char);
    if (used > width - 1) break;
    kept += char;
  }
  return `${kept}~`;
}
