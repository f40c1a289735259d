import { outOfRange, wrongType } from '../core/errors.ts';
import { Gate } from '../core/gate.ts';
import { Ring } from '../core/ring.ts';
import { Stage, type Connection } from '../core/stage.ts';
import { DisorderError } from './DisorderError.ts';
import type { SortKey } from './mergeSorted.ts';
import type { SortedTurns } from './SortedTurns.ts';

/** The checked options of `mergeSorted`. */
export interface SortedSettings<T> {
  readonly name: string;
  readonly by: (item: T) => SortKey;
  readonly passesDisorder: boolean;
  readonly overflowLimit: number;
}

/** One source of a sorted merge: a stage that holds an item until none that is smaller can come. */
export class SortedLane<T> extends Stage<T, T> {
  readonly #settings: SortedSettings<T>;
  readonly #turns: SortedTurns<T>;
  readonly #below: Gate;
  readonly #index: number;
  /** What the items that wait are sorted by, in the same order. */
  readonly #keys = new Ring<SortKey>();
  #last: SortKey | undefined;
  #heldSince = 0;

  constructor(connection: Connection<T>, settings: SortedSettings<T>, turns: SortedTurns<T>, index: number) {
    const { below } = connection;
    // The gate at the end is that of all lanes together: a lane alone never waits for it.
    super(
      { ...connection, below: new Gate(below.flow, below.isInner) },
      { name: settings.name, bound: 1, overflowLimit: settings.overflowLimit, definition: settings },
    );
    this.#settings = settings;
    this.#turns = turns;
    this.#below = below;
    this.#index = index;
    turns.join(below);
  }

  override get outlets(): readonly Gate[] {
    return [this.#below];
  }

  override next(item: T): void {
    if (this.ended) return;
    const key = this.#keyOf(item);
    // To look for its key may have ended the flow.
    if (this.ended || !this.#isInOrder(item, key)) return;
    const wasEmpty = this.waiting.length === 0;
    const { draining } = this;
    this.draining = true;
    try {
      super.next(item);
    } finally {
      this.draining = draining;
    }
    // It may have been the one too many.
    if (this.ended || this.waiting.length === this.#keys.length) return;
    this.#keys.push(key);
    if (wasEmpty) this.#turns.ready(this);
  }

  /** Whether its oldest item comes before that of the other: of equal ones the source that was named first. */
  isBefore(other: SortedLane<T>): boolean {
    const mine = this.#keys.peek() as SortKey;
    const theirs = other.#keys.peek() as SortKey;
    // A number and a bigint may be neither smaller nor identical.
    return mine < theirs || (this.#index < other.#index && !(theirs < mine));
  }

  /** Sends the oldest item, and says whether there is another. Called when it is its turn. */
  give(): boolean {
    const { draining } = this;
    this.draining = true;
    this.#keys.shift();
    const item = this.waiting.shift() as T;
    const hasMore = this.waiting.length > 0;
    try {
      this.telemetry.completed++;
      this.deliver(item);
    } finally {
      this.draining = draining;
    }
    return hasMore;
  }

  /** Lets the source make another item, or the lane end. */
  refill(): void {
    this.drain();
  }

  /** Notes for the report that its item waits for the gate below. */
  block(): void {
    const { flow } = this.gate;
    if (flow !== undefined && this.#heldSince === 0) this.#heldSince = this.telemetry.heldBack?.start(flow) ?? 0;
  }

  unblock(): void {
    if (this.#heldSince !== 0) this.telemetry.heldBack?.end(this.gate.flow!, this.#heldSince);
    this.#heldSince = 0;
  }

  /** Items leave by {@link SortedLane.give} alone. */
  protected override step(): boolean {
    return false;
  }

  protected override admit(item: T): boolean {
    // One warning is enough for all lanes: the remedy is the same.
    if (this.#turns.isOverrun) return this.guard(1);
    this.#turns.isOverrun = this.gate.isOverrun;
    return super.admit(item);
  }

  protected override finish(): void {
    try {
      super.finish();
    } finally {
      // It is waited for no more.
      this.#turns.serve();
    }
  }

  protected override cancel(): void {
    this.unblock();
    this.#turns.leave();
  }

  #keyOf(item: T): SortKey {
    const key: unknown = this.#settings.by(item);
    const isText = typeof key === 'string';
    if (!isText && typeof key !== 'number' && typeof key !== 'bigint') {
      throw wrongType('mergeSorted', 'by', 'a function that gives a number, a bigint or a text', key);
    }
    if (Number.isNaN(key)) throw outOfRange('mergeSorted', 'by', 'a function that never gives NaN', key);
    this.#turns.hasTexts ??= isText;
    if (this.#turns.hasTexts !== isText) {
      throw wrongType('mergeSorted', 'by', 'a function that gives only texts or no texts', key);
    }
    return key;
  }

  #isInOrder(item: T, key: SortKey): boolean {
    const last = this.#last;
    this.#last = key;
    if (last === undefined || !(key < last) || this.#settings.passesDisorder) return true;
    this.telemetry.in++;
    this.telemetry.failed++;
    this.fail(new DisorderError(this.name, this.#index, item, key, last));
    return false;
  }
}
