import { asyncScheduler } from 'rxjs';
import { Heap } from '../../../src/core/Heap.ts';

interface Event {
  readonly at: number;
  /** Which of those due at one time was put in first. */
  readonly order: number;
  readonly act: () => void;
}

/**
 * Time that passes from event to event, in milliseconds, and is RxJS' meanwhile. A `TestScheduler` sorts all its timers whenever one is
 * added: of a long simulation that would be the greater part.
 */
export class SimulatedTime {
  #now = 0;
  #order = 0;
  readonly #events = new Heap<Event>((a, b) => a.at < b.at || (a.at === b.at && a.order < b.order));

  /** Calls `act` once so much time has passed. */
  after(ms: number, act: () => void): void {
    this.#events.push({ at: this.#now + ms, order: this.#order++, act });
  }

  /** Begins with `begin`, and lets so much time pass. What is due later never happens. */
  run(ms: number, begin: () => void): void {
    const { now } = asyncScheduler;
    asyncScheduler.now = () => this.#now;
    try {
      begin();
      for (let next = this.#events.first; next !== undefined && next.at <= ms; next = this.#events.first) {
        this.#events.shift();
        this.#now = next.at;
        next.act();
      }
    } finally {
      asyncScheduler.now = now;
    }
  }
}
