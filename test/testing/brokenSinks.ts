import { lastValueFrom, take, type Observable } from 'rxjs';
import { forEach } from 'sluice';
import type { Consumption, Destination, SinkCapabilities, SinkFactory } from '../../src/testing/conform.ts';
import { operatorSink } from '../conformance/operatorSink.ts';
import { leaveTimer } from './leftTimers.ts';

/** A sink that breaks a rule, and the rule of the check that has to see it. */
export interface BrokenSink {
  readonly name: string;
  readonly rule: string;
  /** The rule that the failure names, where the check is about another. */
  readonly blames?: string;
  readonly factory: SinkFactory<unknown, unknown>;
  readonly promises?: Partial<SinkCapabilities<unknown, unknown>>;
}

const nothing = (): void => {};

/** A sink by hand that writes at once whatever comes, and is done when `isDone` says so. */
function careless(
  end: (writes: Promise<void>[], error?: { readonly error: unknown }) => Promise<unknown>,
  cancels = true,
): SinkFactory<unknown, unknown> {
  return (source$: Observable<unknown>, destination: Destination<unknown>): Consumption => {
    const writes: Promise<void>[] = [];
    let finish: (done: Promise<unknown>) => void = nothing;
    const done = new Promise((resolve) => (finish = resolve));
    const subscription = source$.subscribe({
      next: (item) => {
        const write = destination.write(item);
        write.catch(nothing);
        writes.push(write);
      },
      error: (error: unknown) => finish(end(writes, { error })),
      complete: () => finish(end(writes)),
    });
    return { done, cancel: () => cancels && subscription.unsubscribe() };
  };
}

async function allOf(writes: Promise<void>[], error?: { readonly error: unknown }): Promise<unknown> {
  if (error !== undefined) throw error.error;
  return Promise.all(writes);
}

const right = operatorSink(({ write }) => forEach(write));

/** Where every write of all its flows waits for the one before. */
let last: Promise<unknown> = Promise.resolve();

export const brokenSinks: readonly BrokenSink[] = [
  {
    name: 'loses the last batch when the source ends',
    rule: 'R-02',
    factory: operatorSink((to) => {
      let held: unknown[] = [];
      return forEach(async (item) => {
        held.push(item);
        if (held.length < 3) return;
        const batch = held;
        held = [];
        await to.write(batch);
      });
    }),
    promises: { bound: 6, contents: (items) => items as unknown[] },
  },
  {
    name: 'does not wait for the destination',
    rule: 'R-10',
    factory: careless(allOf),
    promises: { concurrency: Infinity, order: 'completion' },
  },
  {
    name: 'does more at once than it promises',
    rule: 'R-12',
    blames: 'R-24',
    factory: operatorSink((to) => forEach(to.write, { concurrency: 3 })),
    promises: { bound: 9, concurrency: 2, order: 'completion' },
  },
  {
    name: 'is done before the last write',
    rule: 'R-07',
    factory: careless(async (_, error) => {
      if (error !== undefined) throw error.error;
    }),
    promises: { bound: Infinity, concurrency: Infinity, order: 'completion' },
  },
  {
    name: 'says that all is well when the destination fails',
    rule: 'R-30',
    factory: operatorSink((to) => forEach((item) => to.write(item).catch(nothing))),
  },
  {
    name: 'says that all is well when the source fails',
    rule: 'R-30',
    factory: (source$, to) => {
      const done = lastValueFrom(source$.pipe(forEach(to.write)), { defaultValue: undefined }).catch(nothing);
      return { done, cancel: nothing };
    },
  },
  {
    name: 'wraps the error of the source',
    rule: 'R-15',
    factory: (source$, to) => {
      const { done, cancel } = operatorSink(({ write }) => forEach(write))(source$, to);
      return {
        done: Promise.resolve(done).catch((cause: unknown) => Promise.reject(new Error('wrapped', { cause }))),
        cancel,
      };
    },
  },
  {
    name: 'takes falsy items for none',
    rule: 'R-06',
    factory: operatorSink((to) => forEach(async (item) => (item ? to.write(item) : undefined))),
  },
  {
    name: 'goes on after it was cancelled',
    rule: 'R-40',
    blames: 'R-45',
    factory: (source$, to) => {
      const { done } = operatorSink(({ write }) => forEach(write))(source$, to);
      return { done, cancel: nothing };
    },
  },
  {
    name: 'is never done where nothing came',
    rule: 'R-03',
    factory: careless(async (writes, error) => (writes.length === 0 ? new Promise(nothing) : allOf(writes, error))),
    promises: { concurrency: Infinity, bound: Infinity, order: 'completion' },
  },
  {
    name: 'writes a heading before anything has come',
    rule: 'R-04',
    factory: (source$, to) => {
      void to.write('heading');
      return right(source$, to);
    },
  },
  {
    name: 'writes for all its flows in one line',
    rule: 'R-05',
    factory: operatorSink((to) => forEach((item) => (last = last.then(() => to.write(item))))),
  },
  {
    name: 'takes all that a source sends which cannot be paused, and tells nobody',
    rule: 'R-17',
    factory: careless(allOf),
    promises: { concurrency: Infinity, order: 'completion' },
  },
  {
    name: 'is done after a thousand items',
    rule: 'R-22',
    factory: operatorSink((to) => (source$) => source$.pipe(take(1_000), forEach(to.write))),
  },
  {
    name: 'gives undefined errors a value',
    rule: 'R-33',
    factory: (source$, to) => {
      const { done, cancel } = right(source$, to);
      const named = Promise.resolve(done).catch((error: unknown) => {
        throw error ?? new Error('unknown');
      });
      return { done: named, cancel };
    },
  },
  {
    name: 'is not to be cancelled twice',
    rule: 'R-41',
    factory: (source$, to) => {
      const { done, cancel } = right(source$, to);
      let isCancelled = false;
      return {
        done,
        cancel: () => {
          if (isCancelled) throw new Error('it has been cancelled');
          isCancelled = true;
          cancel();
        },
      };
    },
  },
  {
    name: 'leaves a timer behind',
    rule: 'R-42',
    factory: (source$, to) => {
      leaveTimer();
      return right(source$, to);
    },
  },
  {
    name: 'does not cancel the write under way',
    rule: 'R-42',
    factory: operatorSink((to) => forEach((item) => to.write(item, { signal: new AbortController().signal }))),
  },
];
