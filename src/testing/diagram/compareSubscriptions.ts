import type { MarbleDifference } from '../compareMarbles.ts';
import { drawRows, type Row } from './drawRows.ts';
import { sheet } from './sheet.ts';

/** When something was subscribed and unsubscribed, as `TestScheduler` notes it; `Infinity` is never. */
export interface Stay {
  readonly subscribedFrame: number;
  readonly unsubscribedFrame: number;
}

/** How many pairs that differ are shown. */
const SHOWN = 5;

/** In what two lists of subscriptions differ, drawn pair by pair; `undefined` if they do not. */
export function compareSubscriptions(
  actual: readonly Stay[],
  expected: readonly Stay[],
  unit: number,
): MarbleDifference | undefined {
  const length = Math.max(actual.length, expected.length);
  const pairs = Array.from({ length }, (_, i) => [expected[i], actual[i]] as const);
  const differing = [...pairs.entries()].filter(([, [a, b]]) => !sameStay(a, b));
  if (differing.length === 0) return undefined;
  const headline =
    actual.length === expected.length
      ? `Subscriptions differ, ${differing.length} of ${length}`
      : `Subscriptions differ: ${expected.length} expected, ${actual.length} seen`;
  const lines = differing
    .slice(0, SHOWN)
    .flatMap(([i, pair]) => ['', ...drawPair(pair, length > 1 ? ` ${i + 1}` : '', unit)]);
  const rest = differing.length > SHOWN ? ['', `and ${differing.length - SHOWN} more`] : [];
  return {
    message: [headline, ...lines, ...rest].join('\n'),
    actual: actual.slice(0, 100),
    expected: expected.slice(0, 100),
  };
}

function drawPair(pair: readonly [Stay | undefined, Stay | undefined], number: string, unit: number): string[] {
  const drawing = drawRows(
    pair.map((stay) => (stay === undefined ? NOTHING : rowOf(stay))),
    { unit, from: 0 },
  );
  const lines = pair.map((stay, i) => (stay === undefined ? 'none' : drawing.lines[i]!));
  let column = 0;
  while (lines[0]![column] === lines[1]![column]) column++;
  return sheet([`expected${number}`, `actual${number}`], { ...drawing, lines }, column);
}

const NOTHING: Row = { cells: [], isOver: true };

function rowOf({ subscribedFrame, unsubscribedFrame }: Stay): Row {
  const isOver = unsubscribedFrame !== Infinity;
  if (subscribedFrame === Infinity) return { cells: [], isOver: false };
  if (subscribedFrame === unsubscribedFrame) return { cells: [{ frame: subscribedFrame, text: '(^!)' }], isOver };
  const end = isOver ? [{ frame: unsubscribedFrame, text: '!' }] : [];
  return { cells: [{ frame: subscribedFrame, text: '^' }, ...end], isOver };
}

function sameStay(a?: Stay, b?: Stay): boolean {
  return a?.subscribedFrame === b?.subscribedFrame && a?.unsubscribedFrame === b?.unsubscribedFrame;
}

/** Whether a value is what `TestScheduler` notes of a subscription. */
export function isStay(value: unknown): value is Stay {
  const stay = value as Partial<Stay> | null | undefined;
  return typeof stay?.subscribedFrame === 'number' && typeof stay.unsubscribedFrame === 'number';
}
