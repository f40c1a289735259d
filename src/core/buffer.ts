import { OverflowError, outOfRange } from './errors.ts';
import { holds, isFunction, type OptionReader } from './options.ts';
import { readFunction } from './readers.ts';
import { Ring } from './ring.ts';
import { Stage, type Connection } from './stage.ts';
import { countDropped } from './telemetry.ts';

/**
 * What a full buffer does with one item more: hold its source back, give up the oldest or the newest item, keep only the
 * latest, fail, or make the newest two into one.
 */
export type Overflow<T> = 'wait' | 'dropOldest' | 'dropNewest' | 'latest' | 'fail' | { merge: (held: T, next: T) => T };

/** The options that every buffer has. */
export interface OverflowOptions<T> {
  capacity?: number | undefined;
  overflow?: Overflow<T> | undefined;
  onDrop?: ((item: T, reason: 'dropOldest' | 'dropNewest' | 'latest') => void) | undefined;
}

/** What a {@link Buffer} is told about itself: checked {@link OverflowOptions}. */
export interface BufferSettings<T> {
  readonly name: string;
  /** How many items it may hold. */
  readonly bound: number;
  readonly policy: OverflowWord | 'merge';
  readonly merge: ((held: T, next: T) => T) | undefined;
  readonly onDrop: OverflowOptions<T>['onDrop'];
  readonly overflowLimit?: number;
}

type OverflowWord = Extract<Overflow<never>, string>;

/** Reads the options of a buffer. `words` are the policies that make sense here; without a `fallback` one has to be given. */
export function readOverflow<T>(
  fn: string,
  reader: OptionReader<OverflowOptions<T>>,
  words: readonly OverflowWord[],
  fallback?: OverflowWord,
): Omit<BufferSettings<T>, 'name' | 'overflowLimit'> {
  const overflow = reader.get('overflow');
  const rule = `one of ${words.join(', ')} or { merge: a function }`;
  const merge = typeof overflow === 'object' ? mergeOf(overflow) : undefined;
  let policy: OverflowWord | 'merge' = 'merge';
  if (typeof overflow === 'object' && merge === undefined) throw reader.wrong('overflow', rule, overflow);
  if (overflow === undefined && fallback === undefined) throw reader.wrong('overflow', `given: ${rule}`, undefined);
  if (merge === undefined) policy = reader.oneOf('overflow', words, fallback!);
  const capacity = reader.count('capacity', 1, policy === 'latest' ? 1 : NaN, true);
  if (policy === 'latest' && capacity !== 1) {
    throw outOfRange(fn, 'capacity', "1 or left out with overflow 'latest'", capacity);
  }
  if (Number.isNaN(capacity)) throw reader.wrong('capacity', 'given: an integer of 1 or more, or Infinity', undefined);
  return { bound: capacity, policy, merge, onDrop: readFunction(reader, 'onDrop') };
}

/** Read once: a getter may fail, or say something else the next time. */
function mergeOf<T>(overflow: { merge: (held: T, next: T) => T } | null): ((held: T, next: T) => T) | undefined {
  let merge: ((held: T, next: T) => T) | undefined;
  return holds(() => isFunction((merge = overflow?.merge))) ? merge : undefined;
}

/** The stage that only holds items: waiting → downstream, with a policy for the item that is one too many. */
export class Buffer<T> extends Stage<T, T> {
  readonly #settings: BufferSettings<T>;
  /** Items to be merged: more than one only if the merge function sends some itself. */
  readonly #toMerge = new Ring<T>();
  #merging = false;

  constructor(connection: Connection<T>, settings: BufferSettings<T>) {
    // With a policy of its own the buffer never holds its source back, so its gate has no bound to close at.
    super(connection, settings.policy === 'wait' ? settings : { ...settings, bound: Infinity, definition: settings });
    this.#settings = settings;
  }

  protected override step(): boolean {
    if (this.waiting.length === 0) return false;
    this.telemetry.completed++;
    this.deliver(this.waiting.shift() as T);
    return true;
  }

  override next(item: T): void {
    const { policy, bound, merge } = this.#settings;
    if (this.ended || policy === 'wait' || this.waiting.length < bound) return super.next(item);
    if (policy === 'merge') this.#merge(item, merge!);
    else if (policy === 'fail') {
      this.telemetry.in++;
      this.telemetry.failed++;
      const advice = "Its reader is too slow: choose another overflow policy than 'fail', or a larger capacity.";
      this.fail(new OverflowError(this.name, bound + 1, bound, advice));
    } else if (policy === 'dropNewest') {
      this.telemetry.in++;
      this.#drop(item, policy);
    } else {
      const oldest = this.waiting.shift() as T;
      super.next(item);
      this.#drop(oldest, policy);
    }
  }

  /** What the merge function itself sends, or lets go by opening the gate below, has its turn after it. */
  #merge(item: T, merge: (held: T, next: T) => T): void {
    this.#toMerge.push(item);
    if (this.#merging) return;
    const { draining } = this;
    this.draining = this.#merging = true;
    try {
      while (this.#toMerge.length > 0 && !this.ended) {
        const next = this.#toMerge.shift() as T;
        this.waiting.changeLast((held) => merge(held, next));
        this.telemetry.in++;
        this.telemetry.merged++;
      }
    } finally {
      this.#merging = false;
      this.draining = draining;
    }
    this.drain();
  }

  #drop(item: T, reason: 'dropOldest' | 'dropNewest' | 'latest'): void {
    countDropped(this.telemetry, reason);
    this.#settings.onDrop?.(item, reason);
  }
}
