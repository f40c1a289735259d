import { type Gate, Waiter } from '../../core/gate.ts';
import type { ZipLane } from './ZipLane.ts';

/** Makes rows of one item of each lane, as soon as every lane has one and the gate below is open. */
export class Rows {
  /** Called when no further row can be made. */
  onEnd: () => void = () => {};
  /** Whether a source has sent more than its lane may hold. */
  isOverrun = false;
  readonly #count: number;
  readonly #lanes: ZipLane[] = [];
  readonly #waiter = new Waiter(() => this.serve());
  #below: Gate | undefined;
  #live = 0;
  /** How many lanes hold an item. */
  #ready = 0;
  #serving = false;

  constructor(count: number) {
    this.#count = count;
  }

  /** Takes a lane in, in the order of the sources. All lanes have the same gate below. */
  join(lane: ZipLane, below: Gate): void {
    this.#lanes.push(lane);
    this.#below = below;
    if (this.#live++ === 0) below.attach();
  }

  /** Lets a lane go that has ended. */
  leave(): void {
    if (--this.#live > 0) return;
    this.#below!.attached--;
    this.#waiter.cancel();
  }

  /** Takes note that a lane holds an item, which held none. */
  ready(): void {
    this.#ready++;
    this.serve();
  }

  /** Sends all rows that may be sent now. */
  serve(): void {
    // What is sent from within a row comes after it, for every observer.
    if (this.#serving) return;
    this.#serving = true;
    const below = this.#below!;
    try {
      while (this.#ready === this.#count && this.#live > 0) {
        if (!below.isOpen) return below.wait(this.#waiter);
        this.#send();
      }
    } finally {
      this.#serving = false;
    }
  }

  #send(): void {
    const row = this.#lanes.map((lane) => lane.take());
    this.#ready = this.#lanes.filter((lane) => lane.held > 0).length;
    this.#lanes[0]!.send(row);
    // Not before it has arrived: then the sources make the items of the next one.
    for (const lane of this.#lanes) lane.goOn();
  }
}
