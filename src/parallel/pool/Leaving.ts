import { clearTimeout, setImmediate, setTimeout } from './clock.ts';
import type { PoolUser } from './PoolUser.ts';
import type { Seat } from './Seat.ts';

/** Stages that have ended while threads still work for them. */
export class Leaving {
  readonly #seats: readonly Seat[];
  /** What says that no thread works for a stage any more. */
  readonly #left = new Map<PoolUser, () => void>();

  constructor(seats: readonly Seat[]) {
    this.#seats = seats;
  }

  /** Whether a thread has begun something for a stage and has not said that it is done. */
  isServed(user: PoolUser): boolean {
    return this.#seats.some((seat) => seat.worksFor(user));
  }

  /** Resolves when no thread works for a stage any more: those that still do after `grace` milliseconds are ended. */
  wait(user: PoolUser, grace: number): Promise<void> {
    return new Promise((resolve) => {
      // A main thread that was blocked first reads what the others have said meanwhile.
      const timer = setTimeout(() => setImmediate(() => this.#endFor(user)), grace);
      this.#left.set(user, () => {
        clearTimeout(timer);
        this.#left.delete(user);
        resolve();
      });
    });
  }

  /** Looks which stages are served no more. To be called whenever a thread is done with something. */
  look(): void {
    for (const [user, left] of this.#left) if (!this.isServed(user)) left();
  }

  #endFor(user: PoolUser): void {
    for (const seat of this.#seats) if (seat.worksFor(user)) seat.kill();
    this.#left.get(user)?.();
  }
}
