import { task } from '../../../src/parallel/task.ts';
import { BEGUN, waitForOpen } from './cells.ts';

/** One item of a key. */
export interface Keyed {
  readonly key: string;
  readonly n: number;
  /** What its thread does besides: dies, lets go of the state, or waits for these. */
  readonly act?: 'exit' | 'forget' | 'wait' | 'waitAndExit';
  readonly cells?: Int32Array;
}

/** Says what the key had before, on which thread, and remembers this item. */
export const remember = task(import.meta.url, 'remember', ({ key, n, act, cells }: Keyed, context) => {
  const before = context.state<number[]>(() => []);
  const seen = [...before];
  before.push(n);
  if (act === 'forget') context.forget();
  if (act === 'wait' || act === 'waitAndExit') {
    Atomics.add(cells!, BEGUN, 1);
    waitForOpen(cells!);
  }
  if ((act === 'exit' || act === 'waitAndExit') && context.attempt === 1) process.exit(3);
  return { key, n, seen, thread: context.thread, told: context.key, attempt: context.attempt };
});

/** A state of its own for the same keys. */
export const rememberApart = task(import.meta.url, 'rememberApart', ({ key, n }: Keyed, context) => {
  const state = context.state(() => ({ count: 0 }));
  state.count++;
  return { key, n, count: state.count };
});

/** Takes as long as the item says, asynchronously, and gives its key and number. */
export const slow = task(
  import.meta.url,
  'slow',
  async ({ key, n, ms }: { key: string; n: number; ms: number }, { thread }) => {
    if (ms > 0) await new Promise((resolve) => void setTimeout(resolve, ms));
    return { key, n, thread };
  },
);

/** Gives the key that it was told as text. */
export const keyText = task(import.meta.url, 'keyText', (_: unknown, { key, thread }) => ({
  text: String(key),
  thread,
}));
