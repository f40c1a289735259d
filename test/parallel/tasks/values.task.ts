import { Observable, Subject, from, interval, map, take } from 'rxjs';
import { buffered } from '../../../src/operators/buffered.ts';
import { workerPool } from '../../../src/operators/workerPool.ts';
import { task, type Task } from '../../../src/parallel/task.ts';
import { fromIterable } from '../../../src/sources/fromIterable.ts';
import { BEGUN, MADE, TOLD } from './cells.ts';

/** How many values to make, and where to count those that have been made. */
export interface Wish {
  readonly count: number;
  readonly cells: Int32Array;
  /** After how many values it fails. */
  readonly failsAt?: number;
}

function* makeValues({ count, cells, failsAt = Infinity }: Wish): Generator<number> {
  Atomics.add(cells, BEGUN, 1);
  try {
    for (let n = 0; n < count; n++) {
      if (n === failsAt) throw new RangeError(`failed after ${n}`);
      Atomics.add(cells, MADE, 1);
      yield n;
    }
  } finally {
    Atomics.add(cells, TOLD, 1);
  }
}

export const generated = task(import.meta.url, 'generated', (wish: Wish) => makeValues(wish));

export const generatedLater = task(import.meta.url, 'generatedLater', async function* (wish: Wish) {
  for (const n of makeValues(wish)) {
    if (n % 10 === 0) await new Promise((resolve) => void setImmediate(resolve));
    yield n;
  }
});

/** An iterator that is no generator, and an async iterable that has no `return`. */
export const iterated = task(import.meta.url, 'iterated', ({ count }: Wish) =>
  Array.from({ length: count }, (_, n) => n).values(),
);
export const iteratedLater = task(import.meta.url, 'iteratedLater', ({ count, cells }: Wish): AsyncIterable<number> => {
  let n = 0;
  return {
    [Symbol.asyncIterator]: () => ({
      next: () => {
        if (n === count) return Promise.resolve({ done: true, value: undefined });
        Atomics.add(cells, MADE, 1);
        return Promise.resolve({ done: false, value: n++ });
      },
    }),
  };
});

/** Faults of iterators written by hand, each after two values. */
export type IteratorFault = 'throws in next' | 'gives no object' | 'throws in return' | 'cannot be iterated';

/** An async iterator that is not made by a generator, and does what none of those can. */
export const faulty = task(import.meta.url, 'faulty', (fault: IteratorFault): AsyncIterable<number> => ({
  [Symbol.asyncIterator]() {
    if (fault === 'cannot be iterated') throw new RangeError('no iterator');
    let n = 0;
    return {
      next(): Promise<IteratorResult<number>> {
        if (n < 2 || fault === 'throws in return') return Promise.resolve({ done: false, value: n++ });
        if (fault === 'gives no object') return Promise.resolve(undefined as never);
        throw new RangeError('third');
      },
      return() {
        throw new RangeError('return');
      },
    };
  },
}));

/** A generator that cannot be ended in peace. */
export const faultyAtEnd = task(import.meta.url, 'faultyAtEnd', function* ({ cells }: Wish) {
  try {
    for (let n = 0; ; n++) yield n;
  } finally {
    Atomics.add(cells, TOLD, 1);
    // oxlint-disable-next-line no-unsafe-finally -- that is the fault
    throw new RangeError('thrown while it is cancelled');
  }
});

/** A pausable source. */
export const observed = task(import.meta.url, 'observed', (wish: Wish) => fromIterable(makeValues(wish)));

/** The same through operators of RxJS and stages of this package. */
export const observedFar = task(import.meta.url, 'observedFar', (wish: Wish) =>
  fromIterable(makeValues(wish)).pipe(
    map((n) => n + 1),
    workerPool((n) => n - 1, { concurrency: 2, order: 'input' }),
    buffered({ capacity: 4 }),
  ),
);

/** What cannot be paused. */
export const pushed = task(import.meta.url, 'pushed', (wish: Wish) => from(makeValues(wish)));

export const ticking = task(import.meta.url, 'ticking', ({ count }: Wish) => interval(1).pipe(take(count)));

/** Never gives anything, and says when it is unsubscribed. */
export const silent = task(
  import.meta.url,
  'silent',
  ({ cells }: Wish) =>
    new Observable<number>((subscriber) => {
      Atomics.add(cells, BEGUN, 1);
      const never = new Subject<number>();
      subscriber.add(never.subscribe(subscriber));
      subscriber.add(() => void Atomics.add(cells, TOLD, 1));
    }),
);

/** Falsy values, as many values and not as one. */
export const falsy = task(import.meta.url, 'falsy', function* (values: readonly unknown[]) {
  yield* values;
});

/** One of several values cannot be sent. */
export const unsendable = task(import.meta.url, 'unsendable', function* (_: Wish): Generator {
  yield 0;
  yield { deep: { fn: () => 1 } };
});

/** Gives some values, and then ends its thread. */
export const diesAfter = task(import.meta.url, 'diesAfter', async function* ({ count, cells }: Wish) {
  Atomics.add(cells, BEGUN, 1);
  for (let n = 0; n < count; n++) yield n;
  // The values are on their way by then.
  await new Promise((resolve) => void setTimeout(resolve, 20));
  process.exit(4);
});

/** All that give `count` numbers from 0. */
export const COUNTING: Readonly<Record<string, Task<Wish, number>>> = {
  'a generator': generated,
  'an async generator': generatedLater,
  'an iterator': iterated,
  'an async iterable': iteratedLater,
  'a pausable Observable': observed,
  'a pausable Observable above other stages': observedFar,
  'an Observable that cannot be paused': pushed,
};
