import { Observable } from 'rxjs';
import { execute, type StageOutput } from '../core/execute.ts';
import { iterate } from '../core/iterate.ts';
import type { Executor } from '../core/poolSettings.ts';
import type { Slot } from '../core/slot.ts';
import { InlineContext } from './InlineContext.ts';
import { now, setImmediate } from './pool/clock.ts';
import { RecentMean } from './RecentMean.ts';
import type { Task } from './task.ts';
import { States } from './worker/States.ts';

/** What {@link Inline} needs of its stage. */
interface Owner<T, R> {
  /** The next item in line, if one may begin now. */
  nextInline(): Slot<T, R> | undefined;
  /** Delivers what `act` gives, and begins what there is room for only after it. */
  together(act: () => void): void;
  /** The items are for the threads again: what is in line, and before it these. */
  giveBack(slots: readonly Slot<unknown, unknown>[], seat: number): void;
}

/**
 * Runs items on the main thread where the way to a thread costs more than the work, a few milliseconds in each turn of the event loop,
 * and gives them back to the threads once the work grows.
 */
export class Inline<T, R> {
  /** Whether items run here now. */
  isOn = false;
  /** How many have. */
  items = 0;
  /** Milliseconds that an item's way to a thread and back costs this thread. */
  hop = 0;
  readonly #owner: Owner<T, R>;
  readonly #execute: Executor<T, R>;
  /** Milliseconds that an item takes here, with what is done at once with its result, and what sending one took. */
  #cost = new RecentMean();
  readonly #sending = new RecentMean();
  /** Milliseconds that items have lately taken beyond what is worth it. */
  #lost = 0;
  /** How many items threads have measured since it was last off. */
  #measured = 0;
  /** Until when items may run in this turn of the event loop, if some have, and whether there may be others that wait for the next. */
  #until: number | undefined;
  #isLeft = false;

  constructor(task: Task<T, unknown>, owner: Owner<T, R>) {
    this.#owner = owner;
    const states = new States();
    this.#execute = (slot) => {
      const context = new InlineContext(slot.context, states, slot.note as string | undefined);
      execute<T, R>((item) => asOutput<R>(task.fn(item, context)))(slot);
    };
  }

  /** What the report says of the items that ran here, of so many; nothing if none did. */
  note(all: number): string | undefined {
    if (this.items === 0) return undefined;
    const [each, hop] = [this.#cost.value, this.hop].map((ms) => `${(ms * 1000).toFixed(1)} µs`);
    return `ran ${this.items} of ${all} items on the main thread: they take about ${each} each, the way to a thread ${hop}`;
  }

  /** Takes in what sending some items has cost. The way back is taken to cost as much. */
  sent(elapsed: number, items: number): void {
    this.#sending.add(elapsed, items);
    this.hop = 2 * this.#sending.value + OWN_COST;
  }

  /** Takes in what some items took in a thread, and decides. */
  ran(cost: number, items: number): void {
    this.#measured += items;
    if (this.isOn || this.#measured < ENOUGH || this.#sending.count < ENOUGH || cost >= this.hop) return;
    this.isOn = true;
    this.#lost = 0;
    this.#cost = new RecentMean();
  }

  /** Runs what is in line: at once, or as far as this turn of the event loop has had its share, in the next. */
  run(): void {
    const until = (this.#until ??= this.#beginTurn());
    for (let time = now(); time < until; time = now()) if (!this.#runSome(time, until)) return;
    this.#isLeft = true;
  }

  #beginTurn(): number {
    setImmediate(() => {
      const isLeft = this.#isLeft && this.isOn;
      this.#until = undefined;
      this.#isLeft = false;
      if (isLeft) this.run();
    });
    return now() + SLICE;
  }

  /** Says whether there may be more. */
  #runSome(time: number, until: number): boolean {
    let left = TOGETHER;
    this.#owner.together(() => {
      for (; left > 0 && this.isOn && time < until; left--) {
        const slot = this.#owner.nextInline();
        if (slot === undefined) return;
        // It has cost a thread: here it would cost the program.
        if (slot.attempt > 1) return this.#stop([slot as Slot<unknown, unknown>]);
        this.#runOne(slot);
        const since = time;
        time = now();
        this.#took(time - since);
      }
    });
    return this.isOn && (left === 0 || time >= until);
  }

  #runOne(slot: Slot<T, R>): void {
    this.items++;
    try {
      this.#execute(slot);
    } catch (error) {
      slot.reject(error);
    }
  }

  /** Each item counts, whichever of them take long. (A cumulative sum test: E. S. Page, Continuous Inspection Schemes, 1954.) */
  #took(elapsed: number): void {
    this.#cost.add(elapsed);
    this.#lost = Math.max(this.#lost + elapsed - this.hop * 2, 0);
    if (this.#lost > PATIENCE) this.#stop([]);
  }

  /** Until enough items have been measured again. */
  #stop(slots: readonly Slot<unknown, unknown>[]): void {
    this.isOn = false;
    this.#measured = 0;
    this.#owner.giveBack(slots, 0);
  }
}

/** A generator gives its values one by one here, too. */
function asOutput<R>(output: unknown): StageOutput<R> {
  if (typeof output !== 'object' || output === null || Symbol.asyncIterator in output) return output as StageOutput<R>;
  const { next } = output as { next?: unknown };
  if (typeof next !== 'function' || !(Symbol.iterator in output)) return output as StageOutput<R>;
  return new Observable<R>((subscriber) => iterate(output as Iterable<R>, subscriber, { name: 'inner' }));
}

/** Milliseconds: a slice of the main thread; what batching and counting cost an item besides being sent (measured: 0.3 µs). */
const SLICE = 4;
const OWN_COST = 0.0003;
/** How many results are delivered before others begin. */
const TOGETHER = 16;
/** How many items have to be measured before it decides. */
const ENOUGH = 500;
/** Milliseconds beyond what is worth it that are put up with: code that is not compiled yet and the garbage collector take some. */
const PATIENCE = 10;
