import type { MessagePort } from 'node:worker_threads';
import { reasonOf } from '../../core/errors.ts';
import { encodeError } from '../codec/errorCodec.ts';
import type { BatchMessage, CancelMessage, LoadMessage, MoreMessage, ToThread } from '../protocol.ts';
import { findTask, namesOf, setLoading, type Task } from '../task.ts';
import { BatchRun } from './BatchRun.ts';
import { States } from './States.ts';

/** A thread's side: imports tasks, and runs batches one after the other. */
export class Runner {
  readonly port: MessagePort;
  readonly cells: Int32Array;
  readonly states = new States();
  readonly #tasks = new Map<number, Task<never, unknown>>();
  /** Tasks whose modules are being imported: their batches wait for it. */
  readonly #loads = new Map<number, Promise<void>>();
  /** Batches that wait until the one before is done; there are no more than the thread has places. */
  readonly #waiting: BatchMessage[] = [];
  #running: BatchRun | undefined;
  /** How many batches have arrived. */
  #arrived = 0;
  #last = Promise.resolve();
  /** The modules that could not be imported. */
  readonly #failed = new Set<string>();

  constructor(port: MessagePort, cells: Int32Array) {
    this.port = port;
    this.cells = cells;
  }

  receive(message: ToThread): void {
    if (message.kind === 'load') {
      const { task } = message;
      // One after the other, so that the pool knows which one it was if the thread does not survive it.
      this.#last = this.#last.then(() => this.#load(message)).finally(() => this.#loads.delete(task));
      this.#loads.set(task, this.#last);
    } else if (message.kind === 'batch') {
      this.#arrived++;
      const loading = this.#loads.get(message.task);
      if (loading === undefined) this.#take(message);
      else void loading.finally(() => this.#take(message));
    } else if (message.kind === 'resized') this.states.keepAtHome(message.task, message.seats);
    else this.#notify(message);
  }

  /** A message arrived and could not be read: it can only be a batch, the others hold nothing that users give. */
  unread(error: unknown): void {
    this.port.postMessage({ kind: 'unread', turn: this.#arrived++, error: encodeError(error) });
  }

  /** Called when the batch that runs is done. */
  done(): void {
    this.#running = undefined;
    this.#next();
  }

  #take(batch: BatchMessage): void {
    this.#waiting.push(batch);
    this.#next();
  }

  #next(): void {
    while (this.#running === undefined && this.#waiting.length > 0) {
      const batch = this.#waiting.shift()!;
      const task = this.#tasks.get(batch.task);
      // The pool has been told that the task cannot be loaded, and expects nothing of this batch.
      if (task === undefined) continue;
      this.#running = new BatchRun(this, task, batch);
      this.#running.run();
    }
  }

  #notify({ kind, place }: MoreMessage | CancelMessage): void {
    if (this.#running?.place !== place) return;
    if (kind === 'more') this.#running.more();
    else this.#running.cancelled();
  }

  async #load({ task, url, name, tsx }: LoadMessage): Promise<void> {
    try {
      // What a module declared before it failed does not count: importing it again fails again.
      if (findTask(url, name) === undefined || this.#failed.has(url)) {
        this.port.postMessage({ kind: 'loading', task });
        if (tsx !== undefined) await registerTsx(tsx);
        await this.#import(url);
      }
      const found = findTask(url, name);
      if (found === undefined) {
        const others = namesOf(url).map((other) => `"${other}"`);
        const has = others.length === 0 ? 'declares no task when it is imported' : `has only ${others.join(', ')}`;
        this.port.postMessage({ kind: 'loaded', task, reason: `the module ${has}` });
      } else {
        this.#tasks.set(task, found);
        this.port.postMessage({ kind: 'loaded', task });
      }
    } catch (error) {
      const reason = withRemedy(reasonOf(error));
      this.port.postMessage({ kind: 'loaded', task, reason, error: encodeError(error) });
    }
  }

  async #import(url: string): Promise<void> {
    setLoading(url);
    try {
      // oxlint-disable-next-line import/no-dynamic-require -- the URL that `task` recorded on the main thread, never one from data
      await import(url);
    } catch (error) {
      this.#failed.add(url);
      throw error;
    } finally {
      setLoading(undefined);
    }
  }
}

/** Adds what to do about it, where Node.js does not say. */
function withRemedy(reason: string): string {
  if (!/^Unknown file extension "[.][cm]?tsx?"/.test(reason)) return reason;
  return `${reason}. Threads import TypeScript with tsx (npm install --save-dev tsx), or from Node.js 22.18 on by themselves`;
}

let registered: Promise<void> | undefined;

function registerTsx(module: string): Promise<void> {
  return (registered ??= importTsx(module));
}

/** For modules of both kinds: in a package that does not say `"type": "module"`, TypeScript is CommonJS. */
async function importTsx(module: string): Promise<void> {
  const { pathToFileURL } = await import('node:url');
  const { createRequire } = await import('node:module');
  const url = pathToFileURL(module).href;
  // oxlint-disable-next-line import/no-dynamic-require -- where the main thread found it
  const { register } = (await import(url)) as { register: () => unknown };
  const { register: registerCommonJs } = createRequire(url)('tsx/cjs/api') as { register: () => unknown };
  register();
  registerCommonJs();
}
