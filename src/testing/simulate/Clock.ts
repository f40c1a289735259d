import { VirtualTimeScheduler, asyncScheduler, type Subscription } from 'rxjs';

/**
 * The time of one simulated run, in frames. While it is {@link Clock.install | installed} whatever takes its time from RxJS runs by it;
 * between two frames every promise gets its turn.
 */
export class Clock {
  /** What the simulation itself will do. */
  readonly #own = new VirtualTimeScheduler();
  /** What operators under test have asked for. */
  readonly #theirs = new VirtualTimeScheduler();
  #left: number;

  /** `most` is how many actions there may be in all, so that one that schedules itself again and again comes to an end. */
  constructor(most: number) {
    this.#left = most;
  }

  /** The frame. */
  get now(): number {
    return this.#own.frame;
  }

  /** How many timers operators have running. */
  get timers(): number {
    return this.#theirs.actions.length;
  }

  /** Whether there have been more actions than there may be. */
  get isSpent(): boolean {
    return this.#left < 0;
  }

  /** Calls `act` so many frames from now, in a turn of the event loop of its own. */
  after(frames: number, act: () => void): Subscription {
    return this.#own.schedule(act, frames);
  }

  /** Makes `asyncScheduler`, from which RxJS takes its time, run by this clock; gives what undoes that. */
  install(): () => void {
    const { now } = asyncScheduler;
    const theirs = this.#theirs;
    asyncScheduler.schedule = (work, delay, state) => theirs.schedule(work, delay, state);
    asyncScheduler.now = () => this.now;
    return () => {
      asyncScheduler.now = now;
      Reflect.deleteProperty(asyncScheduler, 'schedule');
    };
  }

  /** Does everything of the next frame that has something to do, and lets promises settle. Says whether there was any. */
  async step(): Promise<boolean> {
    const next = Math.min(...[this.#own, this.#theirs].map(({ actions: [first] }) => due(first)));
    if (next === Infinity || this.isSpent) return false;
    // What is scheduled for this very frame meanwhile belongs to it; the simulation's own acts come first.
    do {
      for (const scheduler of [this.#own, this.#theirs]) {
        scheduler.maxFrames = scheduler.frame = next;
        this.#left -= scheduler.actions.filter((action) => due(action) <= next).length;
        if (!this.isSpent) scheduler.flush();
      }
    } while (!this.isSpent && due(this.#own.actions[0]) <= next);
    await settled();
    return true;
  }
}

/** Settles once no promise can do anything more by itself. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function due(action: { delay: number } | undefined): number {
  return action === undefined ? Infinity : action.delay;
}
