import { reasonOf } from '../../core/errors.ts';
import type { Slot } from '../../core/slot.ts';
import { decodeError } from '../codec/errorCodec.ts';
import { PLACES, type FromThread, type LoadedMessage, type UnreadMessage } from '../protocol.ts';
import type { Batch } from './Batch.ts';
import type { PoolUser, Work } from './PoolUser.ts';
import { now } from './clock.ts';
import { Loading } from './Loading.ts';
import { Thread, type Death, type ThreadOwner, type ThreadSettings } from './Thread.ts';

type AnySlot = Slot<unknown, unknown>;

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
  /** Bytes outside its heap, and in it, as the thread last said. */
  external = 0;
  heap = 0;
  /** Of all threads that have sat here: milliseconds at work, items done, and how many took the place of another. */
  busy = 0;
  items = 0;
  restarts = -1;
  /** Whether the thread is to end once nothing is in flight. */
  isRetiring = false;
  /** Whether the pool has been made smaller than this. */
  isSurplus = false;
  /** When the thread last had nothing to do. */
  idleSince = 0;
  thread: Thread | undefined;
  readonly #owner: SeatOwner;
  readonly #loading: Loading;
  #isUseful = false;
  #isKilled = false;
  /** What a thread that is being ended had not begun. */
  readonly #stopped = new Map<Batch, readonly AnySlot[]>();
  /** What a thread that is being ended is ended for, of all that it has in hand: nothing, what runs, or the item of a batch that took too long. */
  #culprit: Batch | 'running' | undefined = 'running';
  /** Whether it is ended because an import takes too long. */
  #isLoadLate = false;
  #turns = 0;

  constructor(number: number, owner: SeatOwner) {
    this.number = number;
    this.#owner = owner;
    this.#loading = new Loading(owner.threads.startTimeout, (error) => {
      this.#isLoadLate = true;
      this.kill(error);
    });
  }

  /** Whether the thread can be given a batch. */
  get hasRoom(): boolean {
    return this.thread?.isReady === true && !this.isRetiring && !this.isSurplus && this.inFlight < PLACES;
  }

  /** The item that the thread works on, and for which stage. */
  get working(): { readonly user: PoolUser; readonly item: number } | undefined {
    for (const [place, batch] of this.places.entries()) {
      const begun = batch === undefined ? 0 : this.begun(place);
      if (begun > 0 && begun <= batch!.slots.length) return { user: batch!.user, item: batch!.slots[begun - 1]!.index };
    }
    return undefined;
  }

  /** Starts a thread. */
  start(): void {
    this.restarts++;
    this.given = this.external = this.heap = this.#turns = 0;
    this.isRetiring = this.#isUseful = this.#isKilled = this.#isLoadLate = false;
    this.#culprit = 'running';
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
    this.#loading.tell(thread, task, batch.user);
    thread.claims.reset(place);
    if (!send(place, task, thread)) return false;
    batch.seenAt = now();
    batch.turn = this.#turns++;
    this.places[place] = batch;
    this.given += batch.slots.length;
    if (this.inFlight++ === 0) thread.keepAlive(true);
    return true;
  }

  /** How many items of a batch have been begun; one more than it has once it is finished. */
  begun(place: number): number {
    return this.thread!.claims.begun(this.places[place]!, place);
  }

  /** Takes back what the thread has not begun of a batch. The thread reports the rest as it would. */
  takeBack(place: number): void {
    const batch = this.places[place]!;
    if (batch.isStopped || batch.moved) return;
    const { left } = this.thread!.claims.stop(batch, place);
    this.given -= left.length;
    if (left.length > 0) batch.user.giveBack(left, this.number);
  }

  /** Tells the thread that nobody wants what it does for `user`. */
  cancel(user: PoolUser): void {
    for (const [place, batch] of this.places.entries()) {
      if (batch?.user !== user || batch.isCancelled) continue;
      batch.isCancelled = true;
      this.thread!.claims.stop(batch, place);
      this.thread!.claims.cancel(place);
      this.thread!.post({ kind: 'cancel', place });
    }
  }

  /** Whether the thread has begun something for `user` and has not said that it is done. */
  worksFor(user: PoolUser): boolean {
    return this.places.some((batch) => batch?.user === user && batch.limit > 0);
  }

  /**
   * Ends the thread at once. What it had in hand runs again; only the `culprit` is to blame: what runs, whatever that is, or the item of
   * a batch, which took too long.
   */
  kill(error?: unknown, culprit?: Batch | 'running'): void {
    for (const [place, batch] of this.places.entries()) {
      // Before anything else, so that no other item begins meanwhile and takes the blame.
      if (batch === undefined || batch.isStopped) continue;
      this.#stopped.set(batch, this.thread!.claims.stop(batch, place).left);
    }
    this.#culprit = culprit;
    this.#isKilled = true;
    this.thread?.end(error);
  }

  started(): void {
    this.#rest();
    this.#owner.changed(this);
  }

  received(message: FromThread): void {
    if (message.kind === 'loading') return this.#loading.began(message.task);
    if (message.kind === 'loaded') return this.#loaded(message);
    if (message.kind === 'unread') return this.#unread(message);
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
    this.heap = message.heap;
    this.busy += message.elapsed;
    this.items += message.values.length;
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
    const loading = this.#loading.current;
    this.#loading.clear();
    const isUnwanted =
      this.#isKilled ||
      death.isUnreadable === true ||
      this.places.some((batch) => batch?.isCancelled === true && batch.limit > 0);
    const isPlanned = this.isRetiring && this.inFlight === 0;
    const { blamed, isAtWork } = this.#settle(death);
    this.thread = undefined;
    this.isRetiring = false;
    if (isPlanned) return this.#owner.changed(this);
    // If no item ran, it died of what it was importing: the next thread would, too.
    const isLoadFailure = loading !== undefined && (this.#isLoadLate || !isAtWork);
    const isExplained = isUnwanted || isLoadFailure || blamed.length > 0;
    const isUseful = this.#isUseful || isExplained;
    // What runs again is in line before anything else is given to a thread: items of a key must not overtake it.
    for (const blame of blamed) blame();
    if (isLoadFailure) this.#owner.loadFailed(loading, reasonOfDeath(death), death.error);
    this.#owner.crashed(this, death, isUseful, isExplained);
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
    // What could not be read is of the first batch of which anything was begun and not reported.
    let isUnread = death.isUnreadable === true;
    for (const { batch, place } of this.#inTurn()) {
      const { left, isRunning } = this.thread!.claims.stop(batch, place);
      this.places[place] = undefined;
      isAtWork ||= isRunning;
      const { user, slots, reported, limit, moved } = batch;
      const end = isRunning ? limit - 1 : limit;
      const lost = slots.slice(reported, end);
      const running = isRunning && end >= reported ? slots[end] : undefined;
      // Of the results, or if there are none, of the values of what runs: those leave behind results.
      const suspects = isUnread ? suspectsOf(lost, running) : [];
      isUnread &&= suspects.length === 0;
      if (batch.isCancelled) continue;
      const unreadable = suspects.length === 1 ? suspects[0] : undefined;
      if (unreadable !== undefined) blamed.push(() => user.unreadable(unreadable, death.error));
      const again = [...lost, ...left, ...(this.#stopped.get(batch) ?? [])].filter((slot) => slot !== unreadable);
      if (running !== undefined && running !== unreadable) {
        const isLate = this.#culprit === batch;
        const isGuilty = isLate || (this.#culprit === 'running' && death.isUnreadable !== true);
        if (!isGuilty && !running.many) again.push(running);
        else blamed.push(() => (isLate ? user.timedOut(running, moved) : user.blame(running, death, moved)));
      }
      if (moved) for (const slot of again) blamed.push(() => user.blame(slot, death, true));
      else if (again.length > 0) user.giveBack(again, this.number, suspects.length > 1);
    }
    this.#stopped.clear();
    this.inFlight = 0;
    return { blamed, isAtWork };
  }

  /** What the thread has in hand, as it was given. */
  #inTurn(): readonly { readonly batch: Batch; readonly place: number }[] {
    const batches = this.places.flatMap((batch, place) => (batch === undefined ? [] : [{ batch, place }]));
    return batches.toSorted((a, b) => a.batch.turn - b.batch.turn);
  }

  /** The thread has begun nothing of that batch, and is none the worse for it. */
  #unread({ turn, error }: UnreadMessage): void {
    const place = this.places.findIndex((batch) => batch?.turn === turn);
    const batch = this.places[place];
    // What a thread that is being ended has not begun runs again anyway.
    if (batch === undefined || this.#stopped.has(batch)) return;
    const { left } = this.thread!.claims.stop(batch, place);
    this.places[place] = undefined;
    this.inFlight--;
    this.given -= left.length;
    this.#rest();
    batch.user.unread(batch, left, this.number, decodeError(error));
    this.#owner.changed(this);
  }

  #loaded({ task, reason, error }: LoadedMessage): void {
    this.#loading.ended();
    if (reason === undefined) return;
    this.#loading.failed(task);
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

/** Of which of them something may have been sent. */
function suspectsOf(lost: readonly AnySlot[], running: AnySlot | undefined): readonly AnySlot[] {
  return lost.length > 0 || running === undefined ? lost : [running];
}
