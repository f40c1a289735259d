import { homeOf, nameOfKey } from '../core/homeOf.ts';
import type { Move } from './ParallelSettings.ts';

/** What {@link KeyMoves} needs of its stage. */
interface Owner {
  /** How many seats there are. */
  seats(): number;
  /** Whether any item is at a thread. */
  hasInHand(): boolean;
  /** Puts what waits into the lines of its seats, and has threads forget the keys that have left them. */
  rearrange(): void;
  onMove(move: Move): void;
}

/** Sees keys from seat to seat when the pool gets another size, each after its items in hand are done, and tells who asked. */
export class KeyMoves {
  /** Whether keys are finding their seats: until then no item begins. */
  isMoving = false;
  #before = 0;
  readonly #owner: Owner;

  constructor(owner: Owner) {
    this.#owner = owner;
  }

  /** The pool has had `before` seats, and has another number now. */
  resized(before: number): void {
    if (!this.isMoving) this.#before = before;
    this.isMoving = true;
    this.goOn();
  }

  /** The thread of a seat was replaced: what it kept for keys is gone. */
  replaced(seat: number, reason: 'crashed' | 'recycled'): void {
    this.goOn();
    const seats = this.#owner.seats();
    this.#owner.onMove({ thread: seat, reason, affects: (key) => homeOf(nameOfKey(key), seats) === seat });
  }

  /** Something that was in hand is not any more. */
  goOn(): void {
    if (!this.isMoving || this.#owner.hasInHand()) return;
    this.isMoving = false;
    this.#owner.rearrange();
    const before = this.#before;
    const seats = this.#owner.seats();
    const affects = (key: unknown): boolean => {
      const name = nameOfKey(key);
      return homeOf(name, before) !== homeOf(name, seats);
    };
    this.#owner.onMove({ thread: undefined, reason: 'resized', affects });
  }
}
