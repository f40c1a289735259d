import { reasonOf } from '../../core/errors.ts';
import type { Slot } from '../../core/slot.ts';
import { decodeError } from '../codec/errorCodec.ts';
import { CANCEL, CELLS_A_PLACE, CLAIM, PLACES, TAKEN_BACK, type FromThread, type LoadedMessage } from '../protocol.ts';
import type { Batch } from './Batch.ts';
import type { PoolUser, Work } from './PoolUser.ts';
import { clearTimeout, now, setTimeout } from './clock.ts';
import { Thread, tsxFor, type Death, type ThreadOwner, type ThreadSettings } from './Thread.ts';

/** What a {@link Seat} reports to. */
export interface SeatOwner {
  readonly threads: ThreadSettings;
  /** The number by which threads know a task. */
  taskNumber(user: PoolUser): number;
  /** The seat can take more, or has no thread any more. */
  changed(seat: Seat): void;
  /** An item has ended. */
  progressed(): void;
  /** The thread of the seat died. `isUseful`: it had finished an item, or died of one. `isExplained`: somebody hears of it anyway, or nobody need. */
  crashed(seat: Seat, death: Death, isUseful: boolean, isExplained: boolean): void;
  loadFailed(task: number, reason: string, cause: unknown): void;
}

/**
 * A place in a pool at which one thread after the other works. It knows what its thread has in hand, and when a thread dies, which
 * item it died of: that one alone is blamed, and all others run again.
 */
export class Seat implements ThreadOwner {
  readonly number: number;
  readonly places: (Batch | undefined)[] = Array.from({ length: PLACES }, () => undefined);
  inFlight = 0;
  /** Items that the thread has been given since it started. */
  given = 0;
  /** Bytes outside its heap, as the thread last said. */
  external = 0;
  /** Whether the thread is to end once nothing is in flight. */
  isRetiring = false;
  /** Whether the pool has been made smaller than this. */
  isSurplus = false;
  /** When the thread last had nothing to do. */
  idleSince = 0;
  thread: Thread | undefined;
  readonly #owner: SeatOwner;
  /** The tasks that the thread has been told to load. */
  readonly #tasks = new Set<number>();
  /** The one whose module it is importing, and what ends it if that takes too long. */
  #loading: number | undefined;
  #loadTimer: ReturnType<typeof setTimeout> | undefined;
  #isUseful = false;
  #isKilled = false;
  /** What a thread that is being ended had not begun. */
  readonly #stopped = new Map<Batch, readonly Slot<unknown, unknown>[]>();
  #timedOut: Batch | undefined;

  constructor(number: number, owner: SeatOwner) {
    this.number = number;
    this.#owner = owner;
  }

  /** Whether the thread can be given a batch. */
  get hasRoom(): boolean {
    return this.thread?.isReady === true && !this.isRetiring && !this.isSurplus && this.inFlight < PLACES;
  }

  /** Starts a thread. */
  start(): void {
    this.given = this.external = 0;
    this.isRetiring = this.#isUseful = this.#isKilled = false;
    try {
      this.thread = new Thread(this.number, this.#owner.threads, this);
    } catch (error) {
      // Node.js refuses: what `env` or `resourceLimits` say cannot be, or there are too many threads.
      this.#owner.crashed(this, { exitCode: 1, error }, false, false);
    }
  }

  /** Sends a batch to the thread, which has a place for it. Says whether it could be sent. */
  run({ batch, send }: Work): boolean {
    const thread = this.thread!;
    const place = this.places.indexOf(undefined);
    const task = this.#owner.taskNumber(batch.user);
    if (!this.#tasks.has(task)) this.#load(task, batch.user, thread);
    Atomics.store(thread.cells, place * CELLS_A_PLACE + CLAIM, 0);
    Atomics.store(thread.cells, place * CELLS_A_PLACE + CANCEL, 0);
    if (!send(place, task, thread)) return false;
    batch.seenAt = now();
    this.places[place] = batch;
    this.given += batch.slots.length;
    if (this.inFlight++ === 0) thread.keepAlive(true);
    return true;
  }

  /** How many items of a batch have been begun; one more than it has once it is finished. */
  begun(place: number): number {
    const batch = this.places[place]!;
    return batch.isStopped ? batch.limit : Atomics.load(this.thread!.cells, place * CELLS_A_PLACE + CLAIM);
  }

  /** Takes back what the thread has not begun of a batch. The thread reports the rest as it would. */
  takeBack(place: number): void {
    const batch = this.places[place]!;
    if (batch.isStopped || batch.moved) return;
    const { left } = this.#stop(batch, place);
    this.given -= left.length;
    if (left.length > 0) batch.user.giveBack(left, this.number);
  }

  /** Tells the thread that nobody wants what it does for `user`. */
  cancel(user: PoolUser): void {
    for (const [place, batch] of this.places.entries()) {
      if (batch?.user !== user || batch.isCancelled) continue;
      batch.isCancelled = true;
      this.#stop(batch, place);
      Atomics.store(this.thread!.cells, place * CELLS_A_PLACE + CANCEL, 1);
      this.thread!.post({ kind: 'cancel', place });
    }
  }

  /** Whether the thread has begun something for `user` and has not said that it is done. */
  worksFor(user: PoolUser): boolean {
    return this.places.some((batch) => batch?.user === user && batch.limit > 0);
  }

  /** Ends the thread at once. What it had not begun runs elsewhere; `timedOut` is the batch whose item took too long. */
  kill(error?: unknown, timedOut?: Batch): void {
    for (const [place, batch] of this.places.entries()) {
      // Before anything else, so that no other item begins meanwhile and takes the blame.
      if (batch !== undefined && !batch.isStopped) this.#stopped.set(batch, this.#stop(batch, place).left);
    }
    this.#timedOut = timedOut;
    this.#isKilled = true;
    this.thread?.end(error);
  }

  started(): void {
    this.#rest();
    this.#owner.changed(this);
  }

  received(message: FromThread): void {
    if (message.kind === 'loading') return this.#watchLoad(message.task);
    if (message.kind === 'loaded') return this.#loaded(message);
    const { place } = message;
    const batch = this.places[place];
    if (batch === undefined) return;
    if (message.kind === 'values') {
      batch.isHeldBack = true;
      return batch.user.values(batch, message.values, () => {
        batch.isHeldBack = false;
        if (this.places[place] === batch) this.thread?.post({ kind: 'more', place });
      });
    }
    this.external = message.external;
    if (message.values.length > 0) {
      this.#isUseful = true;
      this.#owner.progressed();
    }
    if (message.done) {
      this.places[place] = undefined;
      this.inFlight--;
      this.#rest();
      // Before the results, so that the thread has something to do while they are delivered.
      this.#owner.changed(this);
    }
    batch.user.results(batch, message);
  }

  died(death: Death): void {
    const loading = this.#loading;
    this.#endLoad();
    this.#tasks.clear();
    const isUnwanted = this.#isKilled || this.places.some((batch) => batch?.isCancelled === true && batch.limit > 0);
    const isPlanned = this.isRetiring && this.inFlight === 0;
    const { blamed, isAtWork } = this.#settle(death);
    this.thread = undefined;
    this.isRetiring = false;
    if (isPlanned) return this.#owner.changed(this);
    // No item ran, so it died of what it was importing: the next thread would, too.
    const isLoadFailure = loading !== undefined && !isAtWork;
    if (isLoadFailure) this.#owner.loadFailed(loading, reasonOfDeath(death), death.error);
    const isExplained = isUnwanted || isLoadFailure || blamed.length > 0;
    this.#owner.crashed(this, death, this.#isUseful || isExplained, isExplained);
    for (const blame of blamed) blame();
  }

  #rest(): void {
    if (this.inFlight > 0) return;
    this.idleSince = now();
    this.thread?.keepAlive(false);
  }

  /** Takes everything from a dead thread, and gives back what may run again. Gives what tells whom it died of. */
  #settle(death: Death): { blamed: readonly (() => void)[]; isAtWork: boolean } {
    const blamed: (() => void)[] = [];
    let isAtWork = false;
    for (const [place, batch] of this.places.entries()) {
      if (batch === undefined) continue;
      const { left, isRunning } = this.#stop(batch, place);
      this.places[place] = undefined;
      isAtWork ||= isRunning;
      if (batch.isCancelled) continue;
      const { user, slots, reported, limit, moved } = batch;
      const end = isRunning ? limit - 1 : limit;
      const lost = slots.slice(reported, end);
      const suspect = death.isUnreadable === true && lost.length === 1 && !moved ? lost.pop() : undefined;
      if (suspect !== undefined) blamed.push(() => user.unreadable(suspect, death.error));
      const again = [...lost, ...left, ...(this.#stopped.get(batch) ?? [])];
      if (moved) for (const slot of again) blamed.push(() => user.blame(slot, death, true));
      else if (again.length > 0) user.giveBack(again, this.number, death.isUnreadable);
      const running = end >= reported && isRunning ? slots[end] : undefined;
      if (running === undefined) continue;
      const timedOut = this.#timedOut === batch;
      blamed.push(() => (timedOut ? user.timedOut(running, moved) : user.blame(running, death, moved)));
    }
    this.#timedOut = undefined;
    this.#stopped.clear();
    this.inFlight = 0;
    return { blamed, isAtWork };
  }

  /** Keeps the thread from beginning another item of a batch. Gives those that it has not begun, and whether one runs. */
  #stop(batch: Batch, place: number): { left: readonly Slot<unknown, unknown>[]; isRunning: boolean } {
    const { cells } = this.thread!;
    const claim = place * CELLS_A_PLACE + CLAIM;
    const { slots } = batch;
    if (batch.isStopped) return { left: [], isRunning: batch.limit > 0 && Atomics.load(cells, claim) === TAKEN_BACK };
    const begun = Atomics.exchange(cells, claim, TAKEN_BACK);
    batch.isStopped = true;
    batch.limit = Math.min(begun, slots.length);
    const isRunning = begun > 0 && begun <= slots.length;
    // It has gone past the last one: what it adds from now on must not look as if one of them still ran.
    if (!isRunning) Atomics.add(cells, claim, 1);
    return { left: slots.slice(begun), isRunning };
  }

  #load(task: number, { url, task: name }: PoolUser, thread: Thread): void {
    this.#tasks.add(task);
    thread.post({ kind: 'load', task, url, name, tsx: tsxFor(url) });
  }

  /** Counted from here: the thread may have been busy with something else when it was told to. */
  #watchLoad(task: number): void {
    const { startTimeout } = this.#owner.threads;
    this.#loading = task;
    this.#loadTimer = setTimeout(
      () => this.kill(new Error(`importing it took longer than ${startTimeout} ms`)),
      startTimeout,
    );
    this.#loadTimer.unref();
  }

  #endLoad(): void {
    clearTimeout(this.#loadTimer);
    this.#loading = undefined;
  }

  #loaded({ task, reason, error }: LoadedMessage): void {
    this.#endLoad();
    if (reason === undefined) return;
    // Whoever wants it after this is to hear of it too.
    this.#tasks.delete(task);
    // What was sent for it is not run, and not answered.
    for (const [place, batch] of this.places.entries()) {
      if (batch === undefined || this.#owner.taskNumber(batch.user) !== task) continue;
      this.places[place] = undefined;
      this.inFlight--;
    }
    this.#rest();
    this.#owner.loadFailed(task, reason, error === undefined ? undefined : decodeError(error));
    this.#owner.changed(this);
  }
}

function reasonOfDeath({ exitCode, error }: Death): string {
  return error === undefined ? `its thread ended with exit code ${exitCode} while it was imported` : reasonOf(error);
}
