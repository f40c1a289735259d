import fc from 'fast-check';
import { NEVER, of, Subject, take, type MonoTypeOperatorFunction, type Observable, type OperatorFunction } from 'rxjs';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { conflate } from '../../src/operators/conflate.ts';
import { fromIterable } from '../../src/sources/fromIterable.ts';
import { marbles } from '../../src/testing/marbles.ts';
import { Probe } from '../core/Probe.ts';
import { TestFlow } from '../core/TestFlow.ts';
import { thrownBy } from './badOptions.ts';

const joined = conflate({ merge: (held: string, next: string) => held + next });
const lists = <T>(): OperatorFunction<T, T[]> =>
  conflate({ seed: (n: T) => [n], aggregate: (all, n: T) => [...all, n] });

describe('conflate', () => {
  test('does what the diagram in its comment says', () => {
    marbles(({ cold, gated, expectObservable }) => {
      const demand = gated<string>('o-x--o---');
      const source = cold('         -abc--d-|');
      const expected = '            -a---xd-|';
      expectObservable(source.pipe(joined, demand)).toBe(expected, { a: 'a', x: 'bc', d: 'd' });
    });
  });

  test('many items through an open gate pass as they are', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('a-(bcd)-e|');
      const subs = '       ^--------!';
      expectObservable(source.pipe(joined)).toBe('a-(bcd)-e|');
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('R-03, R-04: an empty source and one that says nothing', () => {
    marbles(({ cold, expectObservable }) => {
      expectObservable(cold('---|').pipe(joined)).toBe('---|');
      expectObservable(NEVER.pipe(joined), '---!').toBe('----');
    });
  });

  test('completes when what is held has left', () => {
    marbles(({ cold, gated, expectObservable }) => {
      const demand = gated<string>('x----o');
      const source = cold('         abc|  ');
      const expected = '            -----(x|)';
      expectObservable(source.pipe(joined, demand)).toBe(expected, { x: 'abc' });
    });
  });

  test('R-15: an error passes a closed gate at once', () => {
    marbles(({ cold, gated, expectObservable }) => {
      expectObservable(cold('ab-#').pipe(joined, gated('x'))).toBe('---#');
    });
  });

  test('an early unsubscribe reaches the source; R-05: two subscriptions hold for themselves', () => {
    const source = new Subject<string>();
    const shared = source.pipe(joined);
    const [a, b] = [new Probe<string>(), new Probe<string>()];
    for (const probe of [a, b]) {
      probe.close();
      probe.subscribe(shared);
      source.next('x');
    }
    b.open();
    a.open();
    expect([a.values, b.values]).toEqual([['xx'], ['x']]);
    for (const probe of [a, b]) probe.unsubscribe();
    expect(source.observed).toBe(false);
  });

  test('R-23: a synchronous source stops with take', () => {
    let made = 0;
    fromIterable(function* () {
      for (;;) yield String(made++);
    })
      .pipe(joined, take(3))
      .subscribe();
    expect(made).toBe(3);
  });

  test('with seed the first of a group goes through that, also alone', () => {
    const source = new Subject<number>();
    const probe = new Probe<number[]>().subscribe(source.pipe(lists()));
    source.next(1);
    probe.close();
    for (const n of [2, 3, 4]) source.next(n);
    probe.allow(1);
    source.next(5);
    probe.open();
    expect(probe.values).toEqual([[1], [2, 3, 4], [5]]);
    probe.unsubscribe();
  });

  test('falsy values are held like others', () => {
    const probe = new Probe<unknown>();
    probe.close();
    probe.subscribe(of(undefined, undefined).pipe(conflate<unknown>({ merge: () => undefined })));
    probe.open();
    expect([probe.values, probe.ended]).toEqual([[undefined], 'completed']);
  });

  test('R-20: what a value makes the consumer send comes after it, unmerged while the gate is open', () => {
    const source = new Subject<number>();
    const probe = new Probe<number[]>();
    probe.onNext = ([n]) => {
      if (n === 1) [2, 3].forEach((next) => source.next(next));
    };
    probe.subscribe(source.pipe(lists()));
    source.next(1);
    expect(probe.values).toEqual([[1], [2], [3]]);
    probe.unsubscribe();
  });

  test('R-20: what the functions themselves send comes after their item', () => {
    const source = new Subject<number>();
    const probe = new Probe<number[]>();
    probe.close();
    const send = (n: number): void => {
      if (n < 3) source.next(n + 10);
    };
    const operator = conflate<number, number[]>({
      seed: (n) => (send(n), [n]),
      aggregate: (all, n) => (send(n), [...all, n]),
    });
    probe.subscribe(source.pipe(operator));
    [1, 2, 3].forEach((n) => source.next(n));
    probe.open();
    source.next(1);
    expect(probe.values).toEqual([[1, 11, 2, 12, 3], [1], [11]]);
    probe.unsubscribe();
  });

  test('R-21: a function may open the gate, and end the flow', () => {
    const source = new Subject<number>();
    const probe = new Probe<number[]>();
    probe.close();
    const operator = conflate<number, number[]>({
      seed: (n) => [n],
      aggregate: (all, n) => {
        if (n === 2) probe.open();
        else probe.unsubscribe();
        return [...all, n];
      },
    });
    probe.subscribe(source.pipe(operator));
    [1, 2].forEach((n) => source.next(n));
    expect(probe.values).toEqual([[1, 2]]);
    probe.close();
    [3, 4].forEach((n) => source.next(n));
    probe.open();
    expect([probe.values, probe.isClosed, source.observed]).toEqual([[[1, 2]], true, false]);
  });

  test('what a function throws ends the flow', () => {
    const error = new Error('merge');
    const flow = new TestFlow();
    const source = new Subject<number>();
    const probe = new Probe<number>(flow);
    probe.close();
    const merge = (): never => {
      throw error;
    };
    probe.subscribe(source.pipe(conflate<number>({ merge })));
    [1, 2].forEach((n) => source.next(n));
    expect([probe.ended, probe.error, source.observed]).toEqual(['failed', error, false]);
    flow.check();
  });

  test('R-22: 100,000 items at a closed gate', () => {
    const probe = new Probe<number>();
    probe.close();
    const source = fromIterable(Array.from({ length: 100_000 }, () => 1));
    probe.subscribe(source.pipe(conflate({ merge: (a, b) => a + b })));
    probe.open();
    expect([probe.values, probe.ended]).toEqual([[100_000], 'completed']);
  });

  test('nothing is lost or changes places, whatever the gate and the source do', () => {
    const moves = fc.array(fc.constantFrom('open', 'close', 'one', 'item', 'item'), { maxLength: 60 });
    fc.assert(
      fc.property(moves, (all) => {
        const flow = new TestFlow();
        const source = new Subject<number>();
        const probe = new Probe<number[]>(flow).subscribe(source.pipe(lists()));
        let sent = 0;
        for (const move of all) {
          if (move === 'open') probe.open();
          else if (move === 'close') probe.close();
          else if (move === 'one') probe.allow(1);
          else source.next(sent++);
          expect(flow.node('conflate').held).toBeLessThanOrEqual(1);
          flow.check();
        }
        source.complete();
        probe.open();
        expect(probe.values.flat()).toEqual(Array.from({ length: sent }, (_, n) => n));
        const { completed, merged } = flow.node('conflate').telemetry;
        expect([completed, completed + merged]).toEqual([probe.values.length, sent]);
      }),
      { numRuns: 1_000 },
    );
  });
});

const fn = (): never => {
  throw new Error('called');
};

describe('bad options of conflate', () => {
  test.each([
    [{}, 'merge'],
    [{ seed: fn }, 'aggregate'],
    [{ aggregate: fn }, 'seed'],
    [{ merge: fn, seed: fn }, 'seed'],
    [{ merge: fn, aggregate: fn }, 'aggregate'],
    [{ merge: 1 }, 'merge'],
  ])('%o', (options, option) => {
    const error = thrownBy(() => conflate(options as never));
    expect(error).toBeInstanceOf(TypeError);
    expect(error).toMatchObject({ option });
  });
});

describe('the types of conflate', () => {
  test('are those of the items, or of what seed makes', () => {
    expectTypeOf(of(1).pipe(conflate({ merge: (a, b) => a + b }))).toEqualTypeOf<Observable<number>>();
    expectTypeOf(conflate<string>({ merge: (a) => a })).toEqualTypeOf<MonoTypeOperatorFunction<string>>();
    expectTypeOf(
      of(1).pipe(conflate({ seed: (n: number) => ({ sum: n }), aggregate: ({ sum }, n) => ({ sum: sum + n }) })),
    ).toEqualTypeOf<Observable<{ sum: number }>>();
    expectTypeOf(() => {
      // @ts-expect-error -- one of the two forms
      conflate({ seed: (n: number) => n });
    }).toBeFunction();
  });
});
