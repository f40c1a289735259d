import { execSync } from 'node:child_process';
import { task } from '../../../src/parallel/task.ts';
import type { TaskContext } from '../../../src/parallel/TaskContext.ts';

/** What an item does to the thread that runs it. */
export type Act =
  | 'exit'
  | 'exitOnce'
  | 'exitAfterResult'
  | 'throw'
  | 'throwLater'
  | 'throwNullLater'
  | 'throwNullAtWork'
  | 'rejectLater'
  | 'spin'
  | 'regex'
  | 'wait'
  | 'block'
  | 'never'
  | 'native'
  | 'fillHeap'
  | 'keepBuffers'
  | 'burn'
  | 'sleep'
  | 'many'
  | 'manyThenExit'
  | 'manyForever'
  | 'badReturn'
  | 'deepReturn'
  | 'manyDeep'
  | 'killProcess'
  | 'exitWhenAborted';

/** An item. Without `act` it does no harm. */
export interface Job {
  readonly id: number;
  readonly act?: Act | undefined;
  /** Milliseconds, an exit code, or how many values or bytes: whatever the act needs. */
  readonly n?: number | undefined;
  /** Where each beginning of an item is counted, by its id, also of a thread that dies of it. */
  readonly begun?: Int32Array | undefined;
  readonly key?: string | undefined;
  /** Something to send along. */
  readonly load?: unknown;
}

/** What an item gives. */
export interface Done {
  readonly id: number;
  readonly attempt: number;
  readonly thread: number;
  /** Which of several values it is. */
  readonly part?: number;
}

/** The task of the fault tests: does to its thread what the item says. */
export const work = task(import.meta.url, 'work', (job: Job, context: TaskContext): unknown => {
  if (job.begun !== undefined) {
    Atomics.add(job.begun, job.id, 1);
    Atomics.notify(job.begun, job.id);
  }
  const done: Done = { id: job.id, attempt: context.attempt, thread: context.thread };
  return job.act === undefined ? done : ACTS[job.act](done, job.n ?? 0, context);
});

/** The same module's second task. */
export const echo = task(import.meta.url, 'echo', (job: Job, context: TaskContext) => work.fn(job, context));

const kept: unknown[] = [];
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function nested(depth: number): unknown {
  let value: unknown = 0;
  for (let i = 0; i < depth; i++) value = [value];
  return value;
}

const ACTS: Record<Act, (done: Done, n: number, context: TaskContext) => unknown> = {
  exit: (_, code) => process.exit(code),
  exitOnce: (done, code) => (done.attempt === 1 ? process.exit(code) : done),
  exitAfterResult(done, code) {
    // Once what is sent now has left.
    setImmediate(() => process.exit(code));
    return done;
  },
  throw: ({ id }) => {
    throw Object.assign(new RangeError(`item ${id} throws`), { code: 'E_ITEM', item: id });
  },
  throwLater(done, ms) {
    setTimeout(() => {
      throw new Error(`thrown after item ${done.id}`);
    }, ms);
    return done;
  },
  throwNullLater(done, ms) {
    setTimeout(() => {
      // oxlint-disable-next-line no-throw-literal -- that is the fault
      throw null;
    }, ms);
    return done;
  },
  throwNullAtWork: () =>
    new Promise(() => {
      setTimeout(() => {
        // oxlint-disable-next-line no-throw-literal -- that is the fault
        throw null;
      });
    }),
  rejectLater(done, ms) {
    setTimeout(() => void Promise.reject(new Error(`rejected after item ${done.id}`)), ms);
    return done;
  },
  spin: () => {
    for (;;);
  },
  regex: () => /^(a+)+$/.test(`${'a'.repeat(40)}!`),
  wait: () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0),
  block(done, ms) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
    return done;
  },
  never: () => new Promise(() => undefined),
  native(done, seconds) {
    execSync(`sleep ${seconds}`);
    return done;
  },
  fillHeap: () => {
    for (;;) kept.push(Array.from({ length: 1_000 }, (_, i) => ({ i })));
  },
  keepBuffers(done, bytes) {
    kept.push(Buffer.alloc(bytes, 1));
    return done;
  },
  burn(done, ms) {
    const end = performance.now() + ms;
    while (performance.now() < end);
    return done;
  },
  sleep: (done, ms) => pause(ms).then(() => done),
  *many(done, count) {
    for (let part = 0; part < count; part++) yield { ...done, part };
  },
  async *manyThenExit(done, count) {
    for (let part = 0; part < count; part++) yield { ...done, part };
    // What was given so far is sent meanwhile.
    await pause(20);
    process.exit(7);
  },
  async *manyForever(done) {
    try {
      for (let part = 0; ; part++) {
        yield { ...done, part };
        await pause(1);
      }
    } finally {
      // oxlint-disable-next-line no-unsafe-finally -- that is the fault
      throw new Error('thrown while it is cancelled');
    }
  },
  badReturn: (done) => ({ ...done, notCloneable: () => undefined }),
  // A thread has a larger stack than the main thread: it can send what cannot be read there.
  deepReturn: (done, depth) => ({ ...done, nested: nested(depth) }),
  *manyDeep(done, depth) {
    yield { ...done, nested: nested(depth) };
  },
  killProcess: () => process.kill(process.pid, 'SIGKILL'),
  exitWhenAborted: (_, code, { signal }) =>
    new Promise(() => signal.addEventListener('abort', () => process.exit(code))),
};
