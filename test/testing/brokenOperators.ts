import {
  EMPTY,
  Observable,
  asyncScheduler,
  catchError,
  from,
  interval,
  mergeMap,
  observeOn,
  tap,
  throwError,
  timer,
  type OperatorFunction,
  type Subscription,
} from 'rxjs';
import { Stage, batch, buffered, operate, workerPool, type Connection } from 'sluice';
import { Gate, Waiter } from '../../src/core/gate.ts';
import type { OperatorCapabilities, OperatorFactory } from '../../src/testing/conform.ts';
import { leaveTimer } from './leftTimers.ts';
import { sendPastRxjs } from './sendPastRxjs.ts';

type Factory = OperatorFactory<unknown, unknown>;
type Capabilities = Omit<OperatorCapabilities<unknown, unknown>, 'kind' | 'name'>;

/** An operator that breaks a rule, and the rule of the check that has to see it. */
export interface Broken {
  readonly name: string;
  readonly rule: string;
  /** The rule that the failure names, where the check is about another. */
  readonly blames?: string;
  readonly factory: Factory;
  readonly promises: Capabilities;
}

/** A stage that holds two items and passes them on, to be broken in one place. */
class Pair extends Stage<unknown, unknown> {
  constructor(connection: Connection<unknown>, bound = 2) {
    super(connection, { name: 'pair', bound });
  }

  protected override step(): boolean {
    if (this.waiting.length === 0) return false;
    this.telemetry.completed++;
    this.deliver(this.waiting.shift());
    return true;
  }
}

const transparent: Capabilities = { bound: 0 };
const holdsTwo: Capabilities = { bound: 2 };
const pool: Capabilities = { bound: 6, concurrency: 2, order: 'completion' };
type Fn = Parameters<Factory>[0];
/** What `fn` gives, where it is told to give Observables. */
const inner = (fn: Fn, item: unknown): Observable<unknown> => fn(item) as Observable<unknown>;
const poolOf = (fn: Fn): OperatorFunction<unknown, unknown> => workerPool(fn, { concurrency: 2 });

class DropsWhenClosed extends Pair {
  override next(item: unknown): void {
    if (this.below.isOpen) super.next(item);
    else this.telemetry.in++;
  }
}

class HoldsErrors extends Pair {
  override error(error: unknown): void {
    this.below.wait(new Waiter(() => super.error(error)));
  }
}

class StopsAtUndefined extends Pair {
  protected override step(): boolean {
    const item = this.waiting.peek();
    if (item === undefined) {
      this.waiting.clear();
      return false;
    }
    return super.step();
  }
}

class ThrowsSurplusAway extends Pair {
  protected override admit(): boolean {
    this.telemetry.dropped++;
    return false;
  }
}

class OvertakesInside extends Pair {
  // What comes while it sends goes before what waits.
  override next(item: unknown): void {
    if (!this.draining) return super.next(item);
    const rest = Array.from({ length: this.waiting.length }, () => this.waiting.shift());
    this.waiting.push(item);
    this.telemetry.in++;
    for (const other of rest) this.waiting.push(other);
  }
}

class EndsTooSoon extends Pair {
  override complete(): void {
    this.finish();
  }
}

/** A gate and a queue by hand, which forgets that the gate below may open. */
function forgetsToWait(): OperatorFunction<unknown, unknown> {
  return operate(({ out, below }) => {
    const gate = new Gate(below.flow);
    const queue: unknown[] = [];
    let isComplete = false;
    const flush = (): void => {
      while (below.isOpen && queue.length > 0) out.next(queue.shift());
      if (queue.length < 2) gate.open();
      if (isComplete && queue.length === 0) out.complete();
    };
    return {
      gate,
      next(item) {
        queue.push(item);
        if (queue.length >= 2) gate.close();
        flush();
      },
      complete() {
        isComplete = true;
        flush();
      },
    };
  });
}

/** Waits at the gate below without ever leaving. */
function staysInTheQueue(): OperatorFunction<unknown, unknown> {
  return operate(({ out, below }) => {
    const waiter = new Waiter(() => {});
    return {
      next: (item) => {
        out.next(item);
        below.wait(waiter);
      },
      complete: () => out.complete(),
      // For ever: its waiter is queued again whenever it wakes.
      finalize: () => {
        below.close();
        below.wait(waiter);
      },
    };
  });
}

/** Wakes one of those that wait above it when the gate below opens, and the next when that one waits again: one that has ended never does. */
class OneByOne extends Gate {
  readonly #below: Gate;
  readonly #queue: Waiter[] = [];
  readonly #next = new Waiter(() => this.#queue.shift()?.wake());

  constructor(below: Gate) {
    super(below.flow);
    this.#below = below;
  }

  override get isOpen(): boolean {
    return this.#below.isOpen;
  }

  override wait(waiter: Waiter): void {
    this.#queue.push(waiter);
    this.#below.wait(this.#next);
  }
}

const plain =
  (next: (item: unknown, out: { next(value: unknown): void }) => void): Factory =>
  () =>
    operate(({ out }) => ({ next: (item) => next(item, out) }));

/** One for each thing that people get wrong. */
export const brokenOperators: readonly Broken[] = [
  {
    name: 'loses the last item when the source completes',
    rule: 'R-08',
    factory: () =>
      operate(({ out }) => {
        const held: unknown[] = [];
        return {
          next(item) {
            held.push(item);
            if (held.length > 1) out.next(held.shift());
          },
        };
      }),
    promises: { bound: 1, whenFull: 'merge' },
  },
  {
    name: 'emits after it has completed',
    rule: 'R-02',
    factory: () =>
      operate(({ out }) => ({
        next: (item) => out.next(item),
        complete() {
          out.complete();
          out.next('one more');
        },
      })),
    promises: transparent,
  },
  {
    name: 'completes twice',
    rule: 'R-02',
    factory: () =>
      operate(({ out }) => ({
        next: (item) => out.next(item),
        complete() {
          out.complete();
          out.complete();
        },
      })),
    promises: transparent,
  },
  {
    name: 'waits for a first item before it completes',
    rule: 'R-03',
    factory: () =>
      operate(({ out }) => {
        let isFirst = true;
        return {
          next(item) {
            isFirst = false;
            out.next(item);
          },
          complete: () => isFirst || out.complete(),
        };
      }),
    promises: transparent,
  },
  {
    name: 'starts a timer for a source that is silent, and never stops it',
    rule: 'R-04',
    blames: 'R-42',
    factory: () =>
      operate(({ out }) => {
        asyncScheduler.schedule(function again() {
          this.schedule(undefined, 10_000_000);
        }, 1);
        return { next: (item) => out.next(item) };
      }),
    promises: transparent,
  },
  {
    name: 'ignores that the consumer unsubscribes inside next',
    rule: 'R-41',
    blames: 'R-40',
    factory: () =>
      operate(({ out }) => {
        let held: unknown[] = [];
        const flush = (): void => {
          for (const item of held) out.next(item);
          held = [];
        };
        return {
          next: (item) => void (held.push(item) === 3 && flush()),
          complete() {
            flush();
            out.complete();
          },
        };
      }),
    promises: { bound: 3, whenFull: 'merge' },
  },
  {
    name: 'subscribes with an observer of its own',
    rule: 'R-23',
    factory: () => (source) =>
      new Observable((out) =>
        source.subscribe({
          next: (item) => out.next(item),
          error: (error) => out.error(error),
          complete: () => out.complete(),
        }),
      ),
    promises: transparent,
  },
  {
    name: 'goes on calling fn after unsubscribe',
    rule: 'R-41',
    blames: 'R-40',
    factory: (fn) =>
      operate(({ out }) => ({
        next: (item) => {
          timer(1).subscribe(() => out.next(fn(item)));
        },
      })),
    promises: { bound: Infinity, concurrency: Infinity },
  },
  {
    name: 'runs more at once than it promises',
    rule: 'R-24',
    factory: (fn) => workerPool(fn, { concurrency: 3, capacity: 3 }),
    promises: pool,
  },
  {
    name: 'gives results as they end where the order of the items was promised',
    rule: 'R-24',
    factory: poolOf,
    promises: { ...pool, order: 'input' },
  },
  {
    name: 'does not cancel the others when one fails',
    rule: 'R-30',
    factory: (fn) => poolOf((item) => fn(item, { signal: new AbortController().signal })),
    promises: { ...pool, takes: ['value', 'promise'] },
  },
  {
    name: 'does not cancel what runs on unsubscribe',
    rule: 'R-42',
    factory: (fn) => poolOf((item) => fn(item, { signal: new AbortController().signal })),
    promises: { ...pool, takes: ['value', 'promise'] },
  },
  {
    name: 'swallows errors',
    rule: 'R-30',
    factory: () => catchError(() => EMPTY),
    promises: transparent,
  },
  {
    name: 'replaces the error by one of its own',
    rule: 'R-30',
    factory: () => catchError((error) => throwError(() => new Error('wrapped', { cause: error }))),
    promises: transparent,
  },
  {
    name: 'gives undefined errors a value',
    rule: 'R-33',
    factory: () => catchError((error) => throwError((): unknown => error ?? new Error('unknown'))),
    promises: transparent,
  },
  {
    name: 'keeps its state in the call, shared by all subscriptions',
    rule: 'R-05',
    factory: () => {
      const held: unknown[] = [];
      return operate(({ out }) => ({
        next(item) {
          held.push(item);
          if (held.length > 1) out.next(held.shift());
        },
        complete() {
          for (const item of held.splice(0)) out.next(item);
          out.complete();
        },
      }));
    },
    promises: { bound: 1, whenFull: 'merge' },
  },
  {
    name: 'subscribes its source when it is made',
    rule: 'R-01',
    factory: () => (source) => {
      const items: unknown[] = [];
      source.subscribe({ next: (item) => items.push(item), error: () => {} });
      return from(items);
    },
    promises: transparent,
  },
  {
    name: 'buffers without a bound behind a closed gate',
    rule: 'R-10',
    factory: () => operate((connection) => new Pair(connection, Infinity)),
    promises: holdsTwo,
  },
  {
    name: 'sends through a closed gate',
    rule: 'R-10',
    factory: () => observeOn(asyncScheduler),
    promises: { bound: 1 },
  },
  {
    name: 'takes everything the source gives into a chain',
    rule: 'R-16',
    factory: () => operate((connection) => new Pair(connection, 20)),
    promises: holdsTwo,
  },
  {
    name: 'drops what arrives while the gate is closed',
    rule: 'R-11',
    factory: () => operate((connection) => new DropsWhenClosed(connection)),
    promises: holdsTwo,
  },
  {
    name: 'drops without saying so',
    rule: 'R-11',
    factory: () => buffered({ capacity: 2, overflow: 'dropOldest' }),
    promises: { bound: 2, whenFull: 'drop', drops: ['dropOldest'] },
  },
  {
    name: 'holds errors back behind a closed gate',
    rule: 'R-15',
    factory: () => operate((connection) => new HoldsErrors(connection)),
    promises: holdsTwo,
  },
  {
    name: 'recurses where works end synchronously',
    rule: 'R-22',
    factory: (fn) => mergeMap((item) => inner(fn, item), 1),
    promises: { bound: Infinity, concurrency: 1, takes: ['observable'] },
  },
  {
    name: 'does not notice that the gate opens',
    rule: 'R-12',
    factory: forgetsToWait,
    promises: holdsTwo,
  },
  {
    name: 'waits at the gate after its end',
    rule: 'R-04',
    blames: 'R-55',
    factory: staysInTheQueue,
    promises: transparent,
  },
  {
    name: 'takes undefined for the end',
    rule: 'R-06',
    factory: () => operate((connection) => new StopsAtUndefined(connection)),
    promises: holdsTwo,
  },
  {
    name: 'completes before what runs has ended',
    rule: 'R-07',
    factory: (fn) =>
      operate(({ out }) => ({
        next: (item) => void inner(fn, item).subscribe((value) => out.next(value)),
        complete: () => out.complete(),
      })),
    promises: { bound: 9, concurrency: 9, takes: ['observable'] },
  },
  {
    name: 'completes before what it holds has left',
    rule: 'R-07',
    factory: () => operate((connection) => new EndsTooSoon(connection)),
    promises: holdsTwo,
  },
  {
    name: 'throws away what a source sends too much',
    rule: 'R-17',
    factory: () => operate((connection) => new ThrowsSurplusAway(connection)),
    promises: holdsTwo,
  },
  {
    name: 'opens its gate for each item where a burst was promised',
    rule: 'R-18',
    factory: () => buffered({ capacity: 8 }),
    promises: { bound: 8, burst: 4 },
  },
  {
    name: 'lets what arrives inside next overtake what waits',
    rule: 'R-20',
    factory: () => operate((connection) => new OvertakesInside(connection)),
    promises: holdsTwo,
  },
  {
    name: 'loses what is delivered before a failure',
    rule: 'R-31',
    factory: (fn) => (source) =>
      source.pipe(
        workerPool(fn),
        batch({ size: 100 }),
        mergeMap((items) => from(items)),
      ),
    promises: { bound: 104, concurrency: 1 },
  },
  {
    name: 'says nothing of an error that comes too late',
    rule: 'R-32',
    factory: (fn) =>
      operate(({ out }) => ({
        next: (item) =>
          void Promise.resolve(fn(item)).then(
            (value) => out.next(value),
            (error: unknown) => void (out.closed || out.error(error)),
          ),
      })),
    promises: { bound: 9, concurrency: 9, takes: ['value', 'promise'] },
  },
  {
    name: 'stops letting go where one teardown throws',
    rule: 'R-35',
    blames: 'R-42',
    factory: () => (source) =>
      new Observable((out) => {
        const beat = timer(0, 1_000_000_000).subscribe();
        const subscription = source.subscribe({ next: (item) => out.next(item) });
        return () => {
          subscription.unsubscribe();
          beat.unsubscribe();
        };
      }),
    promises: transparent,
  },
  {
    name: 'stops at an item that it should skip',
    rule: 'R-36',
    factory: poolOf,
    promises: { ...pool, onError: 'skip' },
  },
  {
    name: 'swallows the failure of a dead letter',
    rule: 'R-36',
    factory: (fn, { deadLetter }) =>
      workerPool(fn, {
        concurrency: 2,
        onError: {
          deadLetter: (letter) => {
            try {
              deadLetter(letter);
            } catch {
              // Forgotten.
            }
          },
        },
      }),
    promises: { ...pool, onError: 'deadLetter' },
  },
  {
    name: 'hands a dead letter over twice',
    rule: 'R-37',
    factory: (fn, { deadLetter }) =>
      workerPool(fn, {
        concurrency: 2,
        onError: {
          deadLetter: (letter) => {
            deadLetter(letter);
            deadLetter(letter);
          },
        },
      }),
    promises: { ...pool, onError: 'deadLetter' },
  },
  {
    name: 'leaves its source subscribed',
    rule: 'R-45',
    factory: () => (source) =>
      new Observable((out) => {
        source.subscribe({
          next: (item) => out.next(item),
          error: (error) => out.error(error),
          complete: () => out.complete(),
        });
      }),
    promises: transparent,
  },
  {
    name: 'measures with the wall clock',
    rule: 'R-50',
    factory: () => {
      let last = -Infinity;
      return (source) =>
        source.pipe(
          tap(),
          operate(({ out }) => ({
            next(item) {
              // oxlint-disable-next-line no-restricted-properties -- what must not be done
              const now = Date.now();
              if (now - last < 60_000) out.next(item);
              last = now;
            },
          })),
        );
    },
    promises: { bound: 0, time: {} },
  },
  {
    name: 'starts a timer of a second and forgets it',
    rule: 'R-42',
    factory: () =>
      operate(({ out }) => {
        asyncScheduler.schedule(() => {}, 1_000);
        return { next: (item) => out.next(item) };
      }),
    promises: transparent,
  },
  {
    name: 'starts a timer of a second where it is made',
    rule: 'R-01',
    factory: () => {
      asyncScheduler.schedule(() => {}, 1_000);
      return tap();
    },
    promises: transparent,
  },
  {
    name: 'follows one timer of 0 ms by another without end',
    rule: 'R-04',
    factory: () => (source) =>
      new Observable((out) => {
        const beat = interval(0).subscribe();
        beat.add(source.subscribe(out));
        return beat;
      }),
    promises: transparent,
  },
  {
    name: 'loses the end if it comes inside a value',
    rule: 'R-21',
    factory: () =>
      operate(({ out }) => {
        let isInside = false;
        return {
          next(item) {
            isInside = true;
            out.next(item);
            isInside = false;
          },
          complete() {
            if (!isInside) out.complete();
          },
        };
      }),
    promises: transparent,
  },
  {
    name: 'throws when the gate below opens after its end',
    rule: 'R-13',
    factory: () =>
      operate(({ out, below }) => {
        const waiter = new Waiter(() => {
          throw new Error('there is nobody left to be woken');
        });
        return {
          next: (item) => out.next(item),
          finalize: () => void (below.isOpen || below.wait(waiter)),
        };
      }),
    promises: transparent,
  },
  {
    name: 'wakes one that has ended, and nobody after it',
    rule: 'R-14',
    factory: () => operate(({ out, below }) => ({ gate: new OneByOne(below), next: (item) => out.next(item) })),
    promises: transparent,
  },
  {
    name: 'takes what the consumer throws for a failure of the item',
    rule: 'R-34',
    factory: () => operate(({ out }) => ({ next: (item) => sendPastRxjs(out, item) })),
    promises: transparent,
  },
  {
    name: 'goes on sending for a while after unsubscribe',
    rule: 'R-40',
    factory: () =>
      operate(({ out }) => {
        const send = (item: unknown, times: number): void => {
          const beat = setTimeout(() => {
            out.next(item);
            if (times > 1) send(item, times - 1);
          }, 10);
          // Else it would be seen by that.
          beat.unref();
        };
        return { next: (item) => send(item, 20) };
      }),
    promises: { bound: Infinity, isAsync: true },
  },
  {
    name: 'starts a timer of Node.js and forgets it',
    rule: 'R-42',
    factory: () =>
      operate(({ out }) => {
        leaveTimer();
        return { next: (item) => out.next(item) };
      }),
    promises: { bound: 0, isAsync: true },
  },
  {
    name: 'begins what nobody ends where the consumer has gone already',
    rule: 'R-44',
    factory: () => (source) =>
      new Observable((out) => {
        const begun: Subscription[] = [];
        out.add(() => begun.forEach((it) => it.unsubscribe()));
        begun.push(interval(1_000_000).subscribe());
        source.subscribe(out);
      }),
    promises: transparent,
  },
  {
    name: 'delivers an error while Observables of other items go on',
    rule: 'R-30',
    factory: (fn) => mergeMap((item) => inner(fn, item)),
    promises: { bound: Infinity, concurrency: Infinity, order: 'completion', takes: ['observable'] },
  },
  {
    name: 'starts a timer that no timer can keep',
    rule: 'R-51',
    factory: plain((item, out) => out.next(item)),
    promises: {
      bound: 0,
      time: {
        delay: (ms) => mergeMap((item) => timer(ms).pipe(mergeMap(() => [item]))),
      },
    },
  },
];
