import type { Subscriber } from 'rxjs';
import { Demand, type SourceSettings } from '../core/demand.ts';
import { isAbortError } from '../core/isAbortError.ts';
import { isThenable } from '../core/isThenable.ts';
import { whenSettled } from '../core/whenSettled.ts';

/** One subscription of `abortable`: one call, and its answer until that is wanted. */
export class AbortableCall<T> {
  readonly below: Demand<T>;
  readonly #fn: (signal: AbortSignal) => PromiseLike<T> | T;
  readonly #subscriber: Subscriber<T>;
  readonly #controller = new AbortController();
  #phase: 'not called' | 'running' | 'answered' = 'not called';
  #answer: T | undefined;
  #since = 0;

  constructor(fn: (signal: AbortSignal) => PromiseLike<T> | T, subscriber: Subscriber<T>, settings: SourceSettings) {
    this.#fn = fn;
    this.#subscriber = subscriber;
    this.below = new Demand(subscriber, { ...settings, definition: settings, quit: () => this.#quit() }, () =>
      this.#produce(),
    );
    subscriber.add(() => {
      this.#answer = undefined;
      if (this.#phase === 'running') this.#controller.abort();
    });
  }

  #produce(): void {
    if (!this.below.wants()) return;
    if (this.#phase === 'not called') this.#call();
    else this.#send();
  }

  #call(): void {
    this.#phase = 'running';
    this.#since = this.below.making();
    try {
      const result = this.#fn(this.#controller.signal);
      if (isThenable<T>(result)) whenSettled(result, this.#arrived, this.#failed);
      else this.#arrived(result);
    } catch (error) {
      this.#failed(error);
    }
  }

  readonly #arrived = (answer: T): void => {
    this.#phase = 'answered';
    this.below.made(this.#since);
    if (this.#subscriber.closed) return;
    this.#answer = answer;
    this.below.held = 1;
    this.#produce();
  };

  readonly #failed = (error: unknown): void => {
    this.#phase = 'answered';
    this.below.made(this.#since);
    if (!this.#subscriber.closed || !isAbortError(error)) this.below.fail(error);
  };

  #send(): void {
    const answer = this.#answer as T;
    this.#answer = undefined;
    this.below.held = 0;
    this.below.send(answer);
    this.#subscriber.complete();
  }

  /** A call that runs is work in flight: it may finish. */
  #quit(): void {
    if (this.#phase === 'not called') this.#subscriber.complete();
  }
}
