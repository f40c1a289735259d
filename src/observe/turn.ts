import { Gate } from '../core/gate.ts';

/**
 * Sees to it that a flow that never waits for anything still gives the event loop a turn at least every 10 ms, so that
 * signals, timers and sockets live on. Every value that a source sends is counted; once a turn has taken
 * {@link TURN} milliseconds the gate closes until the loop has gone round once.
 *
 * Looking at the clock costs more than many an item, so it is looked at once in so many values as take about a
 * millisecond, and at least once in {@link MAX_QUANTUM}.
 */
export class Turn {
  readonly gate = new Gate();
  readonly #now: () => number;
  #quantum = 1;
  #left = 1;
  #began: number;
  #looked: number;
  #takeBack: (() => void) | undefined;

  constructor(now: () => number) {
    this.#now = now;
    this.#began = this.#looked = now();
  }

  /** Counts one value. */
  spend(): void {
    if (--this.#left <= 0) this.#look();
  }

  /** Lets everyone go on; nothing is scheduled any more. */
  end(): void {
    this.#takeBack?.();
    this.#takeBack = undefined;
    this.gate.open();
  }

  #look(): void {
    const now = this.#now();
    const sinceLook = now - this.#looked;
    this.#looked = now;
    if (sinceLook < 0.5) this.#quantum = Math.min(this.#quantum * 2, MAX_QUANTUM);
    else if (sinceLook > 1) this.#quantum = Math.max(this.#quantum >> 2, 1);
    this.#left = this.#quantum;
    if (now - this.#began < TURN || this.#takeBack !== undefined) return;
    this.gate.close();
    this.#takeBack = nextTurn(() => {
      this.#takeBack = undefined;
      this.#began = this.#looked = this.#now();
      this.gate.open();
    });
  }
}

const TURN = 5;
const MAX_QUANTUM = 32;

/** Calls `go` once the event loop has gone round, and gives what takes that back. Browsers have no `setImmediate`. */
function nextTurn(go: () => void): () => void {
  if (typeof setImmediate === 'function') {
    const handle = setImmediate(go);
    return () => clearImmediate(handle);
  }
  const handle = setTimeout(go, 0);
  return () => clearTimeout(handle);
}
