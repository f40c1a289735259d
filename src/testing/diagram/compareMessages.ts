import type { MarbleDifference } from '../compareMarbles.ts';
import { drawRows } from './drawRows.ts';
import { Letters } from './Letters.ts';
import type { Message } from './Message.ts';
import { sameMessage, sameValue } from './sameValue.ts';
import { sheet } from './sheet.ts';
import { showBoth } from './showValue.ts';

/** How many messages are shown before the first difference, and from it on. */
const BEFORE = 20;
const AFTER = 12;

/** In what two lists of messages differ, drawn; `undefined` if they do not. `unit` is how many frames make a column. */
export function compareMessages(
  actual: readonly Message[],
  expected: readonly Message[],
  unit: number,
): MarbleDifference | undefined {
  const length = Math.max(actual.length, expected.length);
  let at = 0;
  while (at < length && actual[at] && expected[at] && sameMessage(actual[at]!, expected[at]!)) at++;
  if (at === length) return undefined;
  const first = Math.max(0, at - BEFORE);
  const shown = [expected, actual].map((messages) => messages.slice(first, at + AFTER)) as [Message[], Message[]];
  const [here, there] = [expected[at], actual[at]];
  const frame = Math.min(here?.frame ?? Infinity, there?.frame ?? Infinity);
  const letters = new Letters(shown.flat(), unit);
  const rows = shown.map((messages) => letters.row(messages));
  const start = first === 0 ? Math.min(0, ...shown.flat().map((message) => message.frame)) : expected[first - 1]!.frame;
  const drawing = drawRows(rows, { unit, from: start });
  const drawn = sheet(['expected', 'actual'], drawing, firstColumn(drawing.lines), first > 0);
  const legend = [...letters.legend(bothValues(here, there)), ...errors(shown)];
  return {
    message: [`Marbles differ at frame ${frame}`, '', ...drawn, ...(legend.length === 0 ? [] : ['', ...legend])].join(
      '\n',
    ),
    // Of long lists the part that is shown, so that whoever prints them prints no more.
    actual: actual.length > 100 ? shown[1] : actual,
    expected: expected.length > 100 ? shown[0] : expected,
  };
}

/** Two errors that differ look alike: then it is the column of the sign for them. */
function firstColumn([expected = '', actual = '']: readonly string[]): number {
  let column = 0;
  while (column < expected.length && expected[column] === actual[column]) column++;
  return column === expected.length && column === actual.length ? expected.lastIndexOf('#') : column;
}

function bothValues(a?: Message, b?: Message): [unknown, unknown] | undefined {
  return a?.notification.kind === 'N' && b?.notification.kind === 'N'
    ? [a.notification.value, b.notification.value]
    : undefined;
}

/** What `#` stands for, in the one row and in the other. */
function errors(shown: readonly [readonly Message[], readonly Message[]]): string[] {
  const [expected, actual] = shown.map((messages) =>
    messages.flatMap(({ notification }) => (notification.kind === 'E' ? [notification.error as unknown] : [])),
  ) as [unknown[], unknown[]];
  if (expected.length === 0 && actual.length === 0) return [];
  const [one, other] = showBoth(expected[0], actual[0]);
  if (actual.length === 0) return [`# = ${one}`];
  if (expected.length === 0) return [`# = ${other}`];
  if (sameValue(expected[0], actual[0])) return [`# = ${one}`];
  return [`# = ${one} (expected)`, `# = ${other} (actual${one === other ? ', which looks the same and is not' : ''})`];
}
