import type { FlowView } from '../FlowView.ts';
import { Bars } from './Bars.ts';
import { FlowProgress, type FlowFigures } from './FlowProgress.ts';
import { OutputGuard } from './OutputGuard.ts';
import type { ProgressDisplay } from './ProgressDisplay.ts';
import type { ProgressOutputs } from './ProgressOutputs.ts';
import { rowsOf } from './rowsOf.ts';
import { warnOnce } from './warnOnce.ts';

/**
 * Draws flows at the bottom of a terminal, below what the program writes: ten times a second, and again soon after the program has
 * written something, for which the rows make room. While the program is in the middle of a line they are not shown. What they were
 * at last stays when a flow has ended.
 */
export class BarDisplay implements ProgressDisplay {
  readonly #outputs: ProgressOutputs;
  readonly #flows = new Set<FlowProgress>();
  #bars = new Bars();
  #guard: OutputGuard | undefined;
  #frames: NodeJS.Timeout | undefined;
  /** Draws again what the program's output took the place of. */
  #again: NodeJS.Timeout | undefined;
  #figures: readonly FlowFigures[] = [];
  #drawn = Number.NEGATIVE_INFINITY;

  constructor(outputs: ProgressOutputs) {
    this.#outputs = outputs;
  }

  get isIdle(): boolean {
    return this.#flows.size === 0;
  }

  show(view: FlowView): void {
    this.#safely(() => {
      const flow = new FlowProgress(view);
      if (this.isIdle) this.#begin();
      this.#flows.add(flow);
      view.onEnd(() => this.#safely(() => this.#end(flow)));
    });
  }

  #begin(): void {
    const { stderr, stdout } = this.#outputs;
    // Two streams that are terminals are taken for the same one: if they are not, that costs some drawing and nothing else.
    const streams = stdout.isTTY === true && stdout !== stderr ? ([stderr, stdout] as const) : ([stderr] as const);
    this.#guard = new OutputGuard(streams, {
      before: () => this.#safely(() => this.#guard?.write(this.#bars.erase())),
      after: () => this.#drawAgain(),
    });
    this.#frames = setInterval(() => this.#safely(() => this.#frame()), FRAME).unref();
  }

  #end(flow: FlowProgress): void {
    if (!this.#flows.delete(flow)) return; // drawing has failed before
    const rows = rowsOf([flow.look()], this.#lines);
    this.#write(() => this.#bars.leave(rows, this.#columns));
    if (this.isIdle) this.#release();
    else this.#frame();
  }

  #frame(): void {
    this.#figures = [...this.#flows].map((flow) => flow.look());
    this.#draw();
  }

  #draw(): void {
    clearTimeout(this.#again);
    this.#again = undefined;
    this.#drawn = performance.now();
    // Frames that a slow terminal has no time for are left out.
    if (this.#guard?.isDrained === true)
      this.#write(() => this.#bars.draw(rowsOf(this.#figures, this.#lines), this.#columns));
  }

  #drawAgain(): void {
    if (this.#guard === undefined || this.#again !== undefined || this.#figures.length === 0) return;
    const wait = Math.max(0, this.#drawn + AGAIN - performance.now());
    this.#again = setTimeout(() => this.#safely(() => this.#draw()), wait).unref();
  }

  /** Writes what `text` gives if nothing of the program is in the way. */
  #write(text: () => string): void {
    const guard = this.#guard;
    if (guard === undefined || !guard.isFree) return;
    // Nobody knows what the program, or another, wrote before. As many blanks as a line has fill the line if it is empty, and
    // otherwise go on into the next; the beginning of the line is where we want to be then.
    const begin = guard.isUnsure ? `${' '.repeat(this.#columns)}\r` : '';
    guard.write(begin + text());
  }

  #release(): void {
    clearInterval(this.#frames);
    clearTimeout(this.#again);
    this.#guard?.release();
    this.#guard = undefined;
    this.#frames = undefined;
    this.#again = undefined;
    this.#figures = [];
    this.#bars = new Bars();
  }

  /** Whatever goes wrong here, the flows and the program's output go on without it. */
  #safely(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#flows.clear();
      this.#release();
      warnOnce(error);
    }
  }

  get #columns(): number {
    return this.#outputs.stderr.columns || 80;
  }

  /** The line that the cursor is left in takes one, and one of what the program wrote last is to be seen. */
  get #lines(): number {
    return Math.max(1, (this.#outputs.stderr.rows || 24) - 2);
  }
}

/** Milliseconds from one look at the flows to the next, and from one drawing to the next after something was written. */
const FRAME = 100;
const AGAIN = 33;
