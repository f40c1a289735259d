import { NEVER, defer, retry, take, type Observable } from 'rxjs';
import { afterEach, beforeEach, describe, expect, expectTypeOf, test, vi } from 'vitest';
import { hooks } from '../../src/core/hooks.ts';
import { poll, type PollOptions } from '../../src/sources/poll.ts';
import { Probe } from '../../src/testing/Probe.ts';
import { marbles } from '../../src/testing/marbles.ts';
import { TestFlow } from '../core/TestFlow.ts';
import { thrownBy } from '../operators/badOptions.ts';
import { received, turns } from './events.ts';
import { inVirtualTime } from './virtualPromises.ts';

const late: unknown[] = [];
beforeEach(() => {
  vi.spyOn(hooks, 'lateError').mockImplementation((error, stage) => void late.push([error, stage]));
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
  expect(late.splice(0)).toEqual([]);
});

/** Answers with these letters one after the other, at once or each after some frames. */
function letters(text: string, options: PollOptions<string>, frames?: number): Observable<string> {
  return defer(() => {
    let n = 0;
    const next = (): string => text[n++ % text.length]!;
    return poll(() => (frames === undefined ? next() : inVirtualTime(frames, next)), options);
  });
}

const until = (drawn: string): string => `${'-'.repeat(drawn.length)}!`;

const ignoringCase = (x: string, y: string): boolean => x.toLowerCase() === y.toLowerCase();

describe('poll', () => {
  test('does what the diagrams in its comment say', () => {
    marbles(({ expectObservable }) => {
      const result = 'a--b--c--';
      expectObservable(letters('abcdef', { every: 3 }), until(result)).toBe(result);
    });
    marbles(({ expectObservable }) => {
      const result = '--a----b----c-';
      expectObservable(letters('abcdef', { every: 3 }, 2), until(result)).toBe(result);
    });
  });

  test("from: 'start' counts from the beginning of the last call, and calls at once after one that took longer", () => {
    marbles(({ expectObservable }) => {
      const quick = '  --a----b----c-';
      const slow = '   -------a------b------c';
      expectObservable(letters('abc', { every: 5, from: 'start' }, 2), until(quick)).toBe(quick);
      expectObservable(letters('abc', { every: 5, from: 'start' }, 7), until(slow)).toBe(slow);
    });
  });

  test('immediate: false waits before the first call, too', () => {
    marbles(({ expectObservable }) => {
      const expected = '---a--b';
      expectObservable(letters('abc', { every: 3, immediate: false }), until(expected)).toBe(expected);
    });
  });

  test('until ends it with the answer that it is true of', () => {
    marbles(({ expectObservable }) => {
      expectObservable(letters('abc', { every: 2, until: (it) => it === 'c' })).toBe('a-b-(c|)');
      expectObservable(letters('a', { every: 2, until: () => true }, 4)).toBe('----(a|)');
    });
  });

  test('distinct leaves out what is the same, but not the last', () => {
    marbles(({ expectObservable }) => {
      const some = 'a---b-----c';
      expectObservable(letters('aabbbc', { every: 2, distinct: true }), until(some)).toBe(some);
      const ended = letters('aaa', {
        every: 2,
        distinct: true,
        until: (() =>
          (
            (n) => () =>
              ++n === 3
          )(0))(),
      });
      expectObservable(ended).toBe('a---(a|)');
      const other = 'a---b-';
      expectObservable(letters('aAb', { every: 2, distinct: ignoringCase }), until(other)).toBe(other);
    });
  });

  test('G2: nothing is called while the gate is closed; one call that was missed is made when it opens', () => {
    marbles(({ gated, expectObservable }) => {
      const demand = '  --x---------o------';
      const expected = 'a-----------b--c--d';
      expectObservable(letters('abcdef', { every: 3 }).pipe(gated(demand)), until(expected)).toBe(expected);
    });
    marbles(({ gated, expectObservable }) => {
      const demand = '  x---o---';
      const expected = '----a--b';
      expectObservable(letters('abc', { every: 3 }).pipe(gated(demand)), until(expected)).toBe(expected);
    });
  });

  test('an answer during whose call the gate closed waits; the time counts from the answer', () => {
    marbles(({ gated, expectObservable }) => {
      const demand = '  -x------o-----';
      const expected = '--------a-b---c';
      // It came at 2; the next call was due at 5, and is made at 8.
      expectObservable(letters('abc', { every: 2 }, 2).pipe(gated(demand)), until(expected)).toBe(expected);
    });
  });

  test('never calls twice at once, and the calls are made one after the other', async () => {
    let running = 0;
    let peak = 0;
    const probe = new Probe<number>();
    const source = poll(
      async () => {
        peak = Math.max(peak, ++running);
        await turns(1);
        return running--;
      },
      { every: 0 },
    );
    probe.subscribe(source);
    await received(probe, 5);
    probe.unsubscribe();
    expect(peak).toBe(1);
  });

  test('R-30: errors end it, whatever throws; retry begins again', () => {
    const bad = new Error('poll');
    const fail = (): never => {
      throw bad;
    };
    const sources: Observable<unknown>[] = [poll(fail, { every: 1 }), poll(() => 1, { every: 1, until: fail })];
    for (const source of sources) expect(new Probe<unknown>().subscribe(source).error).toBe(bad);
    marbles(({ expectObservable }) => {
      expectObservable(poll(() => 'a', { every: 2, distinct: fail })).toBe('a-#', undefined, bad);
      let n = 0;
      const flaky = poll(() => (++n % 2 === 0 ? fail() : `${n}`), { every: 3 }).pipe(retry({ delay: 2 }), take(3));
      expectObservable(flaky).toBe('1----3----(5|)');
    });
  });

  test('R-15: an error passes a closed gate', () => {
    const bad = new Error('poll');
    marbles(({ gated, expectObservable }) => {
      const failing = poll(
        () =>
          inVirtualTime(4, () => {
            throw bad;
          }),
        { every: 2 },
      );
      expectObservable(failing.pipe(gated('-x'))).toBe('----#', undefined, bad);
    });
  });

  test('R-41, R-42: unsubscribing aborts the call that is under way, and leaves no timer', async () => {
    vi.useFakeTimers();
    const signals: AbortSignal[] = [];
    const calls: ((error: unknown) => void)[] = [];
    const probe = new Probe<unknown>().subscribe(
      poll(
        (signal) => {
          signals.push(signal);
          return new Promise((_, reject) => calls.push(reject));
        },
        { every: 10 },
      ),
    );
    probe.unsubscribe();
    expect([signals[0]!.aborted, (signals[0]!.reason as Error).name]).toEqual([true, 'AbortError']);
    calls[0]!(signals[0]!.reason);
    const waiting = poll(() => 1, { every: 10 }).subscribe();
    expect(vi.getTimerCount()).toBe(1);
    waiting.unsubscribe();
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
    await turns(1);
    const other = new Probe<unknown>().subscribe(
      poll(() => new Promise((_, reject) => calls.push(reject)), { every: 10 }),
    );
    other.unsubscribe();
    calls[1]!('too late');
    await turns(1);
    expect(late.splice(0)).toEqual([['too late', 'poll']]);
  });

  test('R-21: unsubscribed from within the function, until, distinct and the consumer', () => {
    for (const where of ['fn', 'until', 'distinct', 'next']) {
      vi.useFakeTimers();
      const probe = new Probe<number>();
      let n = 0;
      const leave = (place: string): void => {
        if (place === where && n > 1) probe.unsubscribe();
      };
      probe.onNext = () => leave('next');
      const source = poll(
        () => {
          n++;
          leave('fn');
          return n;
        },
        {
          every: 5,
          until: () => (leave('until'), false),
          distinct: () => (leave('distinct'), false),
        },
      );
      probe.subscribe(source);
      vi.advanceTimersByTime(50);
      expect([n, probe.isClosed, vi.getTimerCount(), probe.violations], where).toEqual([2, true, 0, []]);
      expect(probe.values, where).toEqual(where === 'next' ? [1, 2] : [1]);
      vi.useRealTimers();
    }
  });

  test('R-05: each subscription asks for itself', () => {
    marbles(({ expectObservable }) => {
      const source = letters('abc', { every: 3 });
      expectObservable(source, '-----!').toBe('  a--b-');
      expectObservable(source, '--^----!').toBe('--a--b-');
    });
  });

  test('a graceful end gives up the call, and lets a kept answer leave first', () => {
    const flow = new TestFlow();
    const signals: AbortSignal[] = [];
    const probe = new Probe<unknown>(flow).subscribe(
      poll((signal) => (signals.push(signal), new Promise(() => {})), { every: 9, name: 'job' }),
    );
    flow.node('job').quit();
    expect([probe.ended, signals[0]!.aborted, flow.live.size]).toEqual(['completed', true, 0]);

    marbles(({ hot, expectObservable }) => {
      const under = new TestFlow();
      const gate = new Probe<string>(under);
      hot('-x').subscribe(() => gate.close());
      hot('---q').subscribe(() => under.node('poll').quit());
      hot('------o').subscribe(() => gate.open());
      expectObservable(letters('abc', { every: 2 }, 2).pipe(gate.operator())).toBe('------(a|)');
    });
  });

  test('counts the answer that it holds', () => {
    marbles(({ hot, expectObservable }) => {
      const flow = new TestFlow();
      const probe = new Probe<string>(flow);
      hot('-x').subscribe(() => probe.close());
      hot('---?').subscribe(() => expect(flow.node('poll').held).toBe(1));
      expectObservable(letters('abc', { every: 2 }, 2).pipe(probe.operator()), '----!').toBe('-----');
      expectObservable(NEVER, '6ms !').toBe('');
    });
  });

  test('refuses wrong arguments and infers its types', () => {
    expect(thrownBy(() => poll(5 as never, { every: 1 }))).toMatchObject({ option: 'fn' });
    expect(thrownBy(() => poll(() => 1, {} as never))).toMatchObject({ option: 'every', received: undefined });
    expect(thrownBy(() => poll(() => 1, { every: 1, distinct: 'yes' as never }))).toMatchObject({ option: 'distinct' });
    expectTypeOf(poll(async () => 1, { every: 1 })).toEqualTypeOf<Observable<number>>();
    expectTypeOf(poll(() => 'a', { every: 1, until: (text) => text.length > 1 })).toEqualTypeOf<Observable<string>>();
  });
});
