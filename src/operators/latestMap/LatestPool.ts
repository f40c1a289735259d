import { Pool } from '../../core/pool.ts';
import type { Executor, PoolSettings } from '../../core/poolSettings.ts';
import type { Connection } from '../../core/stage.ts';
import { countDropped } from '../../core/telemetry.ts';

/** The pool of one that keeps only the newest of the items that wait. */
export class LatestPool<T, R> extends Pool<T, R> {
  readonly #onDrop: ((item: T, reason: 'latest') => void) | undefined;

  constructor(
    connection: Connection<R>,
    settings: PoolSettings<T>,
    execute: Executor<T, R>,
    onDrop: ((item: T, reason: 'latest') => void) | undefined,
  ) {
    super(connection, settings, execute);
    this.#onDrop = onDrop;
  }

  override next(item: T): void {
    if (this.ended || this.waiting.length === 0) return super.next(item);
    const older = this.waiting.shift() as T;
    // It keeps its place in the input.
    this.index++;
    countDropped(this.telemetry, 'latest');
    super.next(item);
    this.#onDrop?.(older, 'latest');
  }
}
