import { drawRows, type Cell, type Row } from './drawRows.ts';
import { isMessageList, type Message } from './Message.ts';
import { sameValue } from './sameValue.ts';
import { showBoth, showValue } from './showValue.ts';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZαβγδεζηθικλμνξοπρστυφχψω'.split('');

interface Entry {
  readonly letter: string;
  readonly value: unknown;
}

/** The letters that stand for values in a diagram: a value of one character for itself, any other for one of its own. */
export class Letters {
  readonly #used = new Set<string>();
  readonly #known: Entry[] = [];
  readonly #unit: number;

  /** `messages` is everything that is going to be drawn; `unit` how many frames a column is. */
  constructor(messages: readonly Message[], unit: number) {
    this.#unit = unit;
    this.#reserve(messages);
  }

  /** The row of a list of messages, from which what happens at one frame is a group. */
  row(messages: readonly Message[]): Row {
    const texts = new Map<number, string>();
    for (const { frame, notification } of messages) {
      const { kind } = notification;
      const letter = kind === 'N' ? this.#letter(notification.value) : kind === 'C' ? '|' : '#';
      texts.set(frame, (texts.get(frame) ?? '') + letter);
    }
    const cells = [...texts].map(([frame, text]): Cell => ({ frame, text: text.length === 1 ? text : `(${text})` }));
    const last = messages.at(-1);
    return { cells, isOver: last !== undefined && last.notification.kind !== 'N' };
  }

  /** What the letters stand for, a line each. Two values that are to be told apart are shown where they differ. */
  legend(differing?: readonly [unknown, unknown]): string[] {
    const texts = new Map<Entry | undefined, string>();
    if (differing !== undefined && !differing.some(isMessageList)) {
      const [one, other] = showBoth(...differing);
      texts.set(this.#entry(differing[0]), one);
      texts.set(this.#entry(differing[1]), one === other ? `${other} (looks the same, and is not)` : other);
    }
    // The list grows while inner Observables are drawn.
    const lines: string[] = [];
    for (const entry of this.#known) lines.push(`${entry.letter} = ${texts.get(entry) ?? this.#show(entry.value)}`);
    return lines;
  }

  #reserve(messages: readonly Message[]): void {
    for (const { notification } of messages) {
      if (notification.kind !== 'N') continue;
      if (isLetter(notification.value)) this.#used.add(notification.value);
      else if (isMessageList(notification.value)) this.#reserve(notification.value);
    }
  }

  #letter(value: unknown): string {
    if (isLetter(value)) return value;
    const known = this.#entry(value);
    if (known !== undefined) return known.letter;
    const letter = ALPHABET.find((it) => !this.#used.has(it)) ?? '?';
    this.#used.add(letter);
    this.#known.push({ letter, value });
    return letter;
  }

  #entry(value: unknown): Entry | undefined {
    return this.#known.find((it) => sameValue(it.value, value));
  }

  #show(value: unknown): string {
    if (!isMessageList(value)) return showValue(value);
    const shown = value.slice(0, 30);
    const [line = ''] = drawRows([this.row(shown)], { unit: this.#unit, from: 0 }).lines;
    const failure = shown.at(-1)!.notification;
    const error = failure.kind === 'E' ? `  # = ${showValue(failure.error)}` : '';
    return (line.length > 120 ? `${line.slice(0, 119)}…` : line) + error;
  }
}

/** Whether a value can stand for itself in a diagram, whose own signs mean something else. */
function isLetter(value: unknown): value is string {
  return (
    typeof value === 'string' && value.length === 1 && /[\p{L}\p{N}\p{P}\p{S}]/u.test(value) && !/[-()|#^!]/.test(value)
  );
}
