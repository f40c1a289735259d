import { asyncScheduler, type Subscriber, type Subscription } from 'rxjs';
import { Demand, type SourceSettings } from './demand.ts';

/**
 * Sends everything that `iterable` gives to `subscriber`, one value for each that the gate below lets through. Closes the
 * iterator when the subscription ends early.
 */
export function iterate<T>(
  iterable: Iterable<T> | AsyncIterable<T>,
  subscriber: Subscriber<T>,
  settings: SourceSettings,
): void {
  if (isAsyncIterable(iterable)) iterateAsync(iterable[Symbol.asyncIterator](), subscriber, settings);
  else iterateSync(iterable[Symbol.iterator](), subscriber, settings);
}

/** Whether a value can be iterated with `for await`, promise by promise. */
export function isAsyncIterable<T>(value: unknown): value is AsyncIterable<T> {
  return typeof (value as Partial<AsyncIterable<T>> | null | undefined)?.[Symbol.asyncIterator] === 'function';
}

function iterateSync<T>(iterator: Iterator<T>, subscriber: Subscriber<T>, settings: SourceSettings): void {
  let exhausted = false;
  let pulling = false;

  const produce = (below: Demand<T>): void => {
    while (below.wants()) {
      const since = below.making();
      // Stays set when `next` throws: such an iterator is over. `Demand` delivers what it throws, or reports it if the
      // iterator has ended the subscription from within.
      pulling = true;
      const result = iterator.next();
      // Nearly always `done` is false, and then it is an object.
      if (result?.done !== false && !isObject(result)) throw noResult(result);
      pulling = false;
      below.made(since);
      if (result.done === true) {
        exhausted = true;
        return subscriber.complete();
      }
      if (subscriber.closed) return close();
      below.send(result.value);
    }
  };
  const close = (): void => {
    // A generator cannot be closed from within its own code: `produce` does it once the generator has yielded.
    if (exhausted || pulling) return;
    exhausted = true;
    closeIterator(iterator, below);
  };

  const below = new Demand<T>(subscriber, settings, produce);
  subscriber.add(close);
  below.start();
}

function iterateAsync<T>(iterator: AsyncIterator<T>, subscriber: Subscriber<T>, settings: SourceSettings): void {
  let exhausted = false;
  let pulling = false;
  let quitting = false;
  let patience: Subscription | undefined;
  /** The value that arrived while the gate was closed. */
  let kept: { value: T } | undefined;
  let since = 0;

  const produce = (below: Demand<T>): void => {
    if (kept !== undefined) {
      if (!below.wants()) return;
      const { value } = kept;
      kept = undefined;
      below.held = 0;
      below.send(value);
    }
    if (quitting) return subscriber.complete();
    if (pulling || !below.wants()) return;
    pulling = true;
    since = below.making();
    // An iterator written by hand may throw instead of rejecting.
    try {
      iterator.next().then(arrived, failed);
    } catch (error) {
      failed(error);
    }
  };
  const arrived = (result: IteratorResult<T>): void => {
    pulling = false;
    below.made(since);
    if (!isObject(result)) return failed(noResult(result));
    // It has come: from here on it has all the time it needs.
    patience?.unsubscribe();
    if (result.done === true) exhausted = true;
    if (subscriber.closed) return;
    if (result.done === true) return subscriber.complete();
    kept = { value: result.value };
    below.held = 1;
    produce(below);
  };
  const failed = (error: unknown): void => {
    exhausted = true;
    below.fail(error);
  };
  const quit = (): void => {
    quitting = true;
    // What is on its way is not given up, unless it takes its time.
    if (pulling) patience = asyncScheduler.schedule(() => subscriber.complete(), QUIT_PATIENCE);
    else if (kept === undefined) subscriber.complete();
  };

  const below = new Demand<T>(subscriber, { ...settings, definition: settings.definition ?? settings, quit }, produce);
  subscriber.add(() => {
    patience?.unsubscribe();
    if (!exhausted) closeIterator(iterator, below);
  });
  below.start();
}

/** How long, in milliseconds, a source that is asked to quit waits for the value it has already asked for. */
const QUIT_PATIENCE = 40;

/** Closes an iterator; what goes wrong is reported, since it comes too late to be delivered. */
function closeIterator<T>(iterator: Iterator<T> | AsyncIterator<T>, below: Demand<T>): void {
  try {
    const returned: unknown = iterator.return?.();
    if (typeof (returned as PromiseLike<unknown> | undefined)?.then === 'function') {
      below.releasing(Promise.resolve(returned));
    }
  } catch (error) {
    below.releasing(Promise.reject(error));
  }
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

function noResult(received: unknown): TypeError {
  return new TypeError(`The iterator's next() gave ${String(received)} instead of { done, value }`);
}
