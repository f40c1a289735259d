import {
  Observable,
  Subject,
  concat,
  finalize,
  from,
  interval,
  map,
  observable,
  of,
  take,
  throwError,
  type Subscriber,
} from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { GATE, gateBelow, subscribing } from '../../src/core/demand.ts';
import type { FailedItem, FlowNode } from '../../src/core/flow.ts';
import { Gate } from '../../src/core/gate.ts';
import { hooks } from '../../src/core/hooks.ts';
import { operate, type Inlet, type OperatorConnection } from '../../src/core/operate.ts';
import { fromIterable } from '../../src/sources/fromIterable.ts';
import { Stage } from '../../src/core/stage.ts';
import { Probe } from './Probe.ts';
import { TestFlow } from './TestFlow.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

/** An operator that passes everything on, with `inlet` in the place of what it names. */
function passing<T>(inlet: (connection: OperatorConnection<T>) => Partial<Inlet<T>> = () => ({})) {
  return operate<T, T>((connection) => ({ next: (item) => connection.out.next(item), ...inlet(connection) }));
}

function record<T>(source: Observable<T>): unknown[] {
  const log: unknown[] = [];
  source.subscribe({
    next: (value) => log.push(value),
    error: (error: unknown) => log.push(error),
    complete: () => log.push('completed'),
  });
  return log;
}

const bad = new Error('bad');
const fail = (): never => {
  throw bad;
};

/** Hears of what fails. */
class ToldFlow extends TestFlow {
  readonly told: unknown[][] = [];

  failed(error: unknown, { name }: FlowNode, slot?: FailedItem | null): void {
    this.told.push([error, name, slot]);
  }
}

/** A stage that does not take a 7. */
class Picky extends Stage<number, number> {
  override next(item: number): void {
    if (item === 7) throw bad;
    super.next(item);
  }

  protected override step(): boolean {
    if (this.waiting.length === 0) return false;
    this.telemetry.completed++;
    this.deliver(this.waiting.shift()!);
    return true;
  }
}

const pick = (name: string) => operate<number, number>((connection) => new Picky(connection, { name, bound: 1 }));

/** Gives `found` the gate that a source here finds. */
const finding = (found: (gate: Gate) => void) =>
  new Observable<number>((subscriber) => {
    found(gateBelow(subscriber));
  });

describe('an operator', () => {
  test('passes on what it does not take for itself, in the same frame', () => {
    new TestScheduler((actual, expected) => expect(actual).toEqual(expected)).run(({ cold, expectObservable }) => {
      for (const diagram of ['-a-b-|', '-a-#', '|', '#', '-', '(ab|)']) {
        expectObservable(cold(diagram).pipe(passing())).toBe(diagram);
      }
      expectObservable(cold('-a-b-').pipe(passing()), '----!').toBe('-a-b-');
    });
  });

  test('may take the error, or the end, for itself', () => {
    const instead = passing<unknown>(({ out }) => ({
      error: (error) => {
        out.next(error);
        out.complete();
      },
      complete: () => {
        out.next('end');
        out.complete();
      },
    }));
    expect(record(throwError(() => bad).pipe(instead))).toEqual([bad, 'completed']);
    expect(record(of(1).pipe(instead))).toEqual([1, 'end', 'completed']);
  });

  test('that keeps an error or the end to itself has left its source all the same', () => {
    const log: string[] = [];
    const source = (end: (subscriber: Subscriber<number>) => void, name: string) =>
      new Observable<number>((subscriber) => {
        subscriber.add(() => log.push(`${name} is left`));
        end(subscriber);
      });
    const silent = passing<number>(() => ({
      error: () => log.push('error'),
      complete: () => log.push('end'),
    }));
    record(source((subscriber) => subscriber.error(bad), 'one that fails').pipe(silent));
    record(source((subscriber) => subscriber.complete(), 'one that ends').pipe(silent));
    expect(log).toEqual(['error', 'one that fails is left', 'end', 'one that ends is left']);
  });

  test('is connected anew for every subscription', () => {
    let connected = 0;
    const numbers = of(1, 2).pipe(
      operate<number, number>(({ out }) => {
        const id = ++connected;
        return { next: (n) => out.next(id * 10 + n) };
      }),
    );
    expect(connected).toBe(0);
    expect([record(numbers), record(numbers)]).toEqual([
      [11, 12, 'completed'],
      [21, 22, 'completed'],
    ]);
  });

  test.each<[string, (source: Observable<number>) => Observable<number>]>([
    ['take', (source) => source.pipe(take(3))],
    ['an unsubscribe in the consumer', unsubscribeAt(3)],
  ])('stops a source that emits synchronously: %s', (_, stop) => {
    let emitted = 0;
    let torn = 0;
    // It looks at `closed`, as every source of RxJS does, and nothing else tells it.
    const source = new Observable<number>((subscriber) => {
      while (!subscriber.closed && emitted < 1000) subscriber.next(emitted++);
      return () => torn++;
    });
    record(source.pipe(passing(), map(Number), passing(), stop));
    expect([emitted, torn]).toEqual([3, 1]);
  });

  test('unsubscribes its source when it completes by itself', () => {
    const source = new Subject<number>();
    const log = record(
      source.pipe(
        passing(({ out }) => ({
          next: (n) => {
            out.next(n);
            if (n === 2) out.complete();
          },
        })),
      ),
    );
    for (const n of [1, 2, 3]) source.next(n);
    expect([log, source.observed]).toEqual([[1, 2, 'completed'], false]);
  });

  test('sends nothing after its end', () => {
    const rude = new Observable<number>((subscriber) => {
      subscriber.next(1);
      subscriber.complete();
      subscriber.next(2);
      subscriber.error(bad);
    });
    expect(record(rude.pipe(passing()))).toEqual([1, 'completed']);
  });
});

describe('an error thrown', () => {
  test('in next ends the flow and unsubscribes the source', () => {
    const source = new Subject<number>();
    const log = record(
      source.pipe(
        passing(() => ({
          next: () => {
            throw bad;
          },
        })),
      ),
    );
    source.next(1);
    expect([log, source.observed]).toEqual([[bad], false]);
  });

  test('R-32: in next, after that has unsubscribed, is late, and the source hears nothing of it', () => {
    const late = vi.spyOn(hooks, 'lateError').mockImplementation(() => {});
    const flow = new TestFlow();
    const quits: Partial<Inlet<number>>[] = [{}, { name: 'mine' }, { name: 'counted', gate: new Gate(flow) }];
    for (const inlet of quits) {
      const source = new Subject<number>();
      const log: unknown[] = [];
      const next = (): void => {
        subscription.unsubscribe();
        throw bad;
      };
      const subscription = source.pipe(passing<number>(() => ({ ...inlet, next }))).subscribe({
        error: (error: unknown) => log.push(error),
      });
      source.next(1);
      expect([log, source.observed]).toEqual([[], false]);
    }
    expect(late.mock.calls).toEqual([
      [bad, 'operate'],
      [bad, 'mine'],
    ]);
    expect(flow.lateErrors).toEqual([{ error: bad, stage: 'counted' }]);
  });

  test('in next, after the source has ended, still ends the flow', () => {
    const source = new Subject<number>();
    const log = record(
      source.pipe(
        passing(() => ({
          next: () => {
            source.complete();
            throw bad;
          },
          // As a stage that still holds something.
          complete: () => {},
        })),
      ),
    );
    source.next(1);
    expect(log).toEqual([bad]);
  });

  test('in next is told to the run with the item and its place, and by what is below as one from above', () => {
    const flow = new ToldFlow();
    const source = new Subject<number>();
    const probe = new Probe<number>(flow).subscribe(source.pipe(pick('first'), pick('second')));
    for (const n of [5, 6, 7]) source.next(n);
    expect([probe.values, probe.error]).toEqual([[5, 6], bad]);
    expect(flow.told.slice(0, 2)).toEqual([
      [bad, 'first', { item: 7, index: 2 }],
      [bad, 'second', null],
    ]);
  });

  test('above is told to the run as one from above', () => {
    const flow = new ToldFlow();
    const source = new Subject<number>();
    new Probe<number>(flow).subscribe(source.pipe(pick('first')));
    source.error(bad);
    expect(flow.told[0]).toEqual([bad, 'first', null]);
  });

  test('in connect fails the subscription, and nothing is subscribed', () => {
    let subscribed = 0;
    const source = new Observable<number>(() => {
      subscribed++;
    });
    const log = record(
      source.pipe(
        operate(() => {
          throw bad;
        }),
      ),
    );
    expect([log, subscribed]).toEqual([[bad], 0]);
  });

  test('by a source while it is subscribed leaves no stage behind as the one that is subscribing', () => {
    const source = new Observable<number>(() => {
      throw bad;
    });
    expect(record(source.pipe(passing(() => ({ gate: new Gate() }))))).toEqual([bad]);
    expect(subscribing).toBe(undefined);
  });
});

describe('finalize', () => {
  test.each<[string, () => Observable<number>, (source: Observable<number>) => Observable<number>]>([
    ['completion', () => of(1), (s) => s],
    ['an error from above', () => throwError(() => bad), (s) => s],
    ['take', () => of(1, 2, 3), (s) => s.pipe(take(1))],
    ['an unsubscribe while the source emits', () => of(1, 2, 3), unsubscribeAt(2)],
    ['an unsubscribe later', () => new Subject<number>(), unsubscribeAt(0)],
    [
      'an error below',
      () => of(1, 2),
      map(() => {
        throw bad;
      }),
    ],
  ])('is called once: %s', (_, source, end) => {
    const log: string[] = [];
    record(
      source().pipe(
        finalize(() => log.push('source')),
        passing(() => ({ finalize: () => log.push('operator') })),
        end,
      ),
    );
    expect(log.toSorted()).toEqual(['operator', 'source']);
  });

  test('is called once if next throws, and if connect has already ended the flow', () => {
    let finalized = 0;
    const inlet = { finalize: () => finalized++ };
    record(of(1).pipe(passing(() => ({ ...inlet, next: fail }))));
    expect(finalized).toBe(1);
    let subscribed = 0;
    const source = new Observable<number>(() => {
      subscribed++;
    });
    const log = record(
      source.pipe(
        passing(({ out }) => {
          out.complete();
          return inlet;
        }),
      ),
    );
    expect([finalized, subscribed, log]).toEqual([2, 0, ['completed']]);
  });
});

describe('the gate', () => {
  test('of an operator that holds items is found by what is above it, and it finds the one below', () => {
    const [upper, lower] = [new Gate(), new Gate()];
    let found: Gate | undefined;
    let below: Gate | undefined;
    record(
      finding((gate) => (found = gate)).pipe(
        map(Number),
        passing((connection) => {
          ({ below } = connection);
          return { gate: upper };
        }),
        map(Number),
        passing(() => ({ gate: lower })),
      ),
    );
    expect([found === upper, below === lower]).toEqual([true, true]);
  });

  test('is seen through an operator that holds none', () => {
    const gate = new Gate();
    let found: Gate | undefined;
    record(
      finding((each) => (found = each)).pipe(
        passing(),
        passing(),
        map(Number),
        passing(() => ({ gate })),
      ),
    );
    expect(found).toBe(gate);
  });

  test('is always open where there is no stage', () => {
    let found: Gate | undefined;
    record(finding((each) => (found = each)).pipe(passing()));
    expect([found!.isOpen, found!.flow]).toEqual([true, undefined]);
  });

  test('carried by a subscriber of another copy of this package is found', () => {
    expect(GATE).toBe(Symbol.for('sluice.gate'));
  });

  test('of the stage that is subscribing is not that of what subscribes while a source emits', () => {
    const gate = new Gate();
    let found: Gate | undefined;
    const other = finding((each) => (found = each));
    record(
      of(1).pipe(
        passing(({ out }) => ({
          gate,
          next: (n) => {
            // On its own account: nothing of it comes through here.
            other.subscribe();
            out.next(n);
          },
        })),
      ),
    );
    expect(found !== gate && found!.isOpen).toBe(true);
  });

  test.each<[string, (source: Observable<number>) => Observable<number>]>([
    ['after a source has emitted through an operator', (source) => concat(of(1).pipe(passing()), source)],
    ['above an operator that holds nothing', (source) => source.pipe(passing())],
  ])('of the stage that is subscribing is still found %s, where the chain is broken', (_, above) => {
    const gate = new Gate();
    let found: Gate | undefined;
    const source = finding((each) => (found = each));
    const broken = new Observable<number>((subscriber) => source.subscribe({ next: (n) => subscriber.next(n) }));
    record(above(broken).pipe(passing(() => ({ gate }))));
    expect(found).toBe(gate);
    expect(subscribing).toBe(undefined);
  });
});

describe('a source that is no Observable of this RxJS', () => {
  test('works by way of from, and is unsubscribed', () => {
    let unsubscribed = 0;
    const foreign: object = {
      subscribe(observer: { next(value: number): void }) {
        for (const n of [1, 2, 3]) observer.next(n);
        return { unsubscribe: () => unsubscribed++ };
      },
      // oxlint-disable-next-line typescript/no-deprecated -- What RxJS itself looks for.
      [observable]: () => foreign,
    };
    const log = record(from(foreign as unknown as Observable<number>).pipe(passing(), take(2)));
    expect(log).toEqual([1, 2, 'completed']);
    expect(unsubscribed).toBe(1);
  });

  test('R-21: an operator works above and below stock operators that subscribe it late', () => {
    new TestScheduler((actual, expected) => expect(actual).toEqual(expected)).run(({ expectObservable }) => {
      const numbers = interval(2).pipe(take(2), passing());
      expectObservable(numbers).toBe('--a-(b|)', { a: 0, b: 1 });
      expectObservable(fromIterable([1, 2]).pipe(passing())).toBe('(ab|)', { a: 1, b: 2 });
    });
  });
});

/** Unsubscribes from below after so many values; with 0 once it has been subscribed. */
function unsubscribeAt(count: number): (source: Observable<number>) => Observable<number> {
  return (source) =>
    new Observable((subscriber) => {
      let taken = 0;
      source
        .pipe(passing(({ out }) => ({ next: () => void (++taken === count && out.unsubscribe()) })))
        .subscribe(subscriber);
      if (count === 0) subscriber.unsubscribe();
    });
}
