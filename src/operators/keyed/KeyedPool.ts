import { OverflowError } from '../../core/errors.ts';
import { DROPPED, UNFINISHED } from '../../core/outcome.ts';
import { Pool } from '../../core/pool.ts';
import type { Executor, PoolSettings } from '../../core/poolSettings.ts';
import { Ring } from '../../core/ring.ts';
import type { Slot } from '../../core/slot.ts';
import type { Connection } from '../../core/stage.ts';
import { KeyedQueue } from './KeyedQueue.ts';
import { KeyWatch } from './KeyWatch.ts';
import { Line } from './Line.ts';
import { countDropped } from '../../core/telemetry.ts';

/** What a {@link KeyedPool} is told about itself besides what every pool is. */
export interface KeyedSettings<T> extends PoolSettings<T> {
  readonly key: (item: T) => unknown;
  /** How many items of one key may run, and how many may wait. */
  readonly perKey: number;
  readonly maxWaitingPerKey: number;
  /** What becomes of one item more. */
  readonly policy: 'wait' | 'dropNewest' | 'dropOldest' | 'fail';
  readonly onDrop: ((item: T, reason: 'dropNewest' | 'dropOldest') => void) | undefined;
}

/**
 * A pool in which every key has a line of its own: arrived → line → running. Lines with an item that may begin take turns, first come
 * first served, so that none waits longer because another is long.
 *
 * An item takes its place in the order of input (its slot) when it joins its line. Under `'wait'` that is when there is room for it, so
 * that the surplus of a source that cannot be paused costs no more than in any other stage; otherwise at once.
 */
export class KeyedPool<T, R> extends Pool<T, R> {
  readonly #settings: KeyedSettings<T>;
  readonly #queue: KeyedQueue<T, R> | undefined;
  readonly #lines = new Map<unknown, Line<T, R>>();
  /** One for every turn to come. */
  readonly #turns = new Ring<Line<T, R>>();
  /** The lines of the items in `waiting`, in the same order. */
  readonly #arrived = new Ring<Line<T, R>>();
  #inLines = 0;

  constructor(
    connection: Connection<R>,
    settings: KeyedSettings<T>,
    execute: Executor<T, R>,
    queue = settings.order === 'input' ? new KeyedQueue<T, R>() : undefined,
  ) {
    super(connection, settings, execute, queue);
    this.#settings = settings;
    this.#queue = queue;
    this.watch = new KeyWatch(this.watch, (slot) => this.#ended(slot));
  }

  /** How many keys have an item in the stage. */
  get keys(): number {
    return this.#lines.size;
  }

  /** Those in lines have their places already, and have not begun. */
  override get queued(): number {
    return super.queued + this.#inLines;
  }

  /** While an item stands in front of a line that is full, it holds back what is behind it. */
  protected override get load(): number {
    const own = super.load;
    return own < this.bound && this.#isBlocked() ? this.bound : own;
  }

  override next(item: T): void {
    if (this.ended) return;
    const line = this.#lineOf(item);
    if (line === undefined) return;
    const { policy } = this.#settings;
    if (policy === 'wait' || !this.#isFull(line)) this.#arrive(item, line);
    else if (policy === 'dropOldest' && line.length > 0) this.#exchange(item, line);
    else if (policy !== 'fail') {
      this.telemetry.in++;
      countDropped(this.telemetry, 'dropNewest');
      this.index++;
      this.#settings.onDrop?.(item, 'dropNewest');
    } else {
      this.telemetry.in++;
      this.telemetry.failed++;
      const most = this.#most;
      const advice = "They are of one key: choose another overflow policy than 'fail', or a larger maxWaitingPerKey.";
      this.fail(new OverflowError(this.name, most + 1, most, advice));
    }
  }

  protected override step(): boolean {
    return super.step() || this.#letOldestOn();
  }

  protected override beginNext(): boolean {
    for (;;) {
      this.#dropSpareTurns();
      // A line without a turn cannot give one: there may be another behind what is here.
      if (this.waiting.length > 0) this.#joinLines(this.#turns.length === 0);
      // Nothing behind the first can leave before it, so it must not find all places taken by what is held back behind it.
      const first = this.#queue?.first;
      if (first !== undefined && isWaiting(first)) return this.#begin(first.note as Line<T, R>);
      const line = this.#turns.shift();
      if (line === undefined) return false;
      line.turns--;
      // Unless the line has had its turn already, since it had the first.
      if (line.length > 0 && line.running < this.#settings.perKey) return this.#begin(line);
    }
  }

  protected override cancel(reason: unknown): void {
    super.cancel(reason);
    this.#lines.clear();
    this.#turns.clear();
    this.#arrived.clear();
  }

  /** How many items of one key may be waiting or at work. */
  get #most(): number {
    return this.#settings.perKey + this.#settings.maxWaitingPerKey;
  }

  /** Where the first in the order begins before its line's turn, that turn is left over: those must not pile up. */
  #dropSpareTurns(): void {
    for (let line = this.#turns.peek(); line !== undefined && line.turns > line.length; line = this.#turns.peek()) {
      line.turns--;
      this.#turns.shift();
    }
  }

  #begin(line: Line<T, R>): true {
    line.running++;
    this.#inLines--;
    this.start(line.shift());
    return true;
  }

  /**
   * Input order: when the limit has fallen while the first item waited, all that runs may be held back behind it. Then the oldest of
   * those goes on, to make a place. Says whether it can.
   */
  #letOldestOn(): boolean {
    const first = this.#queue?.first;
    if (first === undefined || !isWaiting(first) || this.telemetry.concurrency === 0) return false;
    let oldest: Slot<T, R> | undefined = first;
    while (oldest !== undefined && oldest.started === 0) oldest = oldest.next;
    if (oldest?.gate === undefined || oldest.gate.isOpen) return false;
    oldest.gate.open();
    return true;
  }

  #isFull(line: Line<T, R>): boolean {
    return line.running + line.length >= this.#most;
  }

  #isBlocked(): boolean {
    const first = this.#arrived.peek();
    return first !== undefined && this.#isFull(first);
  }

  /** The line for an item, if the stage goes on: the function that gives the key may fail, or end it. */
  #lineOf(item: T): Line<T, R> | undefined {
    let key: unknown;
    try {
      key = this.#settings.key(item);
    } catch (error) {
      if (!this.ended) {
        this.telemetry.in++;
        this.telemetry.failed++;
      }
      this.fail(error, { item, index: this.telemetry.in - 1 });
    }
    if (this.ended) return undefined;
    let line = this.#lines.get(key);
    if (line === undefined) this.#lines.set(key, (line = new Line(key)));
    return line;
  }

  #arrive(item: T, line: Line<T, R>): void {
    const { draining } = this;
    line.items++;
    this.#arrived.push(line);
    this.draining = true;
    try {
      super.next(item);
    } finally {
      this.draining = draining;
    }
    if (!this.ended) this.#joinLines(false);
    if (!draining) this.drain();
  }

  /** Gives up the oldest that waits in a line, for another. */
  #exchange(item: T, line: Line<T, R>): void {
    const { draining } = this;
    const oldest = line.shift();
    this.#inLines--;
    const { item: given } = oldest;
    line.items--;
    oldest.index = -1;
    oldest.note = undefined;
    countDropped(this.telemetry, 'dropOldest');
    this.draining = true;
    this.#queue?.toFront(oldest);
    this.endOf(oldest, DROPPED);
    this.draining = draining;
    this.#arrive(item, line);
    this.#settings.onDrop?.(given, 'dropOldest');
  }

  /** Lets what has arrived take its place in its line, in order, as far as there is room; or if `isNeeded`, until one has a turn. */
  #joinLines(isNeeded: boolean): void {
    const waits = this.#settings.policy === 'wait';
    while (this.waiting.length > 0) {
      const hasRoom = this.inside < this.bound || (isNeeded && this.#turns.length === 0);
      if (waits && (!hasRoom || this.#isBlocked())) return;
      const line = this.#arrived.shift()!;
      const slot = this.take(this.waiting.shift() as T);
      slot.note = line;
      line.push(slot);
      this.#inLines++;
      this.#giveTurn(line);
    }
  }

  #giveTurn(line: Line<T, R>): void {
    if (line.length <= line.turns || line.running + line.turns >= this.#settings.perKey) return;
    line.turns++;
    this.#turns.push(line);
  }

  #ended(slot: Slot<T, R>): void {
    const line = slot.note as Line<T, R>;
    slot.note = undefined;
    line.running--;
    if (--line.items === 0) this.#lines.delete(line.key);
    else this.#giveTurn(line);
  }
}

/** Whether an item that has its place in the order has not begun. */
function isWaiting<T, R>({ started, outcome }: Slot<T, R>): boolean {
  return started === 0 && outcome === UNFINISHED;
}
