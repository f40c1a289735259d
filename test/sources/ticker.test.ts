import fc from 'fast-check';
import { NEVER, type Observable, map, take, tap, timer } from 'rxjs';
import { afterEach, describe, expect, expectTypeOf, test, vi } from 'vitest';
import { workerPool } from '../../src/operators/workerPool.ts';
import { ticker, type Tick, type TickerOptions } from '../../src/sources/ticker.ts';
import { Probe } from '../../src/testing/Probe.ts';
import { marbles } from '../../src/testing/marbles.ts';
import { TestFlow } from '../core/TestFlow.ts';
import { thrownBy } from '../operators/badOptions.ts';

afterEach(() => {
  vi.useRealTimers();
});

/** The indexes of the ticks, as marbles show them. */
const indexes = (options: TickerOptions): Observable<string> =>
  ticker(options).pipe(map(({ index }) => index.toString(36)));

/** Unsubscribes at the end of what is drawn. */
const until = (drawn: string): string => `${'-'.repeat(drawn.length)}!`;

describe('ticker', () => {
  test.each([
    ['a tick that is the last', (ticks: Observable<Tick>) => ticks.pipe(take(1)).subscribe()],
    [
      'a tick that unsubscribes',
      (ticks: Observable<Tick>) => {
        const subscription = ticks.subscribe(() => subscription.unsubscribe());
      },
    ],
    [
      'a tick that fails',
      (ticks: Observable<Tick>) => {
        const fail = map(() => {
          throw new Error('no');
        });
        ticks.pipe(fail).subscribe({ error: () => {} });
      },
    ],
  ])('R-42: sets no timer after %s', (_, subscribe) => {
    for (const missed of ['skip', 'burst', 'delay'] as const) {
      vi.useFakeTimers();
      subscribe(ticker({ every: 60_000, initial: 10, missed }));
      expect(vi.getTimerCount()).toBe(1);
      vi.advanceTimersByTime(10);
      expect(vi.getTimerCount()).toBe(0);
      vi.useRealTimers();
    }
  });

  test('does what the diagrams in its comment say', () => {
    const demand = '--------x-----------o--------------';
    const diagrams = {
      skip: '       ------0-----------------3-----4----',
      burst: '      ------0-------------(12)3-----4----',
      delay: '      ------0-------------1-----2-----3--',
    } as const;
    for (const [missed, expected] of Object.entries(diagrams)) {
      marbles(({ gated, expectObservable }) => {
        const ticks = indexes({ every: 6, missed: missed as keyof typeof diagrams });
        expectObservable(ticks.pipe(gated(demand)), until(demand)).toBe(expected);
      });
    }
  });

  test('ticks at a fixed rate, with what each tick says of itself', () => {
    marbles(({ expectObservable }) => {
      const values = {
        a: { index: 0, scheduled: 2, late: 0 },
        b: { index: 1, scheduled: 7, late: 0 },
        c: { index: 2, scheduled: 12, late: 0 },
      };
      expectObservable(ticker({ every: 5, initial: 2 }).pipe(take(3))).toBe('--a----b----(c|)', values);
    });
  });

  test('never drifts: a period with a fraction stays in time for 6,000 ticks', () => {
    marbles(({ expectObservable }) => {
      const last = ticker({ every: 1000 / 60 }).pipe(
        take(6000),
        map(({ index, scheduled, late }) => [index, Math.round(scheduled), late < 1]),
      );
      const seen: unknown[] = [];
      last.subscribe((tick) => seen.push(tick));
      timer(100_002).subscribe(() => {
        expect(seen).toHaveLength(6000);
        expect(seen.at(-1)).toEqual([5999, 100_000, true]);
        expect(seen.every((tick) => (tick as unknown[])[2] === true)).toBe(true);
      });
      expectObservable(NEVER, '100003ms !').toBe('');
    });
  });

  test('an initial time of 0 ticks in the frame of the subscription', () => {
    marbles(({ expectObservable }) => {
      expectObservable(indexes({ every: 4, initial: 0 }), '---------!').toBe('0---1---2');
    });
  });

  test('a gate that is closed from the beginning: what it makes of the ticks until it opens', () => {
    const demand = 'x-------o--------';
    const diagrams = { skip: '------------3---4', burst: '--------(012)', delay: '--------0---1---2' } as const;
    marbles(({ gated, expectObservable }) => {
      expectObservable(indexes({ every: 4, initial: 0, missed: 'skip' }).pipe(gated(demand)), until(demand)).toBe(
        // The tick that is due when it opens has not been missed.
        '--------2---3---4',
      );
    });
    marbles(({ gated, expectObservable }) => {
      const later = 'x--------o-------';
      expectObservable(indexes({ every: 4, initial: 0 }).pipe(gated(later)), until(later)).toBe(diagrams.skip);
    });
    for (const missed of ['burst', 'delay'] as const) {
      marbles(({ gated, expectObservable }) => {
        const unsub = missed === 'burst' ? '----------!' : until(demand);
        expectObservable(indexes({ every: 4, initial: 0, missed }).pipe(gated(demand)), unsub).toBe(diagrams[missed]);
      });
    }
  });

  test('burst is capped: with 1 a late tick comes at once and the rest stay in time, as in Go', () => {
    marbles(({ gated, expectObservable }) => {
      const demand = '  -----x-------o------';
      const expected = '---0---------3-4--5';
      expectObservable(
        indexes({ every: 3, missed: 'burst', burst: 1 }).pipe(gated(demand)),
        '-------------------!',
      ).toBe(expected);
    });
  });

  test('G2: no timer runs while the gate is closed, and none after the end', () => {
    vi.useFakeTimers();
    const probe = new Probe<Tick>();
    probe.subscribe(ticker({ every: 10 }));
    expect(vi.getTimerCount()).toBe(1);
    probe.close();
    vi.advanceTimersByTime(10_000);
    expect([vi.getTimerCount(), probe.values.length]).toEqual([0, 0]);
    probe.open();
    expect(vi.getTimerCount()).toBe(1);
    probe.unsubscribe();
    expect(vi.getTimerCount()).toBe(0);
    expect(probe.violations).toEqual([]);
  });

  test('an event loop that was busy: the last of the ticks comes late, the others are missed', () => {
    for (const [missed, expected] of [
      ['skip', [0, 5, 6]],
      ['burst', [0, 1, 2, 3, 4, 5, 6]],
      ['delay', [0, 1, 2]],
    ] as const) {
      vi.useFakeTimers();
      const began = performance.now();
      let busy = 0;
      let elapsed = 0;
      const clock = vi.spyOn(performance, 'now').mockImplementation(() => began + elapsed + busy);
      const seen: number[] = [];
      const subscription = ticker({ every: 10, missed }).subscribe(({ index }) => {
        seen.push(index);
        // What runs here takes 55 ms.
        if (index === 0) busy = 55;
      });
      for (elapsed = 1; elapsed < 21; elapsed++) vi.advanceTimersByTime(1);
      subscription.unsubscribe();
      clock.mockRestore();
      vi.useRealTimers();
      expect(seen, missed).toEqual(expected);
    }
  });

  test('R-05: two subscriptions have each its own time', () => {
    marbles(({ expectObservable }) => {
      const ticks = indexes({ every: 4 });
      expectObservable(ticks, '---------!').toBe('    ----0---1');
      expectObservable(ticks, '--^--------!').toBe('------0---1');
    });
  });

  test('R-20, R-21, R-41: unsubscribed from within a tick it stops, also amid a burst', () => {
    marbles(({ gated, expectObservable }) => {
      const ticks = indexes({ every: 2, missed: 'burst' }).pipe(take(3), gated('x------o'));
      expectObservable(ticks).toBe('-------(012|)');
    });
  });

  test('R-22: a burst of 100,000 ticks does not grow the stack', () => {
    marbles(({ gated, expectObservable }) => {
      let count = 0;
      const ticks = ticker({ every: 1, missed: 'burst', burst: Infinity }).pipe(take(100_000));
      ticks.pipe(gated('x 100000ms o')).subscribe(() => count++);
      timer(100_002).subscribe(() => expect(count).toBe(100_000));
      expectObservable(NEVER, '100003ms !').toBe('');
    });
  });

  test('above a pool that takes longer than a period, only ticks are lost', () => {
    marbles(({ cold, expectObservable }) => {
      const ticks = indexes({ every: 3 }).pipe(workerPool((i) => cold('----(i|)', { i }), { capacity: 0 }));
      expectObservable(ticks, '--------------------!').toBe('-------0-----2-----4');
    });
  });

  test('counts skipped ticks as dropped, and leaves at the end of a run', () => {
    vi.useFakeTimers();
    const flow = new TestFlow();
    const probe = new Probe<Tick>(flow);
    probe.subscribe(ticker({ every: 10, name: 'heart' }));
    vi.advanceTimersByTime(25);
    probe.close();
    vi.advanceTimersByTime(30);
    probe.open();
    vi.advanceTimersByTime(10);
    const { telemetry } = flow.node('heart');
    expect([telemetry.out, telemetry.dropped, probe.values.map(({ index }) => index)]).toEqual([3, 3, [0, 1, 5]]);
    flow.node('heart').quit();
    expect([probe.ended, flow.live.size, vi.getTimerCount()]).toEqual(['completed', 0, 0]);
  });

  test('refuses what is no period', () => {
    expect(thrownBy(() => ticker({ every: 0 }))).toMatchObject({ code: 'ERR_OUT_OF_RANGE', option: 'every' });
    expect(thrownBy(() => ticker({} as never))).toMatchObject({ code: 'ERR_INVALID_ARG_TYPE', option: 'every' });
    expect(thrownBy(() => ticker({ every: 1, burst: 2 }))).toMatchObject({ option: 'burst', received: 2 });
  });

  test('infers its types', () => {
    expectTypeOf(ticker({ every: 1 })).toEqualTypeOf<Observable<Tick>>();
    // @ts-expect-error -- no such policy
    expect(() => ticker({ every: 1, missed: 'drop' })).toThrow(TypeError);
  });
});

/** What must come, for a gate that changes at these frames: `[index, frame]` for each tick. */
function model(
  missed: 'skip' | 'burst' | 'delay',
  every: number,
  initial: number,
  cap: number,
  isOpenAt: (frame: number) => boolean,
  end: number,
): [number, number][] {
  const sent: [number, number][] = [];
  let next = 0;
  let due = initial;
  for (let frame = 0; frame < end; frame++) {
    const isOpen = isOpenAt(frame);
    // Everything that has become due by now, frame by frame.
    if (missed === 'delay') {
      if (isOpen && due <= frame) {
        sent.push([next++, frame]);
        due = (due < frame ? frame : due) + every;
      }
    } else if (isOpen) {
      const pending: number[] = [];
      while (due <= frame) {
        pending.push(next++);
        due += every;
      }
      const isNow = pending.length > 0 && due - every === frame;
      const kept = missed === 'burst' ? pending.slice(-cap) : isNow ? pending.slice(-1) : [];
      for (const index of kept) sent.push([index, frame]);
    }
  }
  return sent;
}

describe('the ticks of any gate', () => {
  test('are those that the policy says, at the times that it says', { timeout: 120_000 }, () => {
    fc.assert(
      fc.property(
        fc.constantFrom('skip' as const, 'burst' as const, 'delay' as const),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 0, max: 9 }),
        fc.integer({ min: 1, max: 4 }),
        fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 12 }),
        (missed, every, initial, burst, gaps) => {
          const end = 100;
          const flips = new Set<number>();
          let at = 0;
          for (const gap of gaps) flips.add((at += gap));
          const isOpenAt = (frame: number): boolean => [...flips].filter((flip) => flip <= frame).length % 2 === 0;
          let drawn = '';
          for (let frame = 0; frame < end; frame++) drawn += flips.has(frame) ? (isOpenAt(frame) ? 'o' : 'x') : '-';
          const seen: [number, number][] = [];
          marbles(({ gated, expectObservable }) => {
            const gate = gated<Tick>(drawn);
            const options = { every, initial, missed, ...(missed === 'burst' ? { burst } : {}) };
            const note = tap<Tick>(({ index, scheduled, late }) => seen.push([index, scheduled + late]));
            expectObservable(ticker(options).pipe(gate, note), `${end}ms !`);
          });
          expect(seen).toEqual(model(missed, every, initial, burst, isOpenAt, end));
        },
      ),
      { numRuns: 1000 },
    );
  });
});
