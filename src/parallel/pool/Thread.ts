import { createRequire } from 'node:module';
import { MessageChannel, receiveMessageOnPort, type MessagePort, type ResourceLimits } from 'node:worker_threads';
import type { FromThread, ToThread } from '../protocol.ts';
import { reasonOf } from '../../core/errors.ts';
import { Claims } from './Claims.ts';
import { Imports } from './Imports.ts';
import { loadThreads, SpawnableWorker } from './loadThreads.ts';

/** How threads are started: checked options of a `ThreadPool`. */
export interface ThreadSettings {
  readonly resourceLimits: ResourceLimits | undefined;
  readonly env: Readonly<Record<string, string>>;
  /** Milliseconds that it may take to start a thread, and to import the module of a task. */
  readonly startTimeout: number;
}

/** How a thread ended. */
export interface Death {
  readonly exitCode: number;
  /** What it died of, if that is known. */
  readonly error?: unknown;
  /** Whether it sent something that could not be read here, and was ended for it. */
  readonly isUnreadable?: boolean;
}

/** What a {@link Thread} reports to. */
export interface ThreadOwner {
  started(): void;
  received(message: FromThread): void;
  died(death: Death): void;
}

/**
 * One worker from start to end. threads.js starts it, hands it a port, and ends it; all data travels on that port, since a call of
 * threads.js takes two messages back, a listener, an Observable and a promise. Reports its end once, whatever the cause.
 */
export class Thread {
  readonly claims = new Claims();
  isReady = false;
  /** Settles when the worker is gone. */
  readonly ended: Promise<void>;
  readonly #worker: SpawnableWorker;
  readonly #port: MessagePort;
  readonly #imports = new Imports();
  #owner: ThreadOwner | undefined;
  #terminate: () => Promise<unknown>;
  #error: unknown;
  #isDying = false;

  constructor(seat: number, settings: ThreadSettings, owner: ThreadOwner) {
    this.#owner = owner;
    const { spawn, Thread: threads, Transfer } = loadThreads();
    const worker = new SpawnableWorker(BOOT, {
      eval: true,
      name: `sluice ${seat}`,
      env: settings.env,
      workerData: {
        seat,
        entry: ENTRY,
        tsx: isTypeScript(ENTRY) ? tsxFor(ENTRY) : undefined,
        sourceMaps: sourceMaps(),
      },
      ...(settings.resourceLimits === undefined ? {} : { resourceLimits: settings.resourceLimits }),
    });
    const { port1, port2 } = new MessageChannel();
    this.#worker = worker;
    this.#port = port1;
    this.#terminate = () => worker.terminate();
    this.ended = new Promise((resolve) => worker.once('exit', () => resolve()));
    worker.on('error', (error) => (this.#error ??= error));
    worker.on('exit', (exitCode) => this.#exited(exitCode));
    // What threads.js says first says that all modules are there.
    worker.once('message', () => this.#imports.started());
    port1.on('message', (message: FromThread) => this.#receive(message));
    port1.on('messageerror', (error) => this.end(error, true));
    // The worker keeps the process alive while it has something to do, and nothing else does.
    port1.unref();
    spawn(worker, { timeout: settings.startTimeout })
      .then((connect) => {
        this.#terminate = () => threads.terminate(connect);
        return this.#owner === undefined ? undefined : connect(Transfer(port2, [port2]), this.claims.cells);
      })
      .then(
        () => this.#started(),
        (error: unknown) => this.end(isLate(error) ? lateStart(settings.startTimeout) : error),
      );
  }

  post(message: ToThread, transfer: readonly ArrayBuffer[] = []): void {
    if (message.kind === 'load') this.#imports.told();
    this.#port.postMessage(message, transfer as ArrayBuffer[]);
  }

  /** Whether it keeps the process alive. */
  keepAlive(yes: boolean): void {
    if (yes) this.#worker.ref();
    else this.#worker.unref();
  }

  /** How many bytes it holds outside its heap, where Node.js can tell while it runs. */
  external(): Promise<number | undefined> {
    const worker = this.#worker as { getHeapStatistics?: () => Promise<{ external_memory: number }> };
    if (worker.getHeapStatistics === undefined) return Promise.resolve(undefined);
    return worker.getHeapStatistics().then(
      ({ external_memory: bytes }) => bytes,
      () => undefined,
    );
  }

  /**
   * Ends it. It counts as dead from now on: native code that blocks it may go on for a while, and so may the import of a module, unless
   * there is an `error`.
   */
  end(error?: unknown, isUnreadable = false): void {
    if (this.#owner === undefined) return;
    this.#worker.unref();
    this.#die({ exitCode: 1, error, isUnreadable });
    if (error === undefined) this.#imports.whenDone(() => this.#kill());
    else this.#kill();
  }

  #kill(): void {
    this.#imports.stop();
    this.#port.close();
    // What the task has printed may still be on its way here.
    setImmediate(() => setImmediate(() => void this.#terminate()));
  }

  #exited(exitCode: number): void {
    this.#die({ exitCode, error: this.#error });
    this.#imports.stop();
    this.#port.close();
  }

  #receive(message: FromThread): void {
    this.#owner?.received(message);
    this.#imports.heard(message);
  }

  #started(): void {
    this.isReady = this.#owner !== undefined;
    this.#owner?.started();
  }

  #die(death: Death): void {
    const owner = this.#owner;
    if (owner === undefined || this.#isDying) return;
    // It is given nothing more, and whoever ends it on hearing of its last results ends it once.
    this.#isDying = true;
    this.isReady = false;
    const known = this.#drain(death);
    this.#owner = undefined;
    // `spawn` would wait for its time to run out before it lets go of the worker.
    this.#worker.say(SPAWNED);
    owner.died(known);
  }

  /** What it had sent before it died counts; not what it sent behind something that cannot be read, which would be taken for that. */
  #drain(death: Death): Death {
    while (death.isUnreadable !== true) {
      let next: { message: unknown } | undefined;
      try {
        next = receiveMessageOnPort(this.#port);
      } catch (error) {
        return { ...death, error, isUnreadable: true };
      }
      if (next === undefined) break;
      this.#receive(next.message as FromThread);
    }
    return death;
  }
}

/** The module that lets a thread import TypeScript, if the module at `url` needs one and it is installed. */
export function tsxFor(url: string): string | undefined {
  if (!isTypeScript(url)) return undefined;
  for (const from of [url, import.meta.url]) {
    try {
      // What `require` finds is the CommonJS build, beside the one that `import` needs.
      return createRequire(from.replace(/[?#].*$/, ''))
        .resolve('tsx/esm/api')
        .replace(/\.cjs$/, '.mjs');
    } catch {
      // Not installed there. Node.js itself may know TypeScript, and says so if it does not.
    }
  }
  return undefined;
}

function isTypeScript(url: string): boolean {
  return /\.[cm]?tsx?([?#]|$)/.test(url);
}

/** Whether threads.js has given up waiting for the worker: it says so with advice that is not for our users. */
function isLate(error: unknown): boolean {
  return reasonOf(error).startsWith('Timeout: Did not receive an init message');
}

function lateStart(startTimeout: number): Error {
  return new Error(
    `the thread was not ready after ${startTimeout} ms: the machine is busy, or what Node.js preloads takes long. Raise "startTimeout"`,
  );
}

function sourceMaps(): boolean {
  return (process as { sourceMapsEnabled?: boolean }).sourceMapsEnabled === true;
}

/** Built code runs the built entry, and source the source. */
const ENTRY = new URL(`../worker/entry.${isTypeScript(import.meta.url) ? 'ts' : 'js'}`, import.meta.url).href;

const SPAWNED = { type: 'init', exposed: { type: 'function' } };

/**
 * Run by the new worker, as a script or, where `--input-type=module` is inherited, as a module: it has no `require` then. An
 * `import` that fails ends it with that error, whatever `--unhandled-rejections` says.
 */
const BOOT = `
(async () => {
  const { workerData } = await import('node:worker_threads');
  const { pathToFileURL } = await import('node:url');
  if (workerData.sourceMaps) process.setSourceMapsEnabled?.(true);
  if (workerData.tsx) (await import(pathToFileURL(workerData.tsx).href)).register();
  await import(workerData.entry);
})().catch((error) => process.nextTick(() => { throw error; }));
`;
