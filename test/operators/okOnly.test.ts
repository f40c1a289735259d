import { type Observable, Subject, of, take } from 'rxjs';
import { describe, expect, expectTypeOf, test } from 'vitest';
import type { Result } from '../../src/core/options.ts';
import { okOnly } from '../../src/operators/okOnly.ts';
import { workerPool } from '../../src/operators/workerPool.ts';
import { fromIterable } from '../../src/sources/fromIterable.ts';
import { Probe } from '../core/Probe.ts';
import { TestFlow } from '../core/TestFlow.ts';
import { marbles } from '../../src/testing/marbles.ts';

const results: Record<string, Result<string, string>> = {
  a: { ok: true, value: 'a' },
  b: { ok: true, value: 'b' },
  e: { ok: false, error: new Error('e'), item: 'x' },
};

describe('okOnly', () => {
  test('does what the diagram in its comment says', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('a-e-b-|', results);
      const subs = '       ^-----!';
      const expected = '   a---b-|';
      expectObservable(source.pipe(okOnly())).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('R-03, R-04: an empty source, one that says nothing, one of failures only', () => {
    marbles(({ cold, expectObservable }) => {
      expectObservable(cold('|', results).pipe(okOnly())).toBe('  |');
      expectObservable(cold('-', results).pipe(okOnly())).toBe('  -');
      expectObservable(cold('e-e|', results).pipe(okOnly())).toBe('---|');
    });
  });

  test('an error, and an early unsubscribe', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const failing = cold('a-e-#', results);
      expectObservable(failing.pipe(okOnly())).toBe('a---#');
      const source = cold('a-e-b-|', results);
      const unsub = '      ---!   ';
      const subs = '       ^--!   ';
      const expected = '   a--    ';
      expectObservable(source.pipe(okOnly()), unsub).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('R-06: false values are values', () => {
    const values = [undefined, null, 0, '', NaN, false];
    const seen: unknown[] = [];
    fromIterable(values.map((value) => ({ ok: true as const, value })))
      .pipe(okOnly())
      .subscribe((value) => seen.push(value));
    expect(seen).toEqual(values);
  });

  test('R-23: a synchronous source stops with take', () => {
    let made = 0;
    const seen: number[] = [];
    fromIterable(function* (): Generator<Result<number>> {
      for (;;) yield made % 2 === 0 ? { ok: true, value: made++ } : { ok: false, error: 0, item: made++ };
    })
      .pipe(okOnly(), take(2))
      .subscribe((value) => seen.push(value));
    expect([seen, made]).toEqual([[0, 2], 3]);
  });

  test('R-16: the gate below reaches through it: a held back source makes nothing', () => {
    let made = 0;
    const probe = new Probe<number>();
    probe.close();
    const source = fromIterable(function* () {
      for (;;) yield { ok: true as const, value: made++ };
    });
    probe.subscribe(source.pipe(okOnly()));
    expect(made).toBe(0);
    probe.allow(2);
    expect([made, probe.values]).toEqual([2, [0, 1]]);
    probe.unsubscribe();
  });

  test('is no stage: it is not in the report', () => {
    const flow = new TestFlow();
    new Probe<string>(flow).subscribe(fromIterable(Object.values(results)).pipe(okOnly()));
    expect(flow.nodes.map(({ name }) => name)).toEqual(['fromIterable']);
  });

  test('R-05: may be used again', () => {
    const source = new Subject<Result<number>>();
    const operator = okOnly<number, unknown>();
    const seen: number[] = [];
    const first = source.pipe(operator).subscribe((n) => seen.push(n));
    source.pipe(operator).subscribe((n) => seen.push(-n));
    source.next({ ok: true, value: 1 });
    first.unsubscribe();
    source.next({ ok: true, value: 2 });
    expect(seen).toEqual([1, -1, -2]);
  });

  test('has the types of the values', () => {
    const numbers = of('a').pipe(workerPool((text) => text.length, { onError: 'emit' }));
    expectTypeOf(numbers.pipe(okOnly())).toEqualTypeOf<Observable<number>>();
    expectTypeOf(new Subject<Result<'a' | 'b', Date>>().pipe(okOnly())).toEqualTypeOf<Observable<'a' | 'b'>>();
    expectTypeOf(() => {
      // @ts-expect-error -- a number is no result
      of(1).pipe(okOnly());
    }).toBeFunction();
  });
});
