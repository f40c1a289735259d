import { now } from '../../core/clock.ts';
import type { FiguresReading } from '../../core/gauge.ts';
import { Heap } from '../../core/Heap.ts';
import { Ring } from '../../core/ring.ts';
import { Stage, type Connection } from '../../core/stage.ts';
import { Alarm } from '../Alarm.ts';
import { RateLimitError } from '../RateLimitError.ts';
import { Lanes, type Lane } from './Lanes.ts';
import type { Rate } from './Pace.ts';
import type { RateGauge } from './RateGauge.ts';
import { countDropped } from '../../core/telemetry.ts';

/** What a {@link RateLimiter} is told about itself: checked `RateLimitOptions`. */
export interface RateLimiterSettings<T> extends Rate {
  readonly name: string;
  readonly key: ((item: T) => unknown) | undefined;
  readonly maxKeys: number;
  readonly mode: 'shape' | 'reject' | 'drop';
  readonly onDrop: ((item: T, reason: 'limit' | 'maxKeys') => void) | undefined;
  readonly bound: number;
  readonly overflowLimit: number;
  readonly gauge: RateGauge;
}

/** The stage that lets items through at a pace, each key at one of its own. An item waits in the lane of its key. */
export class RateLimiter<T> extends Stage<T, T> {
  readonly #settings: RateLimiterSettings<T>;
  readonly #lanes: Lanes<T>;
  /** The lanes in which items wait, the one that is due next in front. */
  readonly #due = new Heap<Lane<T>>((a, b) => a.pace.due < b.pace.due);
  readonly #alarm = new Alarm(() => this.resume());
  /** The key of the oldest item that has no lane yet, once it was asked for. */
  #key: { readonly of: unknown } | undefined;

  constructor(connection: Connection<T>, settings: RateLimiterSettings<T>) {
    const { name, bound, overflowLimit } = settings;
    super(connection, { name, bound, overflowLimit, definition: settings });
    this.#settings = settings;
    settings.gauge.meet(this, this.gate.flow);
    this.#lanes = new Lanes(settings, settings.key === undefined ? 1 : settings.maxKeys);
  }

  /** What a report shows of it. */
  read(): FiguresReading {
    const lane = this.#due.first;
    const figures = { waiting: this.inside, keys: this.#lanes.size };
    if (lane === undefined) return { state: 'free', figures };
    return { state: 'waiting', figures: { ...figures, 'next in ms': Math.max(Math.ceil(lane.pace.due - now()), 0) } };
  }

  protected override step(): boolean {
    let wake = Infinity;
    if (this.waiting.length > 0) {
      const key = this.#readKey();
      if (key === undefined) return false;
      const time = now();
      const lane = this.#lanes.find(key.of, time);
      if (lane !== undefined || this.#settings.mode !== 'shape') {
        this.#key = undefined;
        this.#sort(this.waiting.shift() as T, key.of, lane, time);
        return true;
      }
      wake = this.#lanes.roomAt;
    }
    const lane = this.#due.first;
    if (lane !== undefined) {
      const time = now();
      if (lane.pace.due <= time) {
        this.#release(lane, time);
        return true;
      }
      wake = Math.min(wake, lane.pace.due);
    }
    if (wake < Infinity) this.#alarm.set(wake);
    return false;
  }

  protected override cancel(): void {
    this.#alarm.stop();
    this.#lanes.clear();
    this.#due.clear();
    this.#key = undefined;
  }

  /** The key of the oldest item; `undefined` if asking for it has ended the flow. */
  #readKey(): { readonly of: unknown } | undefined {
    const { key } = this.#settings;
    if (key === undefined) return NO_KEY;
    if (this.#key !== undefined) return this.#key;
    try {
      const of = key(this.waiting.peek() as T);
      if (!this.ended) this.#key = { of };
    } catch (error) {
      const { waiting } = this;
      this.fail(error, { item: waiting.peek(), index: this.telemetry.in - waiting.length });
    }
    return this.#key;
  }

  #sort(item: T, key: unknown, lane: Lane<T> | undefined, time: number): void {
    if (lane !== undefined && !lane.isWaiting && lane.pace.due <= time) return this.#pass(item, lane, time);
    if (lane === undefined || this.#settings.mode !== 'shape') return this.#refuse(item, key, lane, time);
    this.inside++;
    lane.items ??= new Ring();
    lane.items.push(item);
    if (lane.items.length === 1) this.#due.push(lane);
  }

  #pass(item: T, lane: Lane<T>, time: number): void {
    lane.pace.take(time);
    this.telemetry.completed++;
    this.deliver(item);
  }

  #release(lane: Lane<T>, time: number): void {
    const item = lane.items!.shift() as T;
    this.inside--;
    lane.pace.take(time);
    if (lane.isWaiting) this.#due.settle();
    else this.#due.shift();
    this.telemetry.completed++;
    this.deliver(item);
  }

  #refuse(item: T, key: unknown, lane: Lane<T> | undefined, time: number): void {
    const { mode, onDrop, name, limit, per, burst } = this.#settings;
    const reason = lane === undefined ? 'maxKeys' : 'limit';
    if (mode === 'reject') {
      this.telemetry.failed++;
      const retryAfter = (lane?.pace.due ?? this.#lanes.roomAt) - time;
      return this.fail(new RateLimitError(name, { limit, per, burst, key, retryAfter, reason }));
    }
    countDropped(this.telemetry, reason);
    try {
      onDrop?.(item, reason);
    } catch (error) {
      this.fail(error, { item, index: this.telemetry.in - this.waiting.length - 1 });
    }
  }
}

const NO_KEY = { of: undefined };
