import { inspect } from '../../core/errors.ts';

/** A value, or a list of values, in a few characters. */
export function show(value: unknown): string {
  if (value instanceof Error) return `${value.name}(${inspect(value.message)})`;
  if (!Array.isArray(value)) return inspect(value);
  const items: readonly unknown[] = value;
  const shown = items.length > MOST ? [...items.slice(0, 8), '...', ...items.slice(-8)] : items;
  const text = shown.map((item) => (item === '...' ? item : Array.isArray(item) ? show(item) : inspect(item)));
  return `[${text.join(', ')}]${items.length > MOST ? ` (${items.length} in all)` : ''}`;
}

const MOST = 24;

/** `3 items`, `1 item`. */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
