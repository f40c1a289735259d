import type { FromThread } from '../protocol.ts';
import { clearTimeout, setTimeout } from './clock.ts';

/**
 * Knows whether a worker is in the middle of importing modules. Ending it then would leave files open in this process for good: Node.js
 * forgets those that a worker was about to open (measured: 300 workers ended while they imported 40 modules left 329 files open).
 */
export class Imports {
  /** Whose modules it imports: its own first, then those of tasks. */
  #importing: 'own' | 'task' | undefined = 'own';
  /** Tasks that it has been told to load and has not answered. */
  #told = 0;
  #done: (() => void) | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** The worker has imported its own modules. */
  started(): void {
    this.#importing = undefined;
    this.#look();
  }

  /** The worker is being told to load a task. */
  told(): void {
    this.#told++;
  }

  /** The worker says something. */
  heard({ kind }: FromThread): void {
    if (kind !== 'loading' && kind !== 'loaded') return;
    this.#importing = kind === 'loading' ? 'task' : undefined;
    if (kind === 'loaded') this.#told--;
    this.#look();
  }

  /** Calls `done` once it imports nothing: at once, or when it says so, or after a while. */
  whenDone(done: () => void): void {
    this.#done = done;
    this.#look();
  }

  /** The worker is gone. */
  stop(): void {
    this.#done = undefined;
    clearTimeout(this.#timer);
  }

  #look(): void {
    if (this.#done === undefined) return;
    clearTimeout(this.#timer);
    if (this.#importing === undefined && this.#told === 0) return this.#end();
    this.#timer = setTimeout(() => this.#end(), PATIENCE[this.#importing ?? 'none']);
    this.#timer.unref();
  }

  #end(): void {
    const done = this.#done!;
    this.stop();
    done();
  }
}

/**
 * Milliseconds. Our own modules do not wait for anything, so those are worth waiting for. A task's may, for ever (R-42 wants the thread gone
 * by then); and a thread that was told to import one and does not begin is busy with something else.
 */
const PATIENCE = { own: 5_000, task: 200, none: 25 };
