import { Subscription, type Subscriber } from 'rxjs';
import { Demand, type SourceSettings } from '../../core/demand.ts';
import { InletSubscriber } from '../../core/operate.ts';
import type { Task } from './readTasks.ts';

/** How a list of tasks is run. */
export interface TaskSettings extends SourceSettings {
  /** How many run at once. */
  readonly concurrency: number;
}

/** Runs a list of tasks, of which each gives the last value that it emits, and makes one result of all. */
export abstract class TaskRun<T, R> {
  readonly #tasks: readonly Task<T>[];
  readonly #subscriber: Subscriber<R>;
  readonly #concurrency: number;
  readonly #inlets = new Subscription();
  readonly #below: Demand<R>;
  #begun = 0;
  #running = 0;
  #result: { readonly value: R } | undefined;
  #isOver = false;
  #isStarting = false;
  /** Whether no more tasks are to begin. */
  #isQuitting = false;

  constructor(tasks: readonly Task<T>[], subscriber: Subscriber<R>, settings: TaskSettings) {
    this.#tasks = tasks;
    this.#subscriber = subscriber;
    this.#concurrency = settings.concurrency;
    // What has begun is work in flight: it may finish.
    const quit = (): void => {
      this.#isQuitting = true;
      this.#endIfQuit();
    };
    this.#below = new Demand(subscriber, { ...settings, definition: settings, quit }, () => this.#produce());
  }

  /** Begins the tasks, as soon as a result is wanted. */
  start(): void {
    // One that fails before it is its turn must not count as unhandled.
    for (const { promise } of this.#tasks) promise?.catch(() => {});
    this.#below.start();
  }

  /** A task has given its value. */
  protected abstract succeeded(value: T, index: number): void;

  /** A task has failed. */
  protected abstract failed(error: unknown, index: number): void;

  /** There is no task at all. To be overridden where that is allowed. */
  protected none(): void {}

  /** How many tasks there are. */
  protected get count(): number {
    return this.#tasks.length;
  }

  /** Ends everything that still runs, and sends the result as soon as it is wanted. */
  protected resolve(value: R): void {
    this.#result = { value };
    this.#below.held = 1;
    this.#end();
  }

  /** Ends everything that still runs, and fails. */
  protected reject(error: unknown): void {
    try {
      this.#end();
    } finally {
      this.#below.fail(error);
    }
  }

  #produce(): void {
    if (this.count === 0 && !this.#isOver) this.none();
    if (!this.#isOver) this.#begin();
    if (this.#result === undefined) return this.#endIfQuit();
    if (!this.#below.wants()) return;
    const { value } = this.#result;
    this.#result = undefined;
    this.#below.held = 0;
    this.#below.send(value);
    this.#subscriber.complete();
  }

  /** In a flat loop, also if each task ends while it is being subscribed. */
  #begin(): void {
    this.#isStarting = true;
    try {
      while (!this.#isOver && !this.#isQuitting && this.#begun < this.count && this.#running < this.#concurrency) {
        if (!this.#below.wants()) return;
        this.#run(this.#begun++);
      }
    } finally {
      this.#isStarting = false;
    }
  }

  #run(index: number): void {
    let last: T;
    const inlet = new InletSubscriber<T, R>(this.#subscriber);
    const end = (settle: () => void): void => {
      this.#running--;
      try {
        settle();
      } finally {
        if (!this.#isStarting) this.#produce();
      }
    };
    inlet.connect({
      next: (value) => void (last = value),
      error: (error) => end(() => this.failed(error, index)),
      complete: () => end(() => this.succeeded(last, index)),
    });
    this.#running++;
    this.#inlets.add(inlet);
    this.#tasks[index]!.values$.subscribe(inlet);
  }

  /** Told to quit, it ends without a result once what has begun has ended and gave none. */
  #endIfQuit(): void {
    if (this.#isQuitting && this.#running === 0 && this.#result === undefined) this.#subscriber.complete();
  }

  #end(): void {
    this.#isOver = true;
    this.#inlets.unsubscribe();
  }
}
