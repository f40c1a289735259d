import { setTimeout as sleep } from 'node:timers/promises';
import { task } from '../../../src/parallel/task.ts';
import { BEGUN, MADE, waitForOpen } from './cells.ts';

/** Gives its item back. */
export const same = task(import.meta.url, 'same', (item: unknown): unknown => item);

export const double = task(import.meta.url, 'double', (n: number) => n * 2);

export const doubleLater = task(import.meta.url, 'doubleLater', async (n: number) => {
  await sleep(n % 3);
  return n * 2;
});

/** Says that it has begun, and keeps its thread until the test lets it go. */
export const hold = task(import.meta.url, 'hold', ({ cells, n }: { cells: Int32Array; n: number }) => {
  Atomics.add(cells, BEGUN, 1);
  waitForOpen(cells);
  Atomics.add(cells, MADE, 1);
  return n;
});

/** Says that it has begun, and keeps its thread only for the items that the test names. */
export const holdSome = task(
  import.meta.url,
  'holdSome',
  ({ cells, n, held }: { cells: Int32Array; n: number; held: boolean }) => {
    Atomics.add(cells, BEGUN, 1);
    if (held) waitForOpen(cells);
    Atomics.add(cells, MADE, 1);
    return n;
  },
);

/** Keeps the processor busy for so many milliseconds. */
export const spin = task(import.meta.url, 'spin', ({ ms, n }: { ms: number; n: number }) => {
  const end = performance.now() + ms;
  while (performance.now() < end);
  return n;
});

/** The same, and says on which thread. */
export const spinWhere = task(import.meta.url, 'spinWhere', (ms: number, { thread }) => {
  if (ms > 0) {
    const end = performance.now() + ms;
    while (performance.now() < end);
  }
  return thread;
});

/** Takes so many milliseconds without keeping the processor busy. */
export const wait = task(import.meta.url, 'wait', ({ ms, n }: { ms: number; n: number }) => {
  return ms === 0 ? n : sleep(ms).then(() => n);
});

/** Says where it runs. The one that is held ends its thread when the test lets it go, and is fine at the second try. */
export const where = task(
  import.meta.url,
  'where',
  ({ cells, n, held }: { cells: Int32Array; n: number; held: boolean }, { thread, attempt }) => {
    if (held && attempt === 1) {
      Atomics.add(cells, BEGUN, 1);
      waitForOpen(cells);
      process.exit(3);
    }
    return { n, thread, attempt };
  },
);

/** Everything that it is told. */
export const told = task(import.meta.url, 'told', (item: unknown, { index, attempt, thread, stage, key, signal }) => ({
  item,
  index,
  attempt,
  thread,
  stage,
  key,
  aborted: signal.aborted,
}));

/** Counts its items, as far as its thread has seen them. */
export const countCalls = task(import.meta.url, 'countCalls', (_: unknown, context) => {
  const state = context.state(() => ({ calls: 0 }));
  return ++state.calls;
});

export class OddError extends RangeError {
  override readonly name = 'OddError';
  readonly n: number;
  readonly code = 'ERR_ODD';

  constructor(n: number) {
    super(`${n} is odd`, { cause: new Error('an even one was expected') });
    this.n = n;
  }
}

/** Fails for odd numbers. */
export const evenOnly = task(import.meta.url, 'evenOnly', (n: number) => {
  if (n % 2 === 1) throw new OddError(n);
  return n;
});

/** The same, with a promise. */
export const evenOnlyLater = task(import.meta.url, 'evenOnlyLater', async (n: number) => {
  await Promise.resolve();
  if (n % 2 === 1) throw new OddError(n);
  return n;
});

/** Throws what it is told to. */
export const throws = task(import.meta.url, 'throws', (what: string): never => {
  const things: Record<string, unknown> = {
    undefined: undefined,
    null: null,
    zero: 0,
    text: 'text',
    object: { a: 1 },
    aggregate: new AggregateError([new TypeError('one'), 'two'], 'several'),
  };
  throw things[what];
});

const shapes: Record<string, () => unknown> = {
  array: () => [1, 2],
  text: () => 'text',
  map: () => new Map([[1, 2]]),
  set: () => new Set([1, 2]),
  bytes: () => new Uint8Array([1, 2]),
  object: () => ({ a: [1] }),
};

/** Gives one value that could be taken for many. */
export const shaped = task(import.meta.url, 'shaped', (shape: string): unknown => shapes[shape]!());

/** A promise of some other library. */
export const thenable = task(import.meta.url, 'thenable', (n: number): PromiseLike<number> => {
  // oxlint-disable-next-line unicorn/no-thenable -- that is what it is
  return { then: (resolve: (value: number) => void) => resolve(n) } as unknown as PromiseLike<number>;
});

/** Everything in the environment of its thread. */
export const environment = task(import.meta.url, 'environment', (_: unknown): Record<string, string | undefined> => ({
  ...process.env,
}));

const kept: unknown[] = [];

/** Keeps so many objects. */
export const keepObjects = task(import.meta.url, 'keepObjects', (count: number) => {
  kept.push(Array.from({ length: count }, (_, n) => ({ n })));
  return kept.length;
});

/** Gives the trace that the item belongs to. */
export const traced = task(import.meta.url, 'traced', (_: number, { traceparent }) => traceparent);
