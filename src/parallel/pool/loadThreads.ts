import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';

/** What is used of threads.js: the life of a worker and one call. Its types do not resolve under `nodenext`. */
interface Threads {
  spawn(this: void, worker: object, options: { timeout: number }): Promise<SpawnedThread>;
  readonly Thread: { terminate(thread: SpawnedThread): Promise<void> };
  Transfer(this: void, payload: object, transferables: readonly object[]): object;
}

/** The function that `worker/entry.ts` exposes. */
type SpawnedThread = (port: object, cells: Int32Array) => PromiseLike<void>;

let loaded: Threads | undefined;

/**
 * Loads threads.js when the first thread is to start, and undoes what it does to the process: it installs listeners of SIGINT
 * and SIGTERM that end the process with exit code 0 and cut off the shutdown of everyone else.
 */
export function loadThreads(): Threads {
  if (loaded !== undefined) return loaded;
  const before = SIGNALS.map((signal) => new Set(process.rawListeners(signal)));
  loaded = createRequire(import.meta.url)('threads') as Threads;
  for (const [i, signal] of SIGNALS.entries()) {
    for (const listener of process.rawListeners(signal)) {
      if (!before[i]!.has(listener)) process.off(signal, listener as () => void);
    }
  }
  return loaded;
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * A worker as `spawn` of threads.js wants it. The `Worker` of threads.js itself stays in a list that nobody can reach, so that
 * none would ever be collected; this one lacks only the two methods that browsers have.
 */
export class SpawnableWorker extends Worker {
  readonly #wrapped = new Map<object, (message: unknown) => void>();

  addEventListener(event: string, listener: (event: { data: unknown }) => void): void {
    const wrapped = (data: unknown): void => listener({ data });
    this.#wrapped.set(listener, wrapped);
    this.on(event, wrapped);
  }

  removeEventListener(event: string, listener: object): void {
    const wrapped = this.#wrapped.get(listener);
    if (wrapped === undefined) return;
    this.#wrapped.delete(listener);
    this.off(event, wrapped);
  }

  /** Tells threads.js what the worker will not say any more. `emit` would reach nobody: Node.js has removed the listeners of one that has ended. */
  say(message: unknown): void {
    for (const wrapped of this.#wrapped.values()) wrapped(message);
  }
}
