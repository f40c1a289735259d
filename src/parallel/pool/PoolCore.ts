import type { ThreadsGauge, ThreadState } from '../../core/gauge.ts';
import { hooks } from '../../core/hooks.ts';
import { reasonOf } from '../../core/errors.ts';
import { ThreadPoolClosedError } from '../ThreadPoolClosedError.ts';
import { TaskLoadError } from '../TaskLoadError.ts';
import { WorkerCrashLoopError } from '../WorkerCrashLoopError.ts';
import { now, clearTimeout, setTimeout } from './clock.ts';
import { CrashCount } from './CrashCount.ts';
import { PLACES } from '../protocol.ts';
import type { PoolUser } from './PoolUser.ts';
import type { PoolSettings } from './readThreads.ts';
import { gone } from './gone.ts';
import { IdleTimer } from './IdleTimer.ts';
import { Leaving } from './Leaving.ts';
import { Seat, type SeatOwner } from './Seat.ts';
import { stealFor } from './steal.ts';
import { TaskNumbers } from './TaskNumbers.ts';
import { ThreadStates } from './ThreadStates.ts';
import type { Death } from './Thread.ts';
import { Watch } from './Watch.ts';

/** The threads that some stages share: which of them runs what, and what becomes of one that dies. */
export class PoolCore implements SeatOwner, ThreadsGauge {
  readonly kind = 'threads';
  readonly name = 'threads';
  readonly threads: PoolSettings;
  /** How many threads have taken the place of another. */
  restarts = 0;
  readonly #seats: Seat[] = [];
  /** In the order in which they get the next thread that is free. */
  readonly #users: PoolUser[] = [];
  readonly #tasks = new TaskNumbers();
  readonly #crashes: CrashCount;
  readonly #watch: Watch;
  readonly #idle: IdleTimer;
  readonly #leaving = new Leaving(this.#seats);
  readonly #states = new ThreadStates(this.#seats);
  readonly #closing: (() => void) | undefined;
  /** Threads that are ending. */
  readonly #ending = new Set<Promise<void>>();
  #restartTimer: ReturnType<typeof setTimeout> | undefined;
  #filling = false;
  #fillAgain = false;
  #closed = false;

  /** With `closing`, which it calls then, it closes when the last stage leaves it. */
  constructor(settings: PoolSettings, idleTimeout: number, closing?: () => void) {
    this.threads = settings;
    this.#crashes = new CrashCount(settings.startTimeout);
    // Not those that may keep something for a key.
    this.#idle = new IdleTimer(this.#seats, idleTimeout, (seat) => {
      if (!this.#users.some(({ isKeyed }) => isKeyed)) this.#end(seat);
    });
    this.#closing = closing;
    this.#watch = new Watch(this.#seats, settings.maxMemory, () => this.fill());
    this.#setSize(settings.size);
  }

  get size(): number {
    return this.#seats.filter(({ isSurplus }) => !isSurplus).length;
  }

  get running(): number {
    return this.#seats.filter(({ thread }) => thread !== undefined).length;
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  get isUsed(): boolean {
    return this.#users.length > 0;
  }

  /** What each thread does. */
  read(): readonly ThreadState[] {
    return this.#states.read();
  }

  timeAt(stage: object): number {
    return this.#states.timeAt(stage);
  }

  /** Whether a thread has items of this stage. */
  hasInHand(user: PoolUser): boolean {
    return this.#seats.some(({ places }) => places.some((batch) => batch?.user === user));
  }

  /** Keys of a stage have other homes: threads let go of what they keep for those that have left them. */
  forgetMoved(user: PoolUser): void {
    const { size } = this;
    const task = this.taskNumber(user);
    for (const { thread } of this.#seats)
      if (thread?.isReady === true) thread.post({ kind: 'resized', task, seats: size });
  }

  /** A stage begins to use the threads. */
  join(user: PoolUser): void {
    this.#users.push(user);
    if (this.#closed) queueMicrotask(() => this.#fail(user, new ThreadPoolClosedError(user.name)));
  }

  /**
   * A stage ends: nothing of what it waits for begins, what runs is told, and after `grace` milliseconds the threads that still work
   * for it are ended. Resolves when none does, and if it was the last one and nobody keeps the pool, when the threads are gone.
   */
  async leave(user: PoolUser, grace: number): Promise<void> {
    const at = this.#users.indexOf(user);
    if (at < 0) return;
    this.#users.splice(at, 1);
    for (const seat of this.#seats) seat.cancel(user);
    if (this.#leaving.isServed(user)) await this.#leaving.wait(user, grace);
    if (this.isUsed) this.fill();
    else if (this.#closing !== undefined) await this.close();
  }

  /** Gives work to the threads that have room for it, and starts those that are needed. */
  fill(): void {
    this.#fillAgain = true;
    if (this.#filling) return;
    this.#filling = true;
    try {
      while (this.#fillAgain && !this.#closed) {
        this.#fillAgain = false;
        this.#fillOnce();
      }
    } finally {
      this.#filling = false;
    }
  }

  resize(size: number): void {
    const before = this.size;
    if (size === before) return;
    this.#setSize(size);
    for (const user of this.#users.slice()) user.resized(before);
    this.fill();
  }

  async close(): Promise<void> {
    if (this.#closed) return gone([...this.#ending]);
    this.#closed = true;
    this.#closing?.();
    this.#idle.stop();
    clearTimeout(this.#restartTimer);
    this.#watch.stop();
    for (const user of this.#users.slice()) this.#fail(user, new ThreadPoolClosedError(user.name));
    for (const seat of this.#seats) if (seat.thread !== undefined) this.#end(seat);
    await gone([...this.#ending]);
  }

  taskNumber(user: PoolUser): number {
    return this.#tasks.of(user);
  }

  changed(seat: Seat): void {
    this.#leaving.look();
    if (seat.external > this.threads.maxMemory) this.#retire(seat);
    this.fill();
  }

  progressed(): void {
    this.#crashes.forgive();
  }

  crashed(seat: Seat, death: Death, isUseful: boolean, isExplained: boolean): void {
    this.#leaving.look();
    if (this.#closed) return;
    if (!isExplained) {
      hooks.warn(`A thread ended by itself: ${reasonOf(death.error ?? `exit code ${death.exitCode}`)}`, WARNING);
    }
    if (!this.isUsed) return;
    this.restarts++;
    for (const user of this.#users.slice()) user.moved(seat.number, 'crashed');
    if (isUseful) return this.changed(seat);
    if (this.#crashes.isLoop(now())) {
      for (const user of this.#users.slice()) {
        this.#fail(user, new WorkerCrashLoopError(user.name, this.#crashes.count, death.exitCode, death.error));
      }
      this.#crashes.forgive();
      return;
    }
    // It dies while it starts: the next one starts a little later.
    clearTimeout(this.#restartTimer);
    this.#restartTimer = setTimeout(() => {
      this.#restartTimer = undefined;
      this.fill();
    }, this.#crashes.delay);
  }

  loadFailed(task: number, reason: string, cause: unknown): void {
    for (const user of this.#users.slice()) {
      if (this.taskNumber(user) !== task) continue;
      this.#fail(user, new TaskLoadError(user.name, user.url, user.task, reason, cause));
    }
  }

  /** Fails a stage, unless it has left: another that failed before may have taken it along. */
  #fail(user: PoolUser, error: unknown): void {
    if (this.#users.includes(user)) user.failed(error);
  }

  #fillOnce(): void {
    for (let inHand = 0; inHand < PLACES; inHand++) {
      // Those without work first, and before a second batch goes to any thread, those that are not there yet.
      if (inHand === 1) this.#startThreads();
      for (const seat of this.#seats) if (seat.inFlight === inHand && seat.hasRoom) this.#giveWork(seat);
    }
    let isUneven = false;
    for (const seat of this.#seats) {
      if (seat.isRetiring && seat.inFlight === 0 && seat.thread !== undefined) this.#end(seat);
      if (seat.inFlight > 0 || !seat.hasRoom || !this.isUsed) continue;
      const stolen = stealFor(seat, this.#seats, now());
      if (stolen === 'taken') this.#fillAgain = true;
      else if (stolen === 'later') isUneven = true;
    }
    this.#watch.arm(isUneven);
    if (!this.#closed) this.#idle.arm();
  }

  /** Gives a thread the next batch of the stage whose turn it is. */
  #giveWork(seat: Seat): void {
    const most = this.threads.maxTasksPerThread - seat.given;
    if (most <= 0) return this.#retire(seat, false);
    for (const [turn, user] of this.#users.entries()) {
      const work = user.nextWork(seat.number, most);
      if (work === undefined) continue;
      // Others have their turn before it.
      const at = this.#users.indexOf(user, Math.max(turn - 1, 0));
      if (at >= 0) this.#users.push(...this.#users.splice(at, 1));
      if (!seat.run(work)) this.#fillAgain = true;
      return;
    }
  }

  #startThreads(): void {
    if (this.#restartTimer !== undefined) return;
    let starting = this.#seats.filter(({ thread }) => thread?.isReady === false).length;
    for (const seat of this.#seats) {
      if (seat.thread !== undefined || seat.isSurplus) continue;
      const waiting = this.#users.reduce((sum, user) => sum + (user.isKeyed ? 0 : user.backlog(seat.number)), 0);
      const isKeyed = this.#users.some((user) => user.isKeyed && user.backlog(seat.number) > 0);
      if (!isKeyed && waiting <= starting) continue;
      seat.start();
      starting++;
    }
  }

  /** Lets a thread finish what it has begun, or unless it `takesBack`, all that it has been given, and ends it. */
  #retire(seat: Seat, takesBack = true): void {
    if (seat.thread === undefined || seat.isRetiring) return;
    seat.isRetiring = true;
    this.#fillAgain = true;
    if (!takesBack) return;
    for (const place of seat.places.keys()) if (seat.places[place] !== undefined) seat.takeBack(place);
  }

  #end(seat: Seat): void {
    const thread = seat.thread!;
    const ended = thread.ended.then(() => void this.#ending.delete(ended));
    this.#ending.add(ended);
    const isReplaced = seat.isRetiring && !seat.isSurplus;
    seat.isRetiring = true;
    seat.kill();
    if (!isReplaced || this.#closed) return;
    this.restarts++;
    for (const user of this.#users.slice()) user.moved(seat.number, 'recycled');
  }

  #setSize(size: number): void {
    while (this.#seats.length < size) this.#seats.push(new Seat(this.#seats.length, this));
    for (const seat of this.#seats) {
      seat.isSurplus = seat.number >= size;
      if (seat.isSurplus) this.#retire(seat);
    }
  }
}

const WARNING = 'SLUICE_THREAD_DIED';
