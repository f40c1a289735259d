import cliProgress, { type MultiBar, type Options, type Params, type SingleBar } from 'cli-progress';
import { cells } from './cells.ts';
import { cut } from './cut.ts';
import { figureTexts } from './figureTexts.ts';
import { plain } from './plain.ts';
import type { Row } from './rowsOf.ts';

/**
 * Draws rows with `cli-progress`, and gives what is to be written as one text, so that nothing can come in between. It expects the
 * cursor at the beginning of a line, and leaves it at that of the line below the last row: whatever ends the process, what
 * comes after it begins on a line of its own. Neither does it hide the cursor or change how lines wrap, which nobody would put right
 * if a signal ended the process.
 */
export class Bars {
  #drawing = new Drawing(true);
  #rows = 0;

  draw(rows: readonly Row[], columns: number): string {
    // `MultiBar.remove` draws what was there once more for each bar that goes.
    const erased = rows.length < this.#rows ? this.erase() : '';
    this.#rows = rows.length;
    if (rows.length === 0) return erased;
    return erased + this.#drawing.show(rows, columns);
  }

  erase(): string {
    if (this.#rows === 0) return '';
    this.#rows = 0;
    const erased = this.#drawing.stop();
    this.#drawing = new Drawing(true);
    return erased;
  }

  /** Draws rows that stay where they are. */
  leave(rows: readonly Row[], columns: number): string {
    const erased = this.erase();
    if (rows.length === 0) return erased;
    const drawing = new Drawing(false);
    drawing.add(rows, columns);
    return erased + drawing.stop();
  }
}

/** What a row needs to be laid out. */
interface Payload {
  readonly row: Row;
  readonly columns: number;
  /** Cells of the longest name that is shown. */
  readonly nameWidth: number;
}

/** One `MultiBar`, whose writes are gathered and whose clock is ours: its timer would keep the process alive. */
class Drawing {
  #written = '';
  readonly #multi: MultiBar & Insides;
  readonly #slots: SingleBar[] = [];

  constructor(clearOnComplete: boolean) {
    const stream = {
      isTTY: true,
      // Lines are cut here, by cells. `cli-progress` would cut them by UTF-16 units.
      columns: Number.MAX_SAFE_INTEGER,
      write: (text: string) => {
        this.#written += text;
        return true;
      },
    };
    this.#multi = new cliProgress.MultiBar({
      stream: stream as unknown as NodeJS.WritableStream,
      clearOnComplete,
      hideCursor: false,
      linewrap: true,
      forceRedraw: true,
      gracefulExit: false,
      barsize: MOST_BAR,
      format,
    }) as MultiBar & Insides;
    this.#multi.on('redraw-post', () => {
      this.#multi.terminal.newline();
      this.#multi.terminal.clearBottom();
    });
  }

  show(rows: readonly Row[], columns: number): string {
    this.add(rows, columns);
    this.#multi.update();
    this.#stopTimer();
    return this.#take();
  }

  /** Gives each row its bar. Bars are never taken away again. */
  add(rows: readonly Row[], columns: number): void {
    const widest = Math.max(0, ...rows.map((row) => ('stage' in row ? cells(plain(row.stage.name)) : 0)));
    const nameWidth = Math.min(widest, Math.max(8, Math.floor(columns / 3)));
    for (const [i, row] of rows.entries()) {
      const payload: Payload = { row, columns, nameWidth };
      const { done, total = 0 } = 'stage' in row ? row.stage : { done: 0 };
      const slot = this.#slots[i];
      if (slot === undefined) this.#slots.push(this.#multi.create(total, done, payload));
      else {
        slot.setTotal(total);
        slot.update(done, payload);
      }
    }
    this.#stopTimer();
  }

  stop(): string {
    this.#multi.stop();
    return this.#take();
  }

  #stopTimer(): void {
    clearTimeout(this.#multi.timer ?? undefined);
    this.#multi.timer = null;
  }

  #take(): string {
    const text = this.#written;
    this.#written = '';
    return text;
  }
}

/** What `MultiBar` has besides what its types tell. */
interface Insides {
  timer: NodeJS.Timeout | null;
  readonly terminal: { newline(): void; clearBottom(): void };
}

const MOST_BAR = 30;

function format(options: Options, params: Params, { row, columns, nameWidth }: Payload): string {
  // The last cell of a line stays free: some terminals go on to the next line as soon as it is written.
  const width = columns - 1;
  if (!('stage' in row)) return cut(row.words, width);
  const name = cut(plain(row.stage.name), nameWidth);
  const parts = [`  ${name}${' '.repeat(nameWidth - cells(name))}`];
  if (row.stage.total !== undefined) {
    const barsize = Math.min(MOST_BAR, Math.max(5, Math.floor(columns / 4)));
    parts.push(`[${cliProgress.Format.BarFormat(params.progress, { ...options, barsize })}]`);
  }
  return cut([...parts, ...figureTexts(row.stage, row.ended)].join('  '), width);
}
