import { show } from './show.ts';

/** What happened during a check, in order: the first lines and the last ones. Lines are put into words only when read. */
export class Journal {
  readonly #first: Line[] = [];
  /** Used round and round. */
  readonly #last: Line[] = [];
  #count = 0;

  /** Notes that `who` did something, with a value if there is one. */
  note(who: string, did: string, ...value: unknown[]): void {
    const line = { who, did, value };
    if (this.#first.length < FIRST) this.#first.push(line);
    else this.#last[(this.#count - FIRST) % LAST] = line;
    this.#count++;
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
  readonly who: string;
  readonly did: string;
  readonly value: readonly unknown[];
}

const FIRST = 12;
const LAST = 24;

function text({ who, did, value }: Line): string {
  return [who, did, ...value.map(show)].join(' ');
}
