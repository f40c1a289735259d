import { LRUCache } from 'lru-cache';
import { now } from '../../core/clock.ts';
import { Stage, type Connection } from '../../core/stage.ts';
import { countDropped } from '../../core/telemetry.ts';

/** What a {@link Deduper} is told about itself: checked `DedupeOptions`. */
export interface DeduperSettings<T> {
  readonly name: string;
  readonly key: ((item: T) => unknown) | undefined;
  readonly max: number;
  readonly ttl: number;
  readonly onDrop: ((item: T, reason: 'duplicate') => void) | undefined;
  readonly overflowLimit: number;
}

/** The stage that gives up what has come before. */
export class Deduper<T> extends Stage<T, T> {
  readonly #settings: DeduperSettings<T>;
  /** When the item of each key was let through. */
  readonly #seen: LRUCache<object, number>;

  constructor(connection: Connection<T>, settings: DeduperSettings<T>) {
    super(connection, { ...settings, bound: 1, definition: settings });
    this.#settings = settings;
    this.#seen = new LRUCache({ max: settings.max });
  }

  override next(item: T): void {
    if (this.ended) return;
    const { key, onDrop } = this.#settings;
    const isNew = this.#isNew(key === undefined ? item : key(item));
    // Asking for the key may have ended the flow.
    if (this.ended) return;
    if (isNew) return super.next(item);
    this.telemetry.in++;
    countDropped(this.telemetry, 'duplicate');
    onDrop?.(item, 'duplicate');
  }

  protected override step(): boolean {
    if (this.waiting.length === 0) return false;
    this.telemetry.completed++;
    this.deliver(this.waiting.shift() as T);
    return true;
  }

  protected override cancel(): void {
    this.#seen.clear();
  }

  #isNew(of: unknown): boolean {
    // Only the type of the cache has something against keys that are no objects.
    const key = of as object;
    const { ttl } = this.#settings;
    // Without an age there is nothing to read from the clock.
    const time = ttl === Infinity ? 0 : now();
    const since = this.#seen.get(key);
    if (since !== undefined && time - since < ttl) return false;
    this.#seen.set(key, time);
    return true;
  }
}
