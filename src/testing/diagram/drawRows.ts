/** What stands at one frame of a diagram: `a`, `(ab|)`, `^`. */
export interface Cell {
  readonly frame: number;
  readonly text: string;
}

/** One line of a drawing. */
export interface Row {
  /** In the order of time, one a frame. */
  readonly cells: readonly Cell[];
  /** Whether nothing can come after the last cell: the line ends there, and does not go on in silence. */
  readonly isOver: boolean;
}

/** Where a drawing begins and ends, and how much time a column is. */
export interface Span {
  /** How many frames make a column. */
  readonly unit: number;
  /** The frame of the first column. */
  readonly from: number;
  /** The last frame that is drawn even if there is nothing at it. */
  readonly to?: number | undefined;
}

/** The lines of a drawing, and at which column of all of them a frame stands. */
export interface Drawing {
  readonly lines: string[];
  columnOf(frame: number): number;
}

/** Silence that takes more columns than this is written as a time. */
const LONG = 12;

/**
 * Draws rows of marbles below one another, so that a frame stands at the same column in each.
 *
 * As in the marble diagrams of RxJS a column is a frame, a group takes as many columns as it has letters, and a long silence
 * is a time (`97ms`). Where something follows upon a group sooner than its letters leave room for, the other rows have spaces.
 */
export function drawRows(rows: readonly Row[], span: Span): Drawing {
  const pens = rows.map((row) => new Pen(row));
  const frames = new Set(rows.flatMap(({ cells }) => cells.map(({ frame }) => frame)));
  if (span.to !== undefined) frames.add(span.to);
  const columns = new Map<number, number>();
  let from = span.from;
  let column = 0;
  for (const frame of [...frames].toSorted((a, b) => a - b)) {
    const time = Math.round((frame - from) / span.unit);
    const beside = column + (columns.size === 0 ? 0 : 1);
    const written = Math.max(beside, ...pens.map((pen) => pen.column));
    const silence = time - (written - column);
    if (silence > LONG) {
      const text = `${written === 0 ? '' : ' '}${duration(silence * span.unit)} `;
      for (const pen of pens) pen.write('-', written).say(text);
      column = written + text.length;
    } else {
      // A row waits for its own group only: in the other rows something may stand below that.
      const next = Math.max(column + time, beside, ...pens.map((pen) => (pen.isAt(frame) ? pen.column : 0)));
      for (const pen of pens) pen.write('-', column + time).write(' ', next);
      column = next;
    }
    columns.set(frame, column);
    for (const pen of pens) pen.reach(frame);
    from = frame;
  }
  const end = Math.max(0, ...pens.map((pen) => pen.column), column + (span.to === undefined ? 0 : 1));
  return { lines: pens.map((pen) => pen.finish(end)), columnOf: (frame) => columns.get(frame) ?? 0 };
}

/** A time as marble diagrams have it. */
function duration(milliseconds: number): string {
  if (milliseconds % 60_000 === 0) return `${milliseconds / 60_000}m`;
  return milliseconds % 1000 === 0 ? `${milliseconds / 1000}s` : `${milliseconds}ms`;
}

/** Writes one row. */
class Pen {
  readonly #row: Row;
  #line = '';
  #next = 0;

  constructor(row: Row) {
    this.#row = row;
  }

  /** How far it has written. */
  get column(): number {
    return this.#line.length;
  }

  get #isOver(): boolean {
    return this.#row.isOver && this.#next === this.#row.cells.length;
  }

  /** Fills the line up to a column. */
  write(filling: '-' | ' ', to: number): this {
    this.#line = this.#line.padEnd(to, this.#isOver ? ' ' : filling);
    return this;
  }

  say(text: string): void {
    this.#line += this.#isOver ? ' '.repeat(text.length) : text;
  }

  /** Whether something stands at a frame, of which those before have been written. */
  isAt(frame: number): boolean {
    return this.#row.cells[this.#next]?.frame === frame;
  }

  /** Writes what stands at a frame, if anything does. */
  reach(frame: number): void {
    if (this.isAt(frame)) this.#line += this.#row.cells[this.#next++]!.text;
  }

  finish(column: number): string {
    return this.write('-', column).#line.trimEnd();
  }
}
