import { show } from './show.ts';

/** What happened during a check, in order: the first lines and the last ones. Lines are put into words only when read. */
export class Journal {
  readonly #first: Line[] = [];
  /** Used round and round. */
  readonly #last: Line[] = [];
  #count = 0;

  /** Notes that `who` did something, with a value, or {@link NONE}. */
  note(who: string, did: string, value: unknown): void {
    const rest = this.#count++ - FIRST;
    if (rest < 0) this.#first.push({ who, did, value });
    else if (rest < LAST) this.#last.push({ who, did, value });
    else {
      // Written over, as a check may note a million lines.
      const line = this.#last[rest % LAST]!;
      line.who = who;
      line.did = did;
      line.value = value;
    }
  }

  get lines(): string[] {
    const rest = this.#count - this.#first.length;
    const left = Math.max(rest - LAST, 0);
    const last = Array.from({ length: Math.min(rest, LAST) }, (_, i) => this.#last[(left + i) % LAST]!);
    const gap = left === 0 ? [] : [`... ${left} lines more ...`];
    return [...this.#first.map(text), ...gap, ...last.map(text)];
  }
}

interface Line {
  who: string;
  did: string;
  value: unknown;
}

/** Stands for no value in a line. `undefined` is one. */
export const NONE = Symbol('no value');

const FIRST = 12;
const LAST = 24;

function text({ who, did, value }: Line): string {
  return value === NONE ? `${who} ${did}` : `${who} ${did} ${show(value)}`;
}
