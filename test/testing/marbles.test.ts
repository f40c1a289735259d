import { AssertionError } from 'node:assert';
import { asapScheduler, concat, merge, observeOn, of, scheduled, tap, timer } from 'rxjs';
import { TestScheduler, type RunHelpers } from 'rxjs/testing';
import { describe, expect, expectTypeOf, test } from 'vitest';
import type { Gate } from '../../src/core/gate.ts';
import { buffered } from '../../src/operators/buffered.ts';
import { workerPool } from '../../src/operators/workerPool.ts';
import { marbles, type MarbleHelpers } from '../../src/testing/marbles.ts';
import { Probe } from '../../src/testing/Probe.ts';
import { ProbeSource } from '../../src/testing/ProbeSource.ts';
import { thrownBy } from '../operators/badOptions.ts';

/** What a test that fails says. */
function failure(body: (helpers: MarbleHelpers) => void): string {
  const error = thrownBy(() => marbles(body));
  expect(error).toBeInstanceOf(AssertionError);
  return (error as Error).message;
}

/** A gate that changes when it is told. */
const opening = (...at: [frame: number, isOpen: boolean][]): { gate: { isOpen: boolean } } => {
  const gate = { isOpen: true };
  for (const [frame, isOpen] of at) timer(frame).subscribe(() => (gate.isOpen = isOpen));
  return { gate };
};

describe('marbles', () => {
  test('does what the diagram in its comment says', () => {
    marbles(({ hot, gated, expectObservable }) => {
      const demand = '  o--x----o--|   ';
      const gate = gated<string>(demand);
      const source = '  -a-b-c-d-----| ';
      const expected = '-a------(bcd)| ';
      expectObservable(hot(source).pipe(buffered({ capacity: 3 }), gate)).toBe(expected);
    });
  });

  test('does what its example says', () => {
    marbles(({ cold, gated, expectObservable }) => {
      const demand = '  x----o   ';
      const source = '  abc|     ';
      const expected = '-----(abc|)';
      expectObservable(cold(source).pipe(buffered({ capacity: 5 }), gated(demand))).toBe(expected);
    });
  });

  test('gives the helpers of TestScheduler.run too', () => {
    marbles(({ cold, hot, time, animate, flush, expectObservable, expectSubscriptions }) => {
      const seen: string[] = [];
      const source = cold('-a|');
      animate('-x');
      source.subscribe((value) => seen.push(value));
      expectSubscriptions(source.subscriptions).toBe('^-!');
      expectObservable(hot('-b')).toBe('-b');
      expect(time('---|')).toBe(3);
      flush();
      expect(seen).toEqual(['a']);
    });
  });

  test('what differs fails with both diagrams', () => {
    expect(failure(({ cold, expectObservable }) => expectObservable(cold('-a|')).toBe('--a|'))).toBe(
      'Marbles differ at frame 1\n\nexpected  --a|\nactual    -a|\n           ^',
    );
  });

  test('throws what its body throws, and leaves time real', () => {
    const error = new Error('body');
    expect(
      thrownBy(() =>
        marbles(() => {
          throw error;
        }),
      ),
    ).toBe(error);
    expect(TestScheduler.frameTimeFactor).toBe(10);
    expect(asapScheduler.now()).toBeGreaterThan(1_000_000);
  });

  test.each([undefined, null, 'a-b', {}])('refuses %o instead of a body', (body) => {
    expect(() => marbles(body as never)).toThrow(
      expect.objectContaining({ name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE', option: 'body' }),
    );
  });

  test('refuses an async body, which would go on when time has run', () => {
    let flushed = false;
    const body = async ({ cold }: MarbleHelpers): Promise<void> => {
      cold('a').subscribe(() => (flushed = true));
      await Promise.resolve();
    };
    // oxlint-disable-next-line typescript/no-misused-promises -- that is what is refused
    expect(() => marbles(body)).toThrow(/^marbles\(\): "body" must not be async: virtual time runs when it returns/);
    expect(flushed).toBe(false);
    expect(TestScheduler.frameTimeFactor).toBe(10);
  });

  test('infers its types', () => {
    expectTypeOf<MarbleHelpers>().toExtend<RunHelpers>();
    marbles((helpers) => {
      expectTypeOf(helpers).toEqualTypeOf<MarbleHelpers>();
      helpers.expectGate({ gate: { isOpen: true } }).toBe('o');
      // @ts-expect-error a number has no gate
      expect(() => helpers.expectGate(5)).toThrow(TypeError);
      // @ts-expect-error a demand is a string
      expect(() => helpers.gated(5)).toThrow(TypeError);
    });
  });
});

describe('gated', () => {
  test('opens and closes as drawn, and stays as it is after the drawing', () => {
    marbles(({ cold, gated, expectObservable }) => {
      const demand = '  o--x---o-------x';
      const source = '  abcdefgh------i-j|';
      const expected = 'abc----(defgh)i---';
      expectObservable(cold(source).pipe(buffered({ capacity: 9 }), gated(demand))).toBe(expected);
    });
  });

  test.each(['x----o', '  x----o', 'x---- o---|', 'x 4ms o', '(ox)-o'])(
    '%o is closed before anything is subscribed',
    (drawing) => {
      marbles(({ gated, expectObservable }) => {
        const source = new ProbeSource(['a', 'b']);
        expectObservable(source.items$.pipe(gated(drawing))).toBe('-----(ab|)');
        expect(source.produced).toBe(0);
      });
    },
  );

  test.each(['', '-', 'o', '----x', '(xo)-x', '|'])('%o is open at frame 0', (drawing) => {
    marbles(({ gated, expectObservable }) => {
      expectObservable(new ProbeSource(['a', 'b']).items$.pipe(gated(drawing))).toBe('(ab|)');
    });
  });

  test('a group happens at one frame', () => {
    marbles(({ gated, expectObservable }) => {
      const source = new ProbeSource(['a', 'b', 'c']);
      const gate = gated<string>('   x-(oxo)');
      const expected = '          --(abc|)';
      expectObservable(source.items$.pipe(gate)).toBe(expected);
    });
  });

  test('holds nothing: what cannot be paused comes through', () => {
    marbles(({ cold, gated, expectObservable }) => {
      expectObservable(cold('-a-b|').pipe(gated('x'))).toBe('-a-b|');
    });
  });

  test('an error and the end pass while it is closed (R-15)', () => {
    marbles(({ cold, gated, expectObservable }) => {
      expectObservable(cold('--#').pipe(gated('x'))).toBe('--#');
      expectObservable(cold('--|').pipe(gated('x'))).toBe('--|');
    });
  });

  describe('at one frame', () => {
    test('the gate changes before what is cold, whichever was made first', () => {
      marbles(({ cold, gated, expectObservable }) => {
        const early = cold('     -a--b--|');
        const gate = gated<string>('-x--o---');
        const late = cold('      -a--b--|');
        for (const source of [early, late]) {
          const seen = source.pipe(tap((value) => values.push([value, open()])));
          expectObservable(seen.pipe(gate)).toBe('-a--b--|');
        }
        const values: [string, boolean][] = [];
        const probe = new ProbeSource<string>([], false);
        expectObservable(probe.items$.pipe(gate)).toBe('--------');
        const open = (): boolean => probe.gate!.isOpen;
        timer(7).subscribe(() =>
          expect(values).toEqual([
            ['a', false],
            ['a', false],
            ['b', true],
            ['b', true],
          ]),
        );
      });
    });

    test('the gate changes before what is hot and was made after it, and after what was made before', () => {
      marbles(({ hot, gated, expectObservable }) => {
        const before = hot('       -a-b---');
        const gate = gated<string>('-x--o--');
        const after = hot('        -a--c--');
        const probe = new ProbeSource<string>([], false);
        expectObservable(probe.items$.pipe(gate)).toBe('-------');
        const seen: string[] = [];
        before.subscribe((value) => seen.push(`before ${value} ${probe.gate!.isOpen}`));
        after.subscribe((value) => seen.push(`after ${value} ${probe.gate!.isOpen}`));
        timer(6).subscribe(() =>
          expect(seen).toEqual(['before a true', 'after a false', 'before b false', 'after c true']),
        );
      });
    });

    test('the gate changes before timers', () => {
      marbles(({ gated, expectObservable }) => {
        const probe = new ProbeSource<string>([], false);
        const seen: boolean[] = [];
        expectObservable(
          merge(probe.items$, timer(2, 2).pipe(tap(() => seen.push(probe.gate!.isOpen)))).pipe(gated('--x-o')),
          '-----!',
        ).toBe('--0-1', { 0: 0, 1: 1 });
        timer(5).subscribe(() => expect(seen).toEqual([false, true]));
      });
    });

    test('a source that it wakes sends at that frame', () => {
      marbles(({ gated, expectObservable }) => {
        const source = new ProbeSource(['a', 'b']);
        expectObservable(concat(timer(2), source.items$).pipe(gated('x-----o'))).toBe('--0---(ab|)', {
          0: 0,
          a: 'a',
          b: 'b',
        });
      });
    });
  });

  test.each([
    ['a', 'ERR_INVALID_ARG_VALUE'],
    ['o-|x', 'ERR_INVALID_ARG_VALUE'],
    ['o|-', 'ERR_INVALID_ARG_VALUE'],
    ['o-#', 'ERR_INVALID_ARG_VALUE'],
    ['^-x', 'ERR_INVALID_ARG_VALUE'],
    ['-x!', 'ERR_INVALID_ARG_VALUE'],
    ['(xo', 'ERR_INVALID_ARG_VALUE'],
    ['x)', 'ERR_INVALID_ARG_VALUE'],
    ['(x(o))', 'ERR_INVALID_ARG_VALUE'],
    ['()', 'ERR_INVALID_ARG_VALUE'],
    ['(x-)', 'ERR_INVALID_ARG_VALUE'],
    ['o9ms x', 'ERR_INVALID_ARG_VALUE'],
    ['o 9 x', 'ERR_INVALID_ARG_VALUE'],
    ['o 9msx', 'ERR_INVALID_ARG_VALUE'],
    ['o 1.5ms x', 'ERR_INVALID_ARG_VALUE'],
    ['O', 'ERR_INVALID_ARG_VALUE'],
    [undefined, 'ERR_INVALID_ARG_TYPE'],
    [null, 'ERR_INVALID_ARG_TYPE'],
    [5, 'ERR_INVALID_ARG_TYPE'],
    [['x'], 'ERR_INVALID_ARG_TYPE'],
  ])('and expectGate refuse %o', (drawing, code) => {
    marbles(({ gated, expectGate }) => {
      const refused = { name: 'TypeError', code, option: 'demand', received: drawing };
      expect(() => gated(drawing as string)).toThrow(expect.objectContaining(refused));
      const expectation = expectGate({ gate: undefined });
      expect(() => expectation.toBe(drawing as string)).toThrow(expect.objectContaining(refused));
      expectation.toBe('x');
    });
  });
});

describe('expectGate', () => {
  test('compares the gate that a source sees with a drawing, frame by frame', () => {
    marbles(({ gated, expectGate, expectObservable }) => {
      const source = new ProbeSource<string>([], false);
      const demand = '  o--x--o-|';
      expectObservable(source.items$.pipe(gated(demand))).toBe('-');
      expectGate(source).toBe(demand);
      expectGate(source).toBe('---x--o--');
      expectGate(source).toBe('  o--xxxo');
      expectGate(source).toBe('o-- x 2ms o');
    });
  });

  test('a stage holds its source back while it is full', () => {
    marbles(({ cold, gated, expectGate, expectObservable }) => {
      const source = new ProbeSource(['a', 'b', 'c'], false);
      const work = workerPool((_: string) => cold('---r|'), { concurrency: 1, capacity: 1 });
      const results = '---r---r---r';
      // At frame 4 there is room for `c`, which takes it at once; from frame 8 on nothing more comes.
      const gate = '   x-------o---';
      expectObservable(source.items$.pipe(work, gated('o'))).toBe(results);
      expectGate(source).toBe(gate);
    });
  });

  test.each([
    ['o--x--o', 3, 'o--x--o', 'o-----x', [[6, false]]],
    ['o--x', 3, 'o--x', 'o---', []],
    ['----', 1, 'o---', 'ox--', [[1, false]]],
    ['x---', 0, 'x---', 'o---', []],
    ['x', 0, 'x', 'o', []],
    ['o-x', 2, 'o-x', 'o--', [[3, false]]],
    ['o 50ms x', 51, 'o 50ms x', 'o 50ms -', []],
  ] as const)('%o fails with both drawings', (drawing, frame, expected, actual, changes) => {
    const message = failure(({ expectGate }) =>
      expectGate(opening(...(changes as unknown as [number, boolean][]))).toBe(drawing),
    );
    expect(message).toContain(`The gate differs at frame ${frame}\n\nexpected  ${expected}\nactual    ${actual}\n`);
    const line = message.split('\n')[4]!;
    expect(expected[line.indexOf('^') - 10]).not.toBe(actual[line.indexOf('^') - 10]);
    expect(message).toContain('o = open\nx = closed, or not subscribed');
  });

  test('its error has both drawings', () => {
    const error = thrownBy(() => marbles(({ expectGate }) => expectGate(opening()).toBe('o-x')));
    expect(error).toMatchObject({ code: 'ERR_ASSERTION', expected: 'o-x', actual: 'o--' });
  });

  test('of a group the last sign counts', () => {
    marbles(({ expectGate }) => {
      expectGate(opening([1, false], [5, true])).toBe('-(ox)o');
      expectGate(opening()).toBe('(xo)');
    });
  });

  test('a long drawing is a short message', () => {
    const message = failure(({ expectGate }) => expectGate(opening([30_000, false])).toBe('o 40s x'));
    expect(message).toContain('at frame 30000\n\nexpected  o 29999ms - 10s x\nactual    o 29999ms x 10s -\n');
    for (const line of message.split('\n')) expect(line.length).toBeLessThan(140);
  });

  test('a source that is not subscribed, yet or any longer, counts as closed', () => {
    marbles(({ cold, gated, expectGate, expectObservable }) => {
      const source = new ProbeSource<string>([], false);
      timer(5).subscribe(() => source.complete());
      const start = cold('      ---|');
      const gate = gated<string>('-----------');
      expectObservable(concat(start, source.items$).pipe(gate)).toBe('-----|');
      expectGate(source).toBe('  x--o-x-----');
      const never = new ProbeSource();
      expectGate(never).toBe('   x----------');
    });
  });

  test('a source that is subscribed again is seen again', () => {
    marbles(({ gated, expectGate, expectObservable }) => {
      const source = new ProbeSource<string>([], false);
      const gate = gated<string>('-');
      expectObservable(source.items$.pipe(gate), '^-!   ').toBe('-');
      expectObservable(source.items$.pipe(gate), '----^!').toBe('-');
      expectGate(source).toBe('                     o-x-ox');
    });
  });

  test('takes whatever has a gate: a probe, or an object of your own', () => {
    marbles(({ expectGate }) => {
      const probe = new Probe<string>();
      timer(2).subscribe(() => probe.close());
      timer(4).subscribe(() => probe.open());
      expectGate(probe).toBe('o-x-o');
      expectGate({ gate: probe.gate }).toBe('o-x-o');
      expectGate({ gate: probe.gate, isSubscribed: false }).toBe('x----');
      expectGate({ gate: undefined as Gate | undefined }).toBe('x----');
    });
  });

  describe('looks at a frame when all else has happened at it', () => {
    test('timers, also those that a timer of that frame sets', () => {
      marbles(({ expectGate }) => {
        const gate = { isOpen: true };
        expectGate({ gate }).toBe('o-x-o');
        timer(2).subscribe(() => timer(0).subscribe(() => timer(0).subscribe(() => (gate.isOpen = false))));
        // Open and closed again within a frame is not seen.
        timer(3).subscribe(() => (gate.isOpen = true));
        timer(3).subscribe(() => timer(0).subscribe(() => (gate.isOpen = false)));
        timer(4).subscribe(() => (gate.isOpen = true));
      });
    });

    test('asap', () => {
      marbles(({ expectGate }) => {
        const gate = { isOpen: true };
        expectGate({ gate }).toBe('o-x');
        timer(2)
          .pipe(observeOn(asapScheduler))
          .subscribe(() => scheduled(of(0), asapScheduler).subscribe(() => (gate.isOpen = false)));
      });
    });

    test('values, and the gate that gated draws, in whatever order they were made', () => {
      marbles(({ cold, hot, gated, expectGate, expectObservable }) => {
        const probe = new Probe<string>();
        expectGate(probe).toBe('o-x-o');
        cold('--a-b').subscribe((value) => (value === 'a' ? probe.close() : probe.open()));
        const source = new ProbeSource<string>([], false);
        expectGate(source).toBe('o-x-o');
        expectObservable(source.items$.pipe(gated('--x-o'))).toBe('-');
        hot('--a').subscribe(() => expect(source.gate!.isOpen).toBe(false));
      });
    });

    test('and moves no time itself', () => {
      marbles(({ expectGate, flush, expectObservable }) => {
        const frames: number[] = [];
        const source = {
          get gate() {
            timer(3).subscribe(() => frames.push(asapScheduler.now()));
            return { isOpen: true };
          },
        };
        expectGate(source).toBe('---');
        flush();
        expect(frames).toEqual([3, 4, 5]);
        expectObservable(timer(2)).toBe('-------(0|)', { 0: 0 });
      });
    });
  });

  test('is checked by flush too, once', () => {
    marbles(({ expectGate, flush }) => {
      expectGate(opening()).toBe('o-x');
      expect(flush).toThrow('The gate differs at frame 2');
      expect(flush).not.toThrow();
    });
  });

  test('without toBe it is an error, since it would expect nothing', () => {
    expect(() => marbles(({ expectGate }) => void expectGate(opening()))).toThrow('called without toBe()');
  });

  test('when time has begun it is an error, since what is past cannot be seen', () => {
    marbles(({ cold, expectGate, flush }) => {
      cold('---a').subscribe();
      flush();
      const expectation = expectGate(opening());
      expect(() => expectation.toBe('----')).toThrow('before virtual time begins');
    });
  });

  test.each([undefined, null, 5, {}, () => {}])('refuses %o, which has no gate', (source) => {
    marbles(({ expectGate }) => {
      expect(() => expectGate(source as never)).toThrow(
        expect.objectContaining({ name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE', option: 'source' }),
      );
    });
  });

  test.each(['', '|', '  '])('refuses %o, which shows no frame', (drawing) => {
    marbles(({ expectGate }) => {
      const expectation = expectGate({ gate: undefined });
      expect(() => expectation.toBe(drawing)).toThrow('"demand" must be a diagram of one frame or more');
      expectation.toBe('x');
    });
  });
});
