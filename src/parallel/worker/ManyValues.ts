import { OverflowError } from '../../core/errors.ts';
import type { ObservableLike } from '../../core/execute.ts';
import type { BatchRun } from './BatchRun.ts';

/** What {@link ManyValues} tells about the item. */
interface Progress {
  isCancelled(): boolean;
  ended(): void;
  failed(error: unknown): void;
}

/** Whether what a task gave is many values: an Observable, an async iterable, or a generator or other iterator. */
export function isMany(output: object): output is Many {
  if (isObservable(output) || Symbol.asyncIterator in output) return true;
  return typeof (output as { next?: unknown }).next === 'function' && Symbol.iterator in output;
}

/** Of RxJS, or of another library that marks its own, by their shape: RxJS need not be loaded here. */
function isObservable(output: object): output is ObservableLike<unknown> {
  const mark = (Symbol as { observable?: symbol }).observable ?? '@@observable';
  const { subscribe, [mark]: interop } = output as Record<PropertyKey, unknown>;
  return typeof subscribe === 'function' || typeof interop === 'function';
}

type Many = ObservableLike<unknown> | AsyncIterable<unknown> | IterableIterator<unknown>;

/**
 * Takes the values of one item and sends them a few at a time, as long as the stage has room: what makes them is asked for
 * no more while it has none.
 */
export class ManyValues {
  readonly #run: BatchRun;
  readonly #source: Many;
  readonly #progress: Progress;
  #values: unknown[] = [];
  #ended = false;
  #isSending = false;
  #sentAt = performance.now();
  /** Goes on making values, if it stopped because there was no room. */
  #produce: (() => void) | undefined;
  #stop: (() => void) | undefined;
  /** Ends the item, when all values have been sent. */
  #settle: (() => void) | undefined;

  constructor(run: BatchRun, source: Many, progress: Progress) {
    this.#run = run;
    this.#source = source;
    this.#progress = progress;
  }

  start(): void {
    const source = this.#source;
    if (isObservable(source)) this.#subscribe(source);
    else if (Symbol.asyncIterator in source) this.#iterateAsync(source[Symbol.asyncIterator]());
    else this.#iterate(source);
  }

  /** There is room for another message. */
  resume(): void {
    this.#flush();
    const produce = this.#produce;
    if (this.#hasRoom && produce !== undefined) {
      this.#produce = undefined;
      produce();
    }
  }

  /** Stops what makes the values. */
  cancel(): void {
    this.#values = [];
    // It has made all, and waits for room to send the last: nobody wants them any more.
    if (this.#ended) return this.#flush();
    let settle = (): void => this.#progress.ended();
    try {
      this.#stop?.();
    } catch (error) {
      settle = () => this.#progress.failed(error);
    }
    // What was made while it stopped.
    this.#values = [];
    this.#end(settle);
  }

  get #hasRoom(): boolean {
    return this.#values.length < MAX_VALUES;
  }

  #take(value: unknown): void {
    this.#values.push(value);
    // What makes them may not let go of the thread for a long time.
    if (!this.#hasRoom || performance.now() - this.#sentAt > SEND_AFTER) this.#flush();
    else if (!this.#isSending) {
      // Together with those that come in the same turn of the event loop.
      this.#isSending = true;
      setImmediate(() => {
        this.#isSending = false;
        this.#flush();
      });
    }
  }

  #flush(): void {
    if (this.#values.length > 0) {
      try {
        if (!this.#run.sendValues(this.#values)) return;
      } catch (error) {
        return this.#giveUp(error);
      }
      this.#values = [];
      this.#sentAt = performance.now();
    }
    const settle = this.#settle;
    this.#settle = undefined;
    settle?.();
  }

  /** One of the values cannot be sent. What makes them may have ended already; the item has not. */
  #giveUp(error: unknown): void {
    if (!this.#ended) this.#stop?.();
    this.#ended = true;
    this.#values = [];
    this.#produce = this.#settle = undefined;
    this.#progress.failed(error);
  }

  #end(settle: () => void): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#produce = undefined;
    this.#settle = settle;
    this.#flush();
  }

  #overflow(failed: (error: unknown) => void): void {
    this.#stop?.();
    const advice =
      'What the task gives cannot be paused: give an Observable of a source of this package, or a generator.';
    failed(new OverflowError(this.#run.batch.stage, this.#values.length, MAX_VALUES, advice));
  }

  #iterate(iterator: IterableIterator<unknown>): void {
    this.#stop = () => iterator.return?.();
    const produce = (): void => {
      try {
        while (this.#hasRoom) {
          if (this.#progress.isCancelled()) return this.cancel();
          const result = iterator.next();
          if (result.done === true) return this.#end(() => this.#progress.ended());
          this.#take(result.value);
          if (this.#ended) return;
        }
      } catch (error) {
        return this.#end(() => this.#progress.failed(error));
      }
      this.#produce = produce;
    };
    produce();
  }

  #iterateAsync(iterator: AsyncIterator<unknown>): void {
    this.#stop = () => void closing(iterator).catch(() => undefined);
    const failed = (error: unknown): void => this.#end(() => this.#progress.failed(error));
    const produce = (): void => {
      if (this.#ended) return;
      if (!this.#hasRoom) return void (this.#produce = produce);
      // One written by hand may throw instead of rejecting.
      try {
        iterator.next().then(arrived, failed);
      } catch (error) {
        failed(error);
      }
    };
    const arrived = (result: IteratorResult<unknown>): void => {
      if (this.#ended) return;
      if (!isObject(result)) return failed(noResult(result));
      if (result.done === true) return this.#end(() => this.#progress.ended());
      this.#take(result.value);
      produce();
    };
    produce();
  }

  /** What a pausable source in the Observable sees below it needs RxJS, which is imported only here, and only now. */
  #subscribe(source: ObservableLike<unknown>): void {
    const failed = (error: unknown): void => this.#end(() => this.#progress.failed(error));
    import('./GatedSubscriber.ts')
      .then(({ GatedSubscriber }) => {
        const subscriber = new GatedSubscriber({
          next: (value) => {
            this.#take(value);
            if (this.#hasRoom) return;
            if (this.#values.length > OVERFLOW_LIMIT) return this.#overflow(failed);
            subscriber.gate.close();
            this.#produce = () => subscriber.gate.open();
          },
          error: failed,
          complete: () => this.#end(() => this.#progress.ended()),
        });
        this.#stop = () => subscriber.unsubscribe();
        if (!this.#ended) subscriber.subscribeTo(source);
        return subscriber;
      })
      .catch(failed);
  }
}

/** Closes an iterator. One written by hand may throw instead of rejecting. */
async function closing(iterator: AsyncIterator<unknown>): Promise<void> {
  await iterator.return?.();
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

function noResult(received: unknown): TypeError {
  return new TypeError(`The iterator's next() gave ${String(received)} instead of { done, value }`);
}

/** How many values are kept of an Observable that cannot be paused. */
const OVERFLOW_LIMIT = 1_000_000;
/** The most values in a message. */
const MAX_VALUES = 64;
/** Milliseconds after which values are sent although there is room for more. */
const SEND_AFTER = 2;
