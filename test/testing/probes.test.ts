import { NEVER, type Observable, Subject, concat, of, repeat, take, tap, throwError } from 'rxjs';
import { describe, expect, expectTypeOf, test, vi } from 'vitest';
import { hooks } from '../../src/core/hooks.ts';
import { operate } from '../../src/core/operate.ts';
import { batch } from '../../src/operators/batch.ts';
import { buffered } from '../../src/operators/buffered.ts';
import { fromIterable } from '../../src/sources/fromIterable.ts';
import { Probe } from '../../src/testing/Probe.ts';
import { ProbeSource } from '../../src/testing/ProbeSource.ts';
import { TestFlow } from '../core/TestFlow.ts';
import { badCounts } from '../operators/badOptions.ts';

describe('Probe', () => {
  test('does what the diagram in its comment says', () => {
    const probe = new Probe<number>();
    probe.close();
    probe.subscribe(fromIterable([1, 2, 3, 4]));
    expect([probe.values, probe.ended]).toEqual([[], undefined]);
    probe.allow(2);
    expect([probe.values, probe.ended]).toEqual([[1, 2], undefined]);
    probe.open();
    expect([probe.values, probe.ended, probe.isClosed]).toEqual([[1, 2, 3, 4], 'completed', true]);
    expect(probe.violations).toEqual([]);
  });

  test('is open until it is closed', () => {
    const probe = new Probe<number>().subscribe(fromIterable([1, 2]));
    expect([probe.gate.isOpen, probe.values, probe.ended]).toEqual([true, [1, 2], 'completed']);
  });

  test('allow counts from the last call, and ends what open allowed', () => {
    const probe = new Probe<number>();
    probe.allow(5);
    probe.allow(1);
    const source = new ProbeSource([1, 2, 3, 4, 5, 6]);
    probe.subscribe(source.items$);
    expect([probe.values, probe.gate.isOpen]).toEqual([[1], false]);
    probe.allow(2);
    expect([probe.values, source.produced]).toEqual([[1, 2, 3], 3]);
    probe.allow(0);
    expect([probe.values, probe.gate.isOpen]).toEqual([[1, 2, 3], false]);
    probe.allow(Infinity);
    expect([probe.values.length, probe.gate.isOpen]).toEqual([6, true]);
    probe.allow(0);
    expect(probe.gate.isOpen).toBe(false);
  });

  test.each(badCounts(0, true))('allow refuses %o', (count, type, code) => {
    const probe = new Probe<number>();
    probe.close();
    expect(() => probe.allow(count as number)).toThrow(
      expect.objectContaining({ name: type.name, code, option: 'count', received: count }),
    );
    expect(probe.gate.isOpen, 'nothing has changed').toBe(false);
  });

  test('close, called inside a value, lets that value finish and none after it', () => {
    const probe = new Probe<number>();
    probe.onNext = (n) => n === 2 && probe.close();
    probe.subscribe(fromIterable([1, 2, 3]));
    expect([probe.values, probe.violations]).toEqual([[1, 2], []]);
    probe.open();
    expect([probe.values, probe.violations]).toEqual([[1, 2, 3], []]);
  });

  test('R-20: allow, called inside a value, lets the next one come after it', () => {
    const probe = new Probe<number>();
    const log: string[] = [];
    probe.allow(1);
    probe.onNext = (n) => {
      log.push(`${n}(`);
      probe.allow(1);
      log.push(`${n})`);
    };
    probe.subscribe(fromIterable([1, 2, 3]));
    expect([log, probe.violations]).toEqual([['1(', '1)', '2(', '2)', '3(', '3)'], []]);
  });

  test('records an error, also a falsy one, and calls onEnd once', () => {
    for (const error of [new Error('x'), undefined, null, 0]) {
      const probe = new Probe<never>();
      const ends: unknown[] = [];
      probe.onEnd = () => ends.push(probe.ended);
      probe.close();
      probe.subscribe(throwError(() => error));
      expect([probe.ended, probe.error, ends]).toEqual(['failed', error, ['failed']]);
    }
  });

  test('an error that onNext throws is the error of the flow, and the probe goes on counting', () => {
    const error = new Error('onNext');
    const probe = new Probe<number>();
    probe.onNext = () => {
      throw error;
    };
    probe.subscribe(fromIterable([1, 2]));
    expect([probe.ended, probe.error, probe.values, probe.violations]).toEqual(['failed', error, [1], []]);
  });

  test('unsubscribes from within a value, before subscribe has returned, and more than once', () => {
    const source = new ProbeSource([1, 2, 3]);
    const probe = new Probe<number>();
    expect(() => probe.unsubscribe()).not.toThrow();
    expect(probe.isClosed).toBe(false);
    probe.onNext = (n) => n === 2 && probe.unsubscribe();
    expect(probe.subscribe(source.items$)).toBe(probe);
    expect([probe.values, probe.ended, probe.isClosed, source.isSubscribed]).toEqual([[1, 2], undefined, true, false]);
    probe.unsubscribe();
    probe.open();
    expect([source.produced, probe.violations]).toEqual([2, []]);
  });

  test('is a part of a flow that goes on below it', () => {
    const probe = new Probe<number>();
    const seen: number[] = [];
    let completed = false;
    probe.allow(1);
    fromIterable([1, 2, 3])
      .pipe(probe.operator(), take(2))
      .subscribe({ next: (n) => seen.push(n), complete: () => (completed = true) });
    expect([seen, completed]).toEqual([[1], false]);
    probe.open();
    expect([seen, completed, probe.values, probe.isClosed]).toEqual([[1, 2], true, [1, 2], true]);
  });

  test('as an operator it may be subscribed again and again', () => {
    const probe = new Probe<number>();
    const seen: number[] = [];
    probe.allow(3);
    fromIterable([1, 2])
      .pipe(probe.operator(), repeat(2))
      .subscribe((n) => seen.push(n));
    expect(seen).toEqual([1, 2, 1]);
    probe.open();
    expect([seen, probe.violations]).toEqual([[1, 2, 1, 2], []]);
  });

  describe('notes a violation', () => {
    test('when a value comes through the closed gate, unless that may be', () => {
      const source = new Subject<unknown>();
      const probe = new Probe<unknown>().subscribe(source);
      probe.close();
      source.next('a');
      source.next({ id: 1 });
      probe.takesOverrun = true;
      source.next('c');
      expect(probe.values).toEqual(['a', { id: 1 }, 'c']);
      expect(probe.violations).toEqual(['a through a closed gate', '{ id: 1 } through a closed gate']);
    });

    test('when a value comes inside another', () => {
      const source = new Subject<number>();
      const probe = new Probe<number>();
      probe.onNext = (n) => n === 1 && source.next(2);
      probe.subscribe(source);
      source.next(1);
      expect(probe.violations).toEqual(['2 inside another value']);
      source.next(3);
      expect(probe.violations.length).toBe(1);
    });

    test('when something comes after the end', () => {
      const probe = new Probe<unknown>().subscribe(of('a'));
      probe.subscribe(concat(of(Symbol('b'), Object.create(null)), NEVER));
      probe.subscribe(throwError(() => 'x'));
      expect(probe.violations).toEqual([
        'Symbol(b) after the flow completed',
        expect.stringMatching(/^\[Object: null prototype\] \{\} after/),
        'failed after the flow completed',
      ]);
    });

    test('when an operator sends something after its end, which RxJS hides from whoever is below', () => {
      const rude = operate<number, number>(({ out }) => ({
        next: (n) => out.next(n),
        complete() {
          out.complete();
          out.next(-1);
          out.complete();
          out.error(new Error('late'));
        },
      }));
      const probe = new Probe<number>().subscribe(of(1).pipe(rude));
      expect([probe.values, probe.ended]).toEqual([[1], 'completed']);
      expect(probe.violations).toEqual([
        '-1 after the flow completed',
        'completed after the flow completed',
        'failed after the flow completed',
      ]);
    });
  });

  test.each([undefined, null, 5, 'abc', [1], Promise.resolve(1)])('subscribe refuses %o', (source) => {
    expect(() => new Probe<number>().subscribe(source as never)).toThrow(
      expect.objectContaining({ name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE', option: 'source' }),
    );
  });

  test('infers its types', () => {
    const probe = new Probe<number>();
    expectTypeOf(probe.values).toEqualTypeOf<number[]>();
    expectTypeOf(probe.subscribe).parameter(0).toEqualTypeOf<Observable<number>>();
    // @ts-expect-error a probe of numbers takes no strings
    void (() => probe.subscribe(of('a')));
  });
});

describe('ProbeSource', () => {
  test('does what its example says', () => {
    const source = new ProbeSource([1, 2, 3, 4]);
    const probe = new Probe<number>();
    probe.close();
    probe.subscribe(source.items$.pipe(buffered({ capacity: 2 })));
    expect(source.produced).toBe(2);
    probe.open();
    expect([source.produced, source.producedWhileClosed, probe.values]).toEqual([4, 0, [1, 2, 3, 4]]);
    expect([probe.ended, probe.violations]).toEqual(['completed', []]);
  });

  test('emits nothing, and completes; or does not, if it is told', () => {
    expect(new Probe<never>().subscribe(new ProbeSource<never>().items$).ended).toBe('completed');
    expect(new Probe<never>().subscribe(new ProbeSource<never>([], false).items$).ended).toBeUndefined();
  });

  test('makes no item and nothing of an iterable before it is subscribed, nor while the gate is closed', () => {
    let pulled = 0;
    const items = {
      *[Symbol.iterator]() {
        for (;;) yield ++pulled;
      },
    };
    const source = new ProbeSource(items);
    expect([pulled, source.subscriptions, source.isSubscribed, source.gate]).toEqual([0, 0, false, undefined]);
    const probe = new Probe<number>();
    probe.close();
    probe.subscribe(source.items$);
    expect([pulled, source.subscriptions, source.isSubscribed, source.gate]).toEqual([0, 1, true, probe.gate]);
    probe.allow(3);
    expect([pulled, source.produced, source.producedWhileClosed]).toEqual([3, 3, 0]);
    probe.unsubscribe();
    expect([pulled, source.isSubscribed, source.gate]).toEqual([3, false, probe.gate]);
  });

  test('an item that is pushed while the gate is closed is counted as such, and comes through', () => {
    const source = new ProbeSource<string>([], false);
    const probe = new Probe<string>().subscribe(source.items$);
    expect(source.push('a')).toBe(true);
    probe.close();
    expect(source.push('b')).toBe(true);
    probe.open();
    expect(source.push('c')).toBe(true);
    expect([source.produced, source.producedWhileClosed, probe.values]).toEqual([3, 1, ['a', 'b', 'c']]);
    expect(probe.violations).toEqual(['b through a closed gate']);
  });

  test('R-10: what is pushed into a full buffer is what was produced less what was delivered', () => {
    const warn = vi.spyOn(hooks, 'warn').mockReturnValue();
    const flow = new TestFlow();
    const probe = new Probe<number>(flow);
    const source = new ProbeSource([1, 2, 3, 4]);
    probe.close();
    probe.subscribe(source.items$.pipe(buffered({ capacity: 2 })));
    source.push(10);
    flow.check();
    expect([source.produced, source.producedWhileClosed, flow.node('buffered').held]).toEqual([3, 1, 3]);
    probe.open();
    flow.check();
    expect(probe.values).toEqual([1, 2, 10, 3, 4]);
    expect([source.produced, source.producedWhileClosed, warn.mock.calls.length]).toEqual([5, 1, 1]);
    expect(flow.node('probe source').telemetry.out).toBe(5);
    warn.mockRestore();
  });

  test('while nothing is subscribed, push, complete and fail do nothing, and nothing is counted', () => {
    const source = new ProbeSource<number>([], false);
    const act = (): boolean => {
      source.complete();
      source.fail(new Error('nobody hears'));
      return source.push(1);
    };
    expect(act()).toBe(false);
    const probe = new Probe<number>().subscribe(source.items$);
    probe.unsubscribe();
    expect(act()).toBe(false);
    expect([source.produced, source.producedWhileClosed, probe.values, probe.ended]).toEqual([0, 0, [], undefined]);
  });

  test('complete and fail end it, through a closed gate too (R-15)', () => {
    const error = new Error('source');
    for (const [end, ended] of [
      [(source: ProbeSource<number>) => source.complete(), ['completed', undefined]],
      [(source: ProbeSource<number>) => source.fail(error), ['failed', error]],
    ] as const) {
      const source = new ProbeSource([1, 2], false);
      const probe = new Probe<number>();
      probe.close();
      probe.subscribe(source.items$);
      end(source);
      expect([probe.ended, probe.error]).toEqual(ended);
      expect([source.isSubscribed, source.push(3), probe.gate.waiting, probe.gate.attached]).toEqual([
        false,
        false,
        0,
        0,
      ]);
    }
  });

  test('R-05: begins anew for each subscription, and counts them all together', () => {
    const source = new ProbeSource([1, 2, 3]);
    const first = new Probe<number>();
    first.allow(2);
    first.subscribe(source.items$);
    first.unsubscribe();
    const second = new Probe<number>().subscribe(source.items$);
    expect([first.values, second.values, second.ended]).toEqual([[1, 2], [1, 2, 3], 'completed']);
    expect([source.subscriptions, source.produced, source.isSubscribed]).toEqual([2, 5, false]);
    expect(source.gate).toBe(second.gate);
    const third = new Probe<number>().subscribe(source.items$.pipe(repeat(3)));
    expect([third.values.length, source.subscriptions]).toEqual([9, 5]);
  });

  test('of one that is over and one that lives, the living one counts', () => {
    const source = new ProbeSource<number>([], false);
    const first = new Probe<number>().subscribe(source.items$);
    const second = new Probe<number>().subscribe(source.items$);
    first.unsubscribe();
    expect([source.isSubscribed, source.push(1), second.values]).toEqual([true, true, [1]]);
    source.complete();
    expect([source.isSubscribed, second.ended]).toEqual([false, 'completed']);
  });

  test('R-23: stops at once where a synchronous flow ends in the middle', () => {
    const source = new ProbeSource(endless());
    const probe = new Probe<number>().subscribe(source.items$.pipe(take(3)));
    expect([probe.values, probe.ended, source.produced]).toEqual([[0, 1, 2], 'completed', 3]);
  });

  test('calls return() of its items once when it ends early, and never when they have ended', () => {
    const log: string[] = [];
    const source = new ProbeSource({
      [Symbol.iterator]() {
        let n = 0;
        return {
          next: () => (n < 3 ? { done: false, value: n++ } : { done: true, value: undefined }),
          return() {
            log.push('return');
            return { done: true as const, value: undefined };
          },
        };
      },
    } as Iterable<number>);
    new Probe<number>().subscribe(source.items$);
    expect(log).toEqual([]);
    new Probe<number>().subscribe(source.items$.pipe(take(2))).unsubscribe();
    expect(log).toEqual(['return']);
  });

  test('a generator that ends the subscription from within its own code is closed when it has yielded', () => {
    const log: string[] = [];
    const probe = new Probe<number>();
    const source = new ProbeSource(
      (function* () {
        try {
          yield 0;
          probe.unsubscribe();
          yield 1;
        } finally {
          log.push('finally');
        }
      })(),
    );
    probe.subscribe(source.items$);
    expect([probe.values, source.produced, log]).toEqual([[0], 1, ['finally']]);
  });

  test('what its items throw is the error of the flow', () => {
    const error = new Error('items');
    const source = new ProbeSource(
      (function* () {
        yield 1;
        throw error;
      })(),
    );
    const probe = new Probe<number>().subscribe(source.items$);
    expect([probe.values, probe.error, source.isSubscribed]).toEqual([[1], error, false]);
  });

  test('R-20: push, called inside a value, sends inside that value; a stage below sorts it out', () => {
    const bare = new ProbeSource<number>([], false);
    const probe = new Probe<number>();
    probe.onNext = (n) => void (n === 1 && bare.push(2));
    probe.subscribe(bare.items$);
    bare.push(1);
    expect([probe.values, probe.violations]).toEqual([[1, 2], ['2 inside another value']]);

    const source = new ProbeSource<number>([], false);
    const sorted = new Probe<number>();
    sorted.onNext = (n) => void (n === 1 && source.push(2));
    sorted.subscribe(source.items$.pipe(buffered({ capacity: 5 })));
    source.push(1);
    expect([sorted.values, sorted.violations]).toEqual([[1, 2], []]);
  });

  test('complete and unsubscribe, called inside a value, end it there', () => {
    const source = new ProbeSource(endless());
    const probe = new Probe<number>();
    probe.onNext = (n) => n === 2 && source.complete();
    probe.subscribe(source.items$);
    expect([probe.values, probe.ended, source.produced]).toEqual([[0, 1, 2], 'completed', 3]);
  });

  test('is paused by the nearest stage only', () => {
    const source = new ProbeSource([1, 2, 3, 4, 5]);
    const probe = new Probe<number[]>();
    probe.close();
    probe.subscribe(source.items$.pipe(batch({ size: 2 }), buffered({ capacity: 1 })));
    expect([source.produced, source.producedWhileClosed, source.gate?.isOpen]).toEqual([4, 0, false]);
  });

  test('is one source in a report, however often it is subscribed', () => {
    const flow = new TestFlow();
    const source = new ProbeSource([1]);
    const seen: unknown[] = [];
    new Probe<number>(flow).subscribe(
      source.items$.pipe(
        tap(() => seen.push(flow.nodes.at(-1)?.definition)),
        repeat(2),
      ),
    );
    expect(seen.length).toBe(2);
    expect(seen[0]).toBe(seen[1]);
  });

  test.each([null, 5, {}, NEVER, () => [1]])('refuses %o as items', (items) => {
    expect(() => new ProbeSource(items as never)).toThrow(
      expect.objectContaining({ name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE', option: 'items', received: items }),
    );
  });

  test.each([null, 0, 'false', {}])('refuses %o where it says whether it completes', (completes) => {
    expect(() => new ProbeSource([1], completes as never)).toThrow(
      expect.objectContaining({ name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE', option: 'completes' }),
    );
  });

  test('infers its types', () => {
    expectTypeOf(new ProbeSource(['a']).items$).toEqualTypeOf<Observable<string>>();
    expectTypeOf(new ProbeSource(new Set([1])).push)
      .parameter(0)
      .toEqualTypeOf<number>();
    // @ts-expect-error a source of strings takes no number
    expect(new ProbeSource(['a']).push(1)).toBe(false);
  });
});

function* endless(): Generator<number> {
  for (let n = 0; ; n++) yield n;
}
