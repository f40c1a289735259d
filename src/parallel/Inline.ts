import { Observable } from 'rxjs';
import { execute, type StageOutput } from '../core/execute.ts';
import { iterate } from '../core/iterate.ts';
import type { Executor } from '../core/poolSettings.ts';
import type { Slot } from '../core/slot.ts';
import { InlineContext } from './InlineContext.ts';
import { now, setImmediate } from './pool/clock.ts';
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
 * Runs items on the main thread where the way to a thread costs more than the work, a few milliseconds at a time, and gives them
 * back to the threads once the work grows.
 */
export class Inline<T, R> {
  /** Whether items run here now. */
  isOn = false;
  /** How many have. */
  items = 0;
  /** Milliseconds that an item takes, and that its way to a thread and back costs this thread. */
  cost = 0;
  hop = 0;
  readonly #owner: Owner<T, R>;
  readonly #execute: Executor<T, R>;
  #isScheduled = false;
  #measured = 0;
  /** Milliseconds that sending took lately, and how many items were sent. */
  #sending = 0;
  #sent = 0;

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
    const [each, hop] = [this.cost, this.hop].map((ms) => `${(ms * 1000).toFixed(1)} µs`);
    return `ran ${this.items} of ${all} items on the main thread: they take about ${each} each, the way to a thread ${hop}`;
  }

  /** Takes in what sending some items has cost. The way back is taken to cost as much. */
  sent(elapsed: number, items: number): void {
    if (this.#sent > RECENT) {
      this.#sending /= 2;
      this.#sent /= 2;
    }
    this.#sending += elapsed;
    this.#sent += items;
    this.hop = (2 * this.#sending) / this.#sent + OWN_COST;
  }

  /** Takes in what some items took in a thread, and decides. */
  ran(cost: number, items: number): void {
    this.#measured += items;
    if (this.isOn || this.#measured < ENOUGH || this.#sent < ENOUGH || cost >= this.hop) return;
    this.isOn = true;
    this.cost = cost;
  }

  /** Runs what is in line: at once, or when others have had their turn of the event loop. */
  run(): void {
    if (this.#isScheduled) return;
    const until = now() + SLICE;
    while (this.#runSome()) {
      if (now() < until) continue;
      this.#later();
      return;
    }
  }

  #later(): void {
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      if (this.isOn) this.run();
    });
  }

  /** Says whether there may be more. */
  #runSome(): boolean {
    let left = LOOK_EVERY;
    this.#owner.together(() => {
      for (; left > 0 && this.isOn; left--) {
        const slot = this.#owner.nextInline();
        if (slot === undefined) return;
        // It has cost a thread: here it would cost the program.
        if (slot.attempt > 1) return this.#stop([slot as Slot<unknown, unknown>]);
        this.#runOne(slot, left === LOOK_EVERY);
      }
    });
    return left === 0 && this.isOn;
  }

  #runOne(slot: Slot<T, R>, isTimed: boolean): void {
    const since = isTimed ? now() : 0;
    this.items++;
    try {
      this.#execute(slot);
    } catch (error) {
      slot.reject(error);
    }
    if (!isTimed) return;
    this.cost += (now() - since - this.cost) / 8;
    if (this.cost > this.hop * 2) this.#stop([]);
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
const LOOK_EVERY = 16;
/** How many items have to be measured before it decides. */
const ENOUGH = 500;
/** After how many items those before count half. */
const RECENT = 2000;
