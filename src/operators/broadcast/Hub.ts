import type { Observable, Subscriber } from 'rxjs';
import { gateBelow, setSubscribing } from '../../core/demand.ts';
import { Gate } from '../../core/gate.ts';
import { InletSubscriber } from '../../core/operate.ts';
import { Seat } from './Seat.ts';
import { Spreader } from './Spreader.ts';

/** What a {@link Hub} is told about itself: checked `BroadcastOptions`. */
interface HubSettings {
  readonly name: string;
  readonly subscribers: number;
  readonly overflowLimit: number;
  /** What each subscriber's stage is told about itself. */
  readonly seat: { readonly name: string; readonly bound: number };
}

/** One subscription of the source that subscribers of a broadcast share, from the first of them to its end. */
export class Hub<T> {
  readonly #source: Observable<T>;
  readonly #settings: HubSettings;
  readonly #onEnd: () => void;
  readonly #upstream = new InletSubscriber<T, never>();
  #spreader: Spreader<T> | undefined;
  /** Of those who came before the source was subscribed. */
  #early: Seat<T>[] = [];

  /** `onEnd` is called when nobody may join it any more. */
  constructor(source: Observable<T>, settings: HubSettings, onEnd: () => void) {
    this.#source = source;
    this.#settings = settings;
    this.#onEnd = onEnd;
  }

  enter(out: Subscriber<T>): void {
    const below = gateBelow(out);
    const leave = (): void => this.#leave(seat);
    const seat: Seat<T> = new Seat({ out, below, upstream: { unsubscribe: leave } }, this.#settings.seat);
    // Taken out before it opens its gate: what the others wait for is not to be sent to it.
    out.add(() => {
      try {
        leave();
      } finally {
        seat.finalize();
      }
    });
    // It may have been unsubscribed before it came.
    if (out.closed) return;
    if (this.#spreader !== undefined) return this.#spreader.add(seat);
    this.#early.push(seat);
    if (this.#early.length === this.#settings.subscribers) this.#subscribe(below);
  }

  #subscribe(below: Gate): void {
    const connection = { upstream: this.#upstream, below: new Gate(below.flow, below.isInner) };
    const spreader = new Spreader<T>(connection, this.#settings, this.#early, this.#onEnd);
    this.#spreader = spreader;
    this.#early = [];
    this.#upstream.connect(spreader);
    const outer = setSubscribing(spreader.gate);
    try {
      this.#source.subscribe(this.#upstream);
    } finally {
      setSubscribing(outer);
    }
  }

  #leave(seat: Seat<T>): void {
    this.#early = this.#early.filter((other) => other !== seat);
    if (this.#spreader === undefined) {
      if (this.#early.length === 0) this.#onEnd();
    } else this.#spreader.remove(seat);
  }
}
