import type { Breach } from '../ConformanceError.ts';
import type { Destination } from '../SinkCapabilities.ts';
import type { Trial } from '../Trial.ts';
import type { WorkContext } from '../Works.ts';

/** One write: under way, written, failed, or given up by the sink. */
interface Write {
  readonly index: number;
  readonly values: readonly unknown[];
  readonly signal: AbortSignal | undefined;
  isOver: boolean;
  settle(): void;
}

/** Where a check lets a sink write: it may be paused, let single writes through, and fail at one. */
export class SlowDestination implements Destination<unknown> {
  /** The values that were written, in the order in which their writes ended. */
  readonly values: unknown[] = [];
  /** How many writes have begun, and how many at once at most. */
  begun = 0;
  peak = 0;
  /** Which write fails, and with what. */
  failsAt: { readonly index: number; readonly error: unknown } | undefined;
  /** Called inside each write, with its number. */
  onWrite: (index: number) => void = () => {};
  /** Whether the sink may write still. */
  isWanted: () => boolean = () => true;
  isPaused = false;
  readonly #trial: Trial;
  readonly #contents: (written: unknown) => readonly unknown[];
  readonly #most: number;
  readonly #open = new Set<Write>();

  constructor(trial: Trial, contents: (written: unknown) => readonly unknown[], most: number) {
    this.#trial = trial;
    this.#contents = contents;
    this.#most = most;
    trial.watch(this);
  }

  readonly write = (written: unknown, context?: WorkContext): Promise<void> => {
    const index = this.begun++;
    this.#trial.noteWith('destination', `begins write ${index}`, written);
    if (!this.isWanted()) this.#trial.breach('R-40', 'nothing is written after the end', `write ${index} begins`);
    return new Promise((resolve, reject) => {
      const write: Write = {
        index,
        values: this.#contents(written),
        signal: context?.signal,
        isOver: false,
        settle: () => {
          if (this.#end(write)) this.#settle(write, resolve, reject);
        },
      };
      write.signal?.addEventListener('abort', () => this.#end(write), { once: true });
      this.#open.add(write);
      this.peak = Math.max(this.peak, this.#open.size);
      if (this.#open.size > this.#most) {
        this.#trial.breach('R-24', `no more than ${this.#most} writes at once`, `${this.#open.size}`);
      }
      this.onWrite(index);
      if (!this.isPaused) void Promise.resolve().then(() => this.isPaused || write.settle());
    });
  };

  /** How many writes are under way. */
  get running(): number {
    return this.#open.size;
  }

  pause(): void {
    this.#trial.note('destination', 'is paused');
    this.isPaused = true;
  }

  resume(): void {
    this.#trial.note('destination', 'goes on');
    this.isPaused = false;
    for (const write of this.#open) write.settle();
  }

  /** Ends one write of those under way. */
  settleOne(pick = 0): void {
    [...this.#open][pick % Math.max(this.#open.size, 1)]?.settle();
  }

  leftovers(): readonly Breach[] {
    const left = this.isWanted() ? [] : [...this.#open].filter(({ signal }) => signal !== undefined);
    if (left.length === 0) return [];
    const seen = `write ${left.map(({ index }) => index).join(', ')} goes on`;
    return [{ rule: 'R-42', expected: 'writes under way are cancelled at the end', seen }];
  }

  #end(write: Write): boolean {
    return this.#open.delete(write);
  }

  #settle({ index, values }: Write, resolve: () => void, reject: (error: unknown) => void): void {
    if (this.failsAt?.index === index) {
      this.#trial.note('destination', `fails at write ${index}`);
      reject(this.failsAt.error);
    } else {
      this.#trial.note('destination', `ends write ${index}`);
      this.values.push(...values);
      resolve();
    }
  }
}
