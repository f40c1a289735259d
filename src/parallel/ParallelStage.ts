import type { Gate } from '../core/gate.ts';
import type { Gauge } from '../core/gauge.ts';
import { Pool } from '../core/pool.ts';
import type { Slot } from '../core/slot.ts';
import type { Connection } from '../core/stage.ts';
import { Inline } from './Inline.ts';
import { NotCloneableError } from './NotCloneableError.ts';
import type { Batch } from './pool/Batch.ts';
import type { ParallelSettings } from './ParallelSettings.ts';
import type { PoolCore } from './pool/PoolCore.ts';
import type { MoveReason, PoolUser, Work } from './pool/PoolUser.ts';
import type { Death } from './pool/Thread.ts';
import type { ResultsMessage } from './protocol.ts';
import { makeRoom, whenThereIsRoom } from './room.ts';
import { sendBatch } from './sendBatch.ts';
import { KeyMoves } from './KeyMoves.ts';
import { Lines } from './Lines.ts';
import { settle } from './settle.ts';
import { sizeOf } from './sizeOf.ts';
import { Sizer } from './Sizer.ts';
import { TaskTimeoutError } from './TaskTimeoutError.ts';
import { WorkerCrashedError } from './WorkerCrashedError.ts';

/** The stage whose items run on threads: a pool whose executor puts them in line, from where the threads fetch them in batches. */
export class ParallelStage<T, R> extends Pool<T, R> implements PoolUser {
  readonly url: string;
  readonly task: string;
  readonly timeout: number | undefined;
  readonly isKeyed: boolean;
  readonly #settings: ParallelSettings<T>;
  readonly #pool: PoolCore;
  readonly #sizer: Sizer;
  readonly #lines: Lines<T, R>;
  /** Runs items on this thread where that is cheaper, if it may. */
  readonly #inline: Inline<T, R> | undefined;
  /** Says which trace an item belongs to whose work begins now, if the flow is traced. */
  readonly #trace: (() => string | undefined) | undefined;
  /** How many items may be at the threads or in line for them, by the user's wish. */
  #cap: number;
  #isFillDue = false;
  /** Where items have keys: what becomes of these when seats change. */
  readonly #moves: KeyMoves | undefined;

  constructor(connection: Connection<R>, settings: ParallelSettings<T>, pool: PoolCore) {
    super(connection, settings, (slot) => this.#begin(slot));
    const { task, timeout, key, maxBatch, concurrency } = settings;
    this.#settings = settings;
    this.#pool = pool;
    this.url = task.url;
    this.task = task.name;
    this.timeout = timeout;
    this.isKeyed = key !== undefined;
    this.#sizer = new Sizer(maxBatch);
    this.#lines = new Lines(key, () => pool.size);
    this.#cap = concurrency;
    this.#trace = this.gate.flow?.traceparent;
    this.#moves = this.isKeyed ? this.#movesOfKeys() : undefined;
    this.#inline = settings.inline ? new Inline<T, R>(task, this) : undefined;
    this.#adapt();
    pool.join(this);
    this.gate.flow?.meet?.(pool);
  }

  /** The threads measure the work: from here it cannot be told from waiting for it. @internal */
  get isTimed(): boolean {
    return true;
  }

  get pool(): Gauge {
    return this.#pool;
  }

  override get queued(): number {
    return super.queued + this.#lines.length;
  }

  get cost(): number {
    return this.#sizer.cost;
  }

  /** Changes how many items may be at the threads or in line for them. */
  override setLimit(limit: number): void {
    this.#cap = limit;
    this.#adapt();
  }

  /** What the report says about it. */
  get note(): string | undefined {
    return this.#inline?.note(this.telemetry.in);
  }

  backlog(seat: number): number {
    return this.#sleeps() || this.#inline?.isOn === true ? 0 : (this.#lines.at(seat)?.length ?? 0);
  }

  nextWork(seat: number, most: number): Work | undefined {
    if (this.#sleeps() || this.#inline?.isOn === true) return undefined;
    const line = this.#lines.at(seat);
    if (line === undefined || line.length === 0) return undefined;
    // Near the end of the input no thread is to be left without a share.
    const share = this.isKeyed ? line.length : Math.ceil(line.length / (this.#pool.size * 2));
    const slots = line.take(Math.min(this.#sizer.size, share, most), this.#settings.maxBatchBytes) as Slot<
      unknown,
      unknown
    >[];
    return sendBatch(this, slots, this.#settings.transfer, {
      isTraced: this.#trace !== undefined,
      keyOf: this.isKeyed ? (slot) => this.#lines.keyOf(slot) : undefined,
      sent: (elapsed) => this.#inline?.sent(elapsed, slots.length),
      refused: (refused, path, what, cause) =>
        refused.reject(new NotCloneableError(this.name, 'item', refused.index, { path, what }, cause)),
      again: (again, oneByOne) => this.giveBack(again, seat, oneByOne),
    });
  }

  results(batch: Batch, message: ResultsMessage): void {
    const { values, errors, refused, ends, elapsed, done } = message;
    const first = batch.reported;
    batch.reported += values.length;
    if (values.length > 0) {
      this.#measure(elapsed, values.length);
      makeRoom(batch);
    }
    if (done) this.#moves?.goOn();
    if (this.ended && errors === undefined) return;
    const slots = batch.slots as readonly Slot<T, R>[];
    this.together(() => {
      const isPlain = errors === undefined && refused === undefined && ends === undefined;
      if (isPlain) for (let i = 0; i < values.length; i++) slots[first + i]!.resolve(values[i] as R);
      else settle(this.name, slots.slice(first), message);
    });
  }

  values(batch: Batch, values: readonly unknown[], more: () => void): void {
    const slot = batch.slots[batch.reported] as Slot<T, R>;
    if (this.ended || !slot.isRunning) return;
    // Made before it is needed: the values may close it.
    const gate: Gate = slot.below;
    this.together(() => {
      for (const value of values) slot.emit(value as R);
    });
    if (this.ended || !slot.isRunning) return;
    whenThereIsRoom(batch, gate, more);
  }

  giveBack(slots: readonly Slot<unknown, unknown>[], seat: number, oneByOne = false): void {
    if (this.ended) return;
    this.#lines.putBack(slots as readonly Slot<T, R>[], seat, oneByOne);
    this.#fillSoon();
  }

  unreadable(slot: Slot<unknown, unknown>, error: unknown, direction: 'item' | 'result' = 'result'): void {
    if (this.ended) return;
    const found = { path: direction, what: 'nested too deeply to be read' };
    slot.reject(new NotCloneableError(this.name, direction, slot.index, found, error));
  }

  unread({ moved }: Batch, left: readonly Slot<unknown, unknown>[], seat: number, error: unknown): void {
    // What was moved with it cannot be sent again, and what the thread goes on with would overtake items of its keys.
    if (left.length === 1 || moved || this.isKeyed) for (const slot of left) this.unreadable(slot, error, 'item');
    else this.giveBack(left, seat, true);
    this.#moves?.goOn();
  }

  blame(slot: Slot<unknown, unknown>, { exitCode, error }: Death, isFinal: boolean): void {
    if (this.ended || this.#mayRetry(slot, this.#settings.crashRetries, isFinal)) return;
    slot.reject(new WorkerCrashedError(this.name, slot.index, exitCode, slot.attempt, error));
  }

  timedOut(slot: Slot<unknown, unknown>, isFinal: boolean): void {
    if (this.ended || this.#mayRetry(slot, this.#settings.timeoutRetries, isFinal)) return;
    slot.reject(new TaskTimeoutError(this.name, slot.index, this.timeout!, slot.attempt));
  }

  failed(error: unknown): void {
    this.fail(error);
  }

  moved(seat: number, reason: Exclude<MoveReason, 'resized'>): void {
    if (!this.ended) this.#moves?.replaced(seat, reason);
  }

  resized(before: number): void {
    this.#adapt();
    if (!this.ended) this.#moves?.resized(before);
  }

  /** Delivers several results, and only then begins what there is room for. @internal */
  together(deliver: () => void): void {
    const { draining } = this;
    this.draining = true;
    try {
      deliver();
    } finally {
      this.draining = draining;
    }
    if (!draining) this.drain();
  }

  /** @internal */
  nextInline(): Slot<T, R> | undefined {
    if (this.#sleeps()) return undefined;
    return this.#lines.takeOne();
  }

  protected override step(): boolean {
    if (super.step()) return true;
    // The gate below may have opened again.
    if (!this.#isFillDue && this.#lines.length > 0) this.#fillSoon();
    return false;
  }

  protected override cancel(reason: unknown): void {
    this.#lines.clear();
    super.cancel(reason);
    const left = this.#pool.leave(this, this.#settings.grace);
    const { flow } = this.gate;
    if (flow === undefined) left.catch((error: unknown) => this.lateError(error));
    else flow.releasing(left);
  }

  /** Whether no further item may begin: rule G5, or keys are finding their seats. */
  #sleeps(): boolean {
    if (this.ended) return true;
    if (this.below.isOpen) return this.#moves?.isMoving === true;
    // It may have been open a moment ago, and nothing waits for it to open again.
    if (this.held > 0) this.waitBelow();
    return true;
  }

  #begin(slot: Slot<T, R>): void {
    const bytes = sizeOf(slot, this.#settings);
    slot.note = this.#trace?.();
    this.#lines.add(slot, bytes);
    if (!this.#isFillDue) this.#fillSoon();
  }

  /** Not at once: those that come in the same turn of the event loop are sent together. */
  #fillSoon(): void {
    if (this.#isFillDue) return;
    this.#isFillDue = true;
    queueMicrotask(() => {
      this.#isFillDue = false;
      if (this.ended) return;
      if (this.#inline?.isOn === true) this.#inline.run();
      else this.#pool.fill();
    });
  }

  #measure(elapsed: number, items: number): void {
    const { work } = this.telemetry;
    if (work !== undefined) {
      work.total += elapsed;
      // Each counts: a batch of one is little beside a batch of hundreds.
      work.durations.record(elapsed / items, items);
    }
    if (this.#sizer.observe(elapsed, items)) this.#adapt();
    this.#inline?.ran(this.#sizer.cost, items);
  }

  /** Two batches for each thread, and as much in line, so that there always is a whole one to send. */
  #adapt(): void {
    const { size } = this.#sizer;
    const threads = this.#pool.size;
    const atThreads = threads * 2 * size;
    const wanted = size === 1 ? atThreads : atThreads * 2;
    const limit = Math.min(wanted, this.#cap);
    const { capacity } = this.#settings;
    super.setLimit(limit, capacity ?? Math.min(Math.max(threads, limit >> 2), MAX_WAITING));
    this.telemetry.concurrency = Math.min(threads, this.#cap);
  }

  #mayRetry(slot: Slot<unknown, unknown>, retries: number, isFinal: boolean): boolean {
    // What has given values would give them again.
    if (isFinal || slot.many || slot.attempt > retries) return false;
    slot.attempt++;
    this.telemetry.retried++;
    this.giveBack([slot], this.#lines.homeOf(slot));
    return true;
  }

  #movesOfKeys(): KeyMoves {
    return new KeyMoves({
      seats: () => this.#pool.size,
      hasInHand: () => this.#pool.hasInHand(this),
      rearrange: () => {
        this.#lines.rearrange();
        this.#pool.forgetMoved(this);
        this.#fillSoon();
      },
      onMove: (move) => {
        try {
          this.#settings.onMove?.(move);
        } catch (error) {
          this.fail(error);
        }
      },
    });
  }
}

const MAX_WAITING = 64;
