import { fstatSync } from 'node:fs';
import type { FlowView } from '../FlowView.ts';
import { FlowProgress } from './FlowProgress.ts';
import { OutputGuard } from './OutputGuard.ts';
import { progressLine } from './progressLine.ts';
import type { ProgressDisplay } from './ProgressDisplay.ts';
import type { ProgressOutputs, ProgressStream } from './ProgressOutputs.ts';
import { warnOnce } from './warnOnce.ts';

/**
 * Writes a line for each flow after a second, then every five, and one when it has ended, for where nothing can be drawn: files, pipes,
 * CI. No line of it comes into the middle of one of the program: it waits, and what is late for the end is left out.
 */
export class LineDisplay implements ProgressDisplay {
  readonly #outputs: ProgressOutputs;
  /** The flows, and in how many seconds the next line of each is due. */
  readonly #flows = new Map<FlowProgress, number>();
  #guard: OutputGuard | undefined;
  #timer: NodeJS.Timeout | undefined;

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
      this.#flows.set(flow, 1);
      view.onEnd(() => this.#safely(() => this.#end(flow)));
    });
  }

  #begin(): void {
    const { stderr, stdout } = this.#outputs;
    const streams = isSamePlace(stderr, stdout) ? ([stderr, stdout] as const) : ([stderr] as const);
    this.#guard = new OutputGuard(streams, { before() {}, after() {} });
    this.#timer = setInterval(() => this.#safely(() => this.#second()), 1000).unref();
  }

  #second(): void {
    for (const [flow, due] of this.#flows) {
      const isDue = due <= 1;
      // A line that a slow reader has no time for waits.
      const isWritten = isDue && this.#guard?.isDrained === true && this.#write(flow);
      this.#flows.set(flow, isWritten ? EVERY : isDue ? 1 : due - 1);
    }
  }

  #end(flow: FlowProgress): void {
    if (!this.#flows.delete(flow)) return; // it has failed before
    this.#write(flow);
    if (this.isIdle) this.#release();
  }

  #write(flow: FlowProgress): boolean {
    if (this.#guard?.isFree !== true) return false;
    this.#guard.write(`${progressLine(flow.look())}\n`);
    return true;
  }

  #release(): void {
    clearInterval(this.#timer);
    this.#guard?.release();
    this.#timer = undefined;
    this.#guard = undefined;
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
}

/** Seconds. */
const EVERY = 5;

/** Whether two streams go to one terminal, file or pipe. */
function isSamePlace(a: ProgressStream, b: ProgressStream): boolean {
  if (a === b) return false; // one guard is enough
  if (a.isTTY === true || b.isTTY === true) return a.isTTY === b.isTTY;
  const [one, other] = [placeOf(a), placeOf(b)];
  return one !== undefined && one === other;
}

function placeOf({ fd }: ProgressStream): string | undefined {
  if (fd === undefined) return undefined;
  try {
    const { dev, ino } = fstatSync(fd);
    return `${dev}:${ino}`;
  } catch {
    return undefined; // closed
  }
}
