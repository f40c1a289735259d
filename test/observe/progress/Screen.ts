/**
 * A terminal as far as it is needed to say what a person would see: text that wraps at the last column, scrolling, and what moves
 * and erases. Anything else fails the test.
 */
export class Screen {
  columns: number;
  rows: number;
  /** Every line there ever was, those that have scrolled away too; a line is a list of cells, a wide character has two. */
  readonly #lines: string[][] = [[]];
  #row = 0;
  #column = 0;
  /** What has been asked of the terminal besides text: hiding the cursor, no more wrapping. */
  readonly modes: string[] = [];

  constructor(columns: number, rows: number) {
    this.columns = columns;
    this.rows = rows;
  }

  /** All lines, without blanks at their ends and without empty lines at the end. */
  get text(): string[] {
    const lines = this.#lines.map((cells) =>
      Array.from(cells, (cell) => cell ?? ' ')
        .join('')
        .trimEnd(),
    );
    while (lines.at(-1) === '') lines.pop();
    return lines;
  }

  get cursor(): { row: number; column: number } {
    return { row: this.#row, column: this.#column };
  }

  get isInEmptyLine(): boolean {
    return this.#lines[this.#row]!.length === 0;
  }

  write(text: string): void {
    let rest = text;
    while (rest !== '') {
      // oxlint-disable-next-line no-control-regex -- what a terminal takes for a command begins with one
      const command = /^\u{1B}(?:\[(\??[\d;]*)([a-zA-Z])|.)/u.exec(rest);
      if (command !== null) {
        this.#command(command[0], command[1] ?? '', command[2] ?? '');
        rest = rest.slice(command[0].length);
      } else {
        const char = String.fromCodePoint(rest.codePointAt(0)!);
        this.#char(char);
        rest = rest.slice(char.length);
      }
    }
  }

  #char(char: string): void {
    if (char === '\n') return this.#newline();
    if (char === '\r') return void (this.#column = 0);
    if (/\p{Cc}/u.test(char)) throw new Error(`A control character that nobody expects: ${JSON.stringify(char)}`);
    const width = /[\p{Mn}\p{Cf}]/u.test(char) ? 0 : WIDE.test(char) ? 2 : 1;
    if (width === 0) return;
    // The line goes on in the next only when something more comes: until then the cursor waits at the end.
    if (this.#column + width > this.columns) this.#newline();
    const line = this.#lines[this.#row]!;
    line[this.#column] = char;
    if (width === 2) line[this.#column + 1] = '';
    this.#column += width;
  }

  #newline(): void {
    this.#column = 0;
    if (++this.#row === this.#lines.length) this.#lines.push([]);
  }

  #command(all: string, given: string, what: string): void {
    const number = Number(given || 0);
    if (what === 'A') this.#row = Math.max(this.#top, this.#row - (number || 1));
    else if (what === 'G') this.#column = Math.max(1, number) - 1;
    else if (what === 'J' && number === 0) {
      this.#lines[this.#row]!.splice(this.#column);
      for (const line of this.#lines.slice(this.#row + 1)) line.splice(0);
    } else if (what === 'K' && number === 0) this.#lines[this.#row]!.splice(this.#column);
    else if (what === 'h' || what === 'l') this.modes.push(given + what);
    else if (what !== 'm') throw new Error(`A command that nobody expects: ${JSON.stringify(all)}`);
  }

  /** What has scrolled away is out of reach. */
  get #top(): number {
    return Math.max(0, this.#lines.length - this.rows);
  }
}

const WIDE = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}]/u;
