import { Subscriber, from, type ObservableInput } from 'rxjs';
import { GATE, setSubscribing } from '../../core/demand.ts';
import { Gate } from '../../core/gate.ts';
import type { ObservableLike } from '../../core/execute.ts';

/** Takes the values of an Observable, and shows the pausable sources in it a gate. */
export class GatedSubscriber extends Subscriber<unknown> {
  readonly gate = new Gate();
  readonly [GATE] = this.gate;
  readonly #to: { next(value: unknown): void; error(error: unknown): void; complete(): void };

  constructor(to: { next(value: unknown): void; error(error: unknown): void; complete(): void }) {
    // oxlint-disable-next-line typescript/no-deprecated -- only a subscriber can carry a gate
    super();
    this.#to = to;
  }

  subscribeTo(source: ObservableLike<unknown>): void {
    const outer = setSubscribing(this.gate);
    try {
      from(source as ObservableInput<unknown>).subscribe(this);
    } finally {
      setSubscribing(outer);
    }
  }

  protected override _next(value: unknown): void {
    this.#to.next(value);
  }

  protected override _error(error: unknown): void {
    this.unsubscribe();
    this.#to.error(error);
  }

  protected override _complete(): void {
    this.unsubscribe();
    this.#to.complete();
  }
}
