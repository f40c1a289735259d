import { Observable, asyncScheduler, catchError, from, interval, throwError, type Subscription } from 'rxjs';
import { demand, fromIterable } from 'sluice';
import { Waiter } from '../../src/core/gate.ts';
import { GATE, gateBelow } from '../../src/core/demand.ts';
import type { SourceCapabilities, SourceFactory } from '../../src/testing/conform.ts';
import { sendPastRxjs } from './sendPastRxjs.ts';

/** A source that breaks a rule, and the rule of the check that has to see it. */
export interface BrokenSource {
  readonly name: string;
  readonly rule: string;
  /** The rule that the failure names, where the check is about another. */
  readonly blames?: string;
  readonly factory: SourceFactory<unknown>;
  readonly promises?: Omit<SourceCapabilities<unknown>, 'kind' | 'name'>;
}

/** A source made with `demand`, of which `step` says what to do with each value. */
function made(
  items: Iterable<unknown>,
  step: (value: unknown, below: { send(value: unknown): void }) => void,
): Observable<unknown> {
  return new Observable((subscriber) => {
    const iterator = items[Symbol.iterator]();
    let isOver = false;
    subscriber.add(() => isOver || iterator.return?.());
    demand(subscriber, { name: 'made' }, (below) => {
      while (below.wants()) {
        const next = iterator.next();
        if (next.done === true) {
          isOver = true;
          return subscriber.complete();
        }
        // To ask for it may have ended the subscription.
        if (!subscriber.closed) step(next.value, below);
      }
    });
  });
}

export const brokenSources: readonly BrokenSource[] = [
  { name: 'takes its items when it is made', rule: 'R-01', factory: (items) => from([...items]) },
  {
    name: 'completes twice',
    rule: 'R-02',
    factory: (items) =>
      new Observable((out) => {
        for (const item of items) out.next(item);
        out.complete();
        out.complete();
      }),
  },
  {
    name: 'waits for a first item before it completes',
    rule: 'R-03',
    factory: (items) =>
      new Observable((out) => {
        let last: unknown = out;
        for (const item of items) out.next((last = item));
        if (last !== out) out.complete();
      }),
  },
  {
    name: 'shares one iterator between its subscriptions',
    rule: 'R-05',
    factory: (items) => {
      const rest = items[Symbol.iterator]();
      return fromIterable({ [Symbol.iterator]: () => rest });
    },
  },
  {
    name: 'takes undefined for the end',
    rule: 'R-06',
    factory: (items) =>
      new Observable((out) => {
        for (const item of items) if (item !== undefined) out.next(item);
        out.complete();
      }),
  },
  { name: 'ignores the gate', rule: 'R-10', factory: (items) => from(items) },
  {
    name: 'makes one more than it is asked for',
    rule: 'R-10',
    factory: (items) => {
      return new Observable((subscriber) => {
        const iterator = items[Symbol.iterator]();
        let next = iterator.next();
        subscriber.add(() => next.done === true || iterator.return?.());
        demand(subscriber, { name: 'ahead' }, (below) => {
          while (next.done !== true && below.wants()) {
            const { value } = next;
            next = iterator.next();
            below.send(value);
          }
          if (next.done === true) subscriber.complete();
        });
      });
    },
  },
  {
    name: 'loses what it has made when the gate closes meanwhile',
    rule: 'R-12',
    blames: 'R-10',
    factory: (items) =>
      new Observable((subscriber) => {
        const iterator = items[Symbol.iterator]();
        let isOver = false;
        subscriber.add(() => isOver || iterator.return?.());
        demand(subscriber, { name: 'forgetful' }, (below) => {
          while (below.wants()) {
            const [a, b] = [iterator.next(), iterator.next()];
            if (a.done !== true) below.send(a.value);
            if (b.done !== true && below.wants()) below.send(b.value);
            isOver = b.done === true;
            if (isOver) return subscriber.complete();
          }
        });
      }),
    promises: { slack: 1 },
  },
  {
    name: 'waits at the gate after it was unsubscribed',
    rule: 'R-42',
    blames: 'R-55',
    factory: (items) =>
      new Observable((subscriber) => {
        const gate = gateBelow(subscriber);
        const iterator = items[Symbol.iterator]();
        let isOver = false;
        subscriber.add(() => isOver || iterator.return?.());
        const waiter = new Waiter(() => produce());
        const produce = (): void => {
          while (!subscriber.closed) {
            if (!gate.isOpen) return gate.wait(waiter);
            const next = iterator.next();
            if (next.done !== true) subscriber.next(next.value);
            else {
              isOver = true;
              subscriber.complete();
            }
          }
        };
        produce();
      }),
  },
  {
    name: 'looks for a gate only where it is subscribed, and not further down',
    rule: 'R-16',
    blames: 'R-10',
    factory: (items) =>
      new Observable((subscriber) => {
        const found = GATE in subscriber;
        return (found ? fromIterable(items) : from(items)).subscribe(subscriber);
      }),
  },
  {
    name: 'recurses from item to item',
    rule: 'R-22',
    factory: (items) =>
      new Observable((subscriber) => {
        const iterator = items[Symbol.iterator]();
        let isOver = false;
        subscriber.add(() => isOver || iterator.return?.());
        demand(subscriber, { name: 'recursive' }, function produce(below) {
          if (!below.wants()) return;
          const next = iterator.next();
          isOver = next.done === true;
          if (next.done === true) return subscriber.complete();
          below.send(next.value);
          produce(below);
        });
      }),
  },
  {
    name: 'does not look whether it is unsubscribed',
    rule: 'R-23',
    factory: (items) =>
      new Observable((out) => {
        for (const item of items) out.next(item);
        out.complete();
      }),
  },
  {
    name: 'replaces its error',
    rule: 'R-30',
    factory: (items) =>
      fromIterable(items).pipe(catchError((cause) => throwError(() => new Error('wrapped', { cause })))),
  },
  {
    name: 'swallows its error',
    rule: 'R-30',
    factory: (items) => fromIterable(items).pipe(catchError(() => [])),
  },
  {
    name: 'does not close its iterator',
    rule: 'R-41',
    blames: 'R-42',
    factory: (items) => {
      return fromIterable(() => {
        const iterator = items[Symbol.iterator]();
        return { [Symbol.iterator]: () => ({ next: () => iterator.next() }) };
      });
    },
  },
  {
    name: 'polls the gate with a timer that it leaves running',
    rule: 'R-42',
    factory: (items) =>
      new Observable((out) => {
        asyncScheduler.schedule(function poll() {
          this.schedule(undefined, 60_000_000);
        }, 1);
        return made(items, (value, below) => below.send(value)).subscribe(out);
      }),
  },
  {
    name: 'throws when the gate opens after its end',
    rule: 'R-13',
    factory: (items) =>
      new Observable((subscriber) => {
        const gate = gateBelow(subscriber);
        const waiter = new Waiter(() => {
          throw new Error('there is nobody left to be woken');
        });
        subscriber.add(() => gate.isOpen || gate.wait(waiter));
        return fromIterable(items).subscribe(subscriber);
      }),
  },
  {
    name: 'closes the gate for everyone when it is woken after its end',
    rule: 'R-14',
    factory: (items) =>
      new Observable((subscriber) => {
        const gate = gateBelow(subscriber);
        if (!gate.isOpen) gate.wait(new Waiter(() => void (subscriber.closed && gate.close())));
        return fromIterable(items).subscribe(subscriber);
      }),
  },
  {
    name: 'looks at the gate once for three items',
    rule: 'R-21',
    blames: 'R-10',
    factory: (items) =>
      new Observable((subscriber) => {
        const iterator = items[Symbol.iterator]();
        let isOver = false;
        subscriber.add(() => isOver || iterator.return?.());
        demand(subscriber, { name: 'by threes' }, (below) => {
          while (below.wants()) {
            for (let i = 0; i < 3; i++) {
              const next = iterator.next();
              isOver = next.done === true;
              if (next.done === true) return subscriber.complete();
              below.send(next.value);
            }
          }
        });
      }),
    promises: { slack: 2 },
  },
  {
    name: 'gives undefined errors a value',
    rule: 'R-33',
    factory: (items) =>
      fromIterable(items).pipe(catchError((error) => throwError((): unknown => error ?? new Error('unknown')))),
  },
  {
    name: 'takes what the consumer throws for a failure of its own',
    rule: 'R-34',
    factory: (items) =>
      new Observable((out) => {
        for (const item of items) {
          if (out.closed) return;
          sendPastRxjs(out, item);
        }
        out.complete();
      }),
  },
  {
    name: 'goes on when the gate opens after it was unsubscribed',
    rule: 'R-40',
    factory: (items) =>
      new Observable((subscriber) => {
        const gate = gateBelow(subscriber);
        const iterator = items[Symbol.iterator]();
        const waiter = new Waiter(() => produce());
        const produce = (): void => {
          while (gate.isOpen) {
            const next = iterator.next();
            if (next.done === true) return subscriber.complete();
            subscriber.next(next.value);
          }
          gate.wait(waiter);
        };
        produce();
      }),
  },
  {
    name: 'begins what nobody ends where the consumer has gone already',
    rule: 'R-44',
    factory: (items) =>
      new Observable((out) => {
        const begun: Subscription[] = [];
        out.add(() => begun.forEach((it) => it.unsubscribe()));
        begun.push(interval(1_000_000).subscribe());
        return fromIterable(items).subscribe(out);
      }),
  },
];

/** A source of one's own that is right. */
export const rightSource: SourceFactory<unknown> = (items) => made(items, (value, below) => below.send(value));
