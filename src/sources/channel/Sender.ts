import { Place } from '../../core/line.ts';
import { listen, unlisten, type AbortListener } from '../../core/abortListeners.ts';

/** A value that waits to be taken, with the promise that `send` gave for it. */
export class Sender<T> extends Place implements AbortListener {
  readonly #value: T;
  readonly #signal: AbortSignal | undefined;
  readonly #resolve: () => void;
  readonly #reject: (reason: unknown) => void;

  constructor(value: T, signal: AbortSignal | undefined, resolve: () => void, reject: (reason: unknown) => void) {
    super();
    this.#value = value;
    this.#signal = signal;
    this.#resolve = resolve;
    this.#reject = reject;
    if (signal !== undefined) listen(signal, this);
  }

  /** Gives the value up to the channel, once it has left the line. */
  accept(): T {
    this.#unlisten();
    this.#resolve();
    return this.#value;
  }

  /** Says why the value will not be taken, once it has left the line. */
  refuse(reason: unknown): void {
    this.#unlisten();
    this.#reject(reason);
  }

  aborted(reason: unknown): void {
    this.leave();
    this.#reject(reason);
  }

  #unlisten(): void {
    if (this.#signal !== undefined) unlisten(this.#signal, this);
  }
}
