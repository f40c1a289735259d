import { inspect } from 'node:util';
import { inspect as inspectSafely } from '../../core/errors.ts';

/** How many characters of a value are shown. */
const WIDTH = 120;

/** A value in one line of at most 120 characters. Never runs code of the value's own. */
export function showValue(value: unknown): string {
  return cut(whole(value), 0);
}

/** Two values that differ, each in one line; of long ones, the part where they begin to differ. */
export function showBoth(one: unknown, other: unknown): [string, string] {
  const [a, b] = [whole(one), whole(other)];
  let same = 0;
  while (same < a.length && a[same] === b[same]) same++;
  const from = same < WIDTH - 20 ? 0 : same - WIDTH / 2;
  return [cut(a, from), cut(b, from)];
}

function cut(text: string, from: number): string {
  const end = text.length > from + WIDTH ? `${text.slice(from, from + WIDTH - 1)}…` : text.slice(from);
  return from === 0 ? end : `…${end}`;
}

function whole(value: unknown): string {
  try {
    if (value instanceof Error) return showError(value);
    return inspect(value, SHORT)
      .replaceAll(STACK, '')
      .replaceAll(/\s*\n\s*/g, ' ');
  } catch {
    // A revoked proxy, or an error whose message throws when it is read.
    return inspectSafely(value);
  }
}

/** Without its stack, which says nothing about what differs. */
function showError(error: Error): string {
  const { code } = error as { code?: unknown };
  const rest = [
    ...(code === undefined ? [] : [`code: ${whole(code)}`]),
    ...(error.cause === undefined ? [] : [`cause: ${whole(error.cause)}`]),
  ];
  return `${error.name}: ${error.message}${rest.length === 0 ? '' : ` { ${rest.join(', ')} }`}`;
}

const SHORT = {
  depth: 3,
  compact: true,
  breakLength: Infinity,
  maxArrayLength: 30,
  maxStringLength: 10_000,
  customInspect: false,
} as const;

/** A line of the stack of an error within a value, which goes on behind it. */
const STACK = /\n +at [^\n]*?(?=\n|$| [}\]]|, )/g;
