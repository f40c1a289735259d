import { clearTimeout, setImmediate, setTimeout } from './clock.ts';
import type { PoolUser } from './PoolUser.ts';
import { tsxFor, type Thread } from './Thread.ts';

/** Which tasks a thread has been told to load, and whether importing one takes too long. */
export class Loading {
  /** The task whose module the thread is importing. */
  current: number | undefined;
  readonly #startTimeout: number;
  readonly #tookTooLong: (error: Error) => void;
  readonly #told = new Set<number>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** With the milliseconds that importing a module may take, and what is told if it takes longer. */
  constructor(startTimeout: number, tookTooLong: (error: Error) => void) {
    this.#startTimeout = startTimeout;
    this.#tookTooLong = tookTooLong;
  }

  /** Tells a thread to load a task, if it has not been told to. */
  tell(thread: Thread, task: number, { url, task: name }: PoolUser): void {
    if (this.#told.has(task)) return;
    this.#told.add(task);
    thread.post({ kind: 'load', task, url, name, tsx: tsxFor(url) });
  }

  /** The thread has begun to import a task. The time counts from here: it may have been busy with something else when it was told to. */
  began(task: number): void {
    this.current = task;
    const message = `importing it took longer than ${this.#startTimeout} ms`;
    const timer = setTimeout(() => {
      // A main thread that was blocked first reads what the thread has said meanwhile.
      setImmediate(() => {
        if (this.#timer === timer) this.#tookTooLong(new Error(message));
      });
    }, this.#startTimeout);
    timer.unref();
    this.#timer = timer;
  }

  /** The thread has imported it. */
  ended(): void {
    clearTimeout(this.#timer);
    this.#timer = this.current = undefined;
  }

  /** It could not be loaded: whoever wants it after this is to hear of it too. */
  failed(task: number): void {
    this.#told.delete(task);
  }

  /** The thread is gone, and with it all that it had loaded. */
  clear(): void {
    this.ended();
    this.#told.clear();
  }
}
