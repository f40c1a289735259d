import { AssertionError } from 'node:assert';
import { Subject, concat, map, mergeMap, of, throwError, timer, window } from 'rxjs';
import { TestScheduler, type RunHelpers } from 'rxjs/testing';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { assertMarbles } from '../../src/testing/assertMarbles.ts';
import { toEqualMarbles } from '../../src/testing/vitest.ts';
import { thrownBy } from '../operators/badOptions.ts';

const run = (body: (helpers: RunHelpers) => void): void => new TestScheduler(assertMarbles).run(body);

/** What a test that fails says. */
function failure(body: (helpers: RunHelpers) => void): string {
  const error = thrownBy(() => run(body));
  expect(error).toBeInstanceOf(AssertionError);
  return `\n${(error as Error).message}\n`;
}

const next = (frame: number, value: unknown) => ({ frame, notification: { kind: 'N', value, error: undefined } });

/** As they stand in a test: without the indentation. */
const lines = (text: string): string => text.replaceAll(/\n {6}/g, '\n').replace(/\n +$/, '\n');

/** Subscribes twice to one source, which is expected to be subscribed as drawn. */
const resubscribed =
  (...expected: string[]) =>
  ({ cold, expectObservable, expectSubscriptions }: RunHelpers): void => {
    const source = cold('abc|');
    expectObservable(concat(source, source), '-----!').toBe('abcab');
    expectSubscriptions(source.subscriptions).toBe(expected);
  };

const stays = (end: number) => Array.from({ length: 1000 }, () => ({ subscribedFrame: 0, unsubscribedFrame: end }));

const longList = (odd: unknown) => Array.from({ length: 200_000 }, (_, i) => next(i, i === 150_000 ? odd : { i }));

const wideList = (last: string) => [...Array.from({ length: 30 }, (_, i) => next(i * 12, 'a')), next(370, last)];

describe('assertMarbles', () => {
  test('does what the diagram in its comment says', () => {
    expect(failure(({ cold, expectObservable }) => expectObservable(cold('--a---b|')).toBe('--a--(bc|)'))).toBe(
      lines(`
      Marbles differ at frame 5

      expected  --a--(bc|)
      actual    --a---b|
                     ^
    `),
    );
  });

  test('passes what is equal: values, groups, times, errors, objects, inner Observables and subscriptions', () => {
    run(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const source = cold('--a 97ms (bc|)', { a: { id: 1 }, b: undefined, c: NaN });
      expectObservable(source).toBe('  --a 97ms (bc|)', { a: { id: 1 }, b: undefined, c: NaN });
      expectSubscriptions(source.subscriptions).toBe('^ 99ms !');
      expectObservable(cold('-#', {}, new TypeError('x'))).toBe('-#', {}, new TypeError('x'));
      expectObservable(hot('-a^b-c|')).toBe('-b-c|');
      const inners = { x: cold('abc(d|)'), y: cold('-e-|') };
      expectObservable(cold('abcde-|').pipe(window(cold('---x')))).toBe('x--y--|', inners);
      expectObservable(of(1, 2)).toEqual(of(1, 2));
    });
  });

  test('outside of run a column is ten frames', () => {
    const scheduler = new TestScheduler(assertMarbles);
    scheduler.expectObservable(scheduler.createColdObservable('--a-b|')).toBe('--a--b|');
    const error = thrownBy(() => scheduler.flush()) as Error;
    expect(`\n${error.message}\n`).toBe(
      lines(`
      Marbles differ at frame 40

      expected  --a--b|
      actual    --a-b|
                    ^
    `),
    );
  });

  test('says which values the letters stand for, and gives equal values equal letters', () => {
    const values = { a: { id: 1 }, b: { id: 2, of: [1, 'two'] }, c: 'c' };
    const changed = { ...values, b: { id: 2, of: [1, 'three'] } };
    expect(
      failure(({ cold, expectObservable }) => expectObservable(cold('-acb-a|', changed)).toBe('-acb-a|', values)),
    ).toBe(
      lines(`
      Marbles differ at frame 3

      expected  -acb-a|
      actual    -acd-a|
                   ^

      a = { id: 1 }
      b = { id: 2, of: [ 1, 'two' ] }
      d = { id: 2, of: [ 1, 'three' ] }
    `),
    );
  });

  test('shows both errors where the diagrams are alike, and one where they are equal', () => {
    const other = Object.assign(new Error('no', { cause: 'late' }), { code: 'E_NO' });
    const text = failure(({ cold, expectObservable }) =>
      expectObservable(cold('-a#', undefined, other)).toBe('-a#', undefined, new TypeError('no')),
    );
    expect(text).toContain('\nexpected  -a#\nactual    -a#\n            ^\n');
    expect(text).toContain("# = TypeError: no (expected)\n# = Error: no { code: 'E_NO', cause: 'late' } (actual)");
    expect(
      failure(({ cold, expectObservable }) => expectObservable(cold('a-#', {}, other)).toBe('-a#', {}, other)),
    ).toMatch(/\n# = Error: no [^\n]*\n$/);
    expect(failure(({ expectObservable }) => expectObservable(throwError(() => 5)).toBe('|'))).toContain('# = 5');
  });

  test('values that look the same and are not are told apart', () => {
    class A {
      readonly id = 1;
    }
    const text = failure(({ cold, expectObservable }) =>
      expectObservable(cold('a', { a: () => 1 })).toBe('a', { a: () => 1 }),
    );
    expect(text).toContain('a = [Function: a]\nb = [Function: a] (looks the same, and is not)');
    expect(
      failure(({ cold, expectObservable }) => expectObservable(cold('a', { a: 1 })).toBe('a', { a: '1' })),
    ).toContain('expected  1\nactual    a\n          ^\n\na = 1');
    expect(
      failure(({ cold, expectObservable }) => expectObservable(cold('a', { a: new A() })).toBe('a', { a: { id: 1 } })),
    ).toContain('a = { id: 1 }\nb = A { id: 1 }');
  });

  test('a value that is a sign of diagrams gets a letter, and none that another value is', () => {
    const values = { a: '-', b: '|', c: '(', d: 'a', e: '', f: ' ', g: 'long' };
    const text = failure(({ cold, expectObservable }) =>
      expectObservable(cold('abcdefg', values)).toBe('abcdef|', values),
    );
    expect(text).toContain('expected  bcdaef|\nactual    bcdaefg\n');
    expect(text).toContain("b = '-'\nc = '|'\nd = '('\ne = ''\nf = ' '\ng = 'long'");
  });

  test('inner Observables are drawn', () => {
    const text = failure(({ cold, expectObservable }) =>
      expectObservable(cold('abcde|').pipe(window(cold('--x--')))).toBe('x-y--|', {
        x: cold('a(b|)'),
        y: cold('-c-(d|)'),
      }),
    );
    expect(text).toContain('expected  f-g--|\nactual    h-i--|\n');
    expect(text).toContain('f = a(b|)\ng = -c-(d|)\nh = ab(c|)\ni = -de|');
    expect(
      failure(({ cold, expectObservable }) =>
        expectObservable(of(cold('-a#', { a: { id: 1 } }, new Error('in')))).toBe('(x|)', { x: cold('-a|') }),
      ),
    ).toMatch(/b = -a\|\nc = -d#  # = Error: in\nd = \{ id: 1 \}\n$/);
  });

  test('what follows upon a group sooner than its letters leave room for stands below it, or behind', () => {
    const source = timer(2, 2).pipe(mergeMap((n) => of(`${n}`, 'y')));
    expect(failure(({ expectObservable }) => expectObservable(source, '-------!').toBe('--0-1-2'))).toBe(
      lines(`
      Marbles differ at frame 2

      expected  --0-  1-  2---
      actual    --(0y)(1y)(2y)
                  ^
    `),
    );
  });

  test('long silence is a time, the same in both rows', () => {
    expect(
      failure(({ cold, expectObservable }) =>
        expectObservable(cold('97ms (ab) 50ms c 2s d 1m e')).toBe('97ms (ab) 50ms c 2s d 1m (e|)'),
      ),
    ).toBe(
      lines(`
      Marbles differ at frame 62153

      expected  97ms (ab) 50ms c 2s d 1m (e|)
      actual    97ms (ab) 50ms c 2s d 1m e---
                                         ^
    `),
    );
    expect(failure(({ cold, expectObservable }) => expectObservable(cold('a 15ms |')).toBe('(ab) 12ms |'))).toContain(
      'expected  (ab)------------|\nactual    a---------------|',
    );
  });

  test('nothing is drawn as silence', () => {
    expect(failure(({ cold, expectObservable }) => expectObservable(cold('----')).toBe('--a'))).toContain(
      'expected  --a\nactual    ---\n            ^',
    );
    expect(failure(({ cold, expectObservable }) => expectObservable(cold('|')).toBe(''))).toContain(
      'expected  -\nactual    |\n          ^',
    );
  });

  describe('of subscriptions', () => {
    test('draws the pair that differs', () => {
      run(resubscribed('^--!', '---^-!'));
      expect(failure(resubscribed('^--!', '---^--!'))).toBe(
        lines(`
      Subscriptions differ, 1 of 2

      expected 2  ---^--!
      actual 2    ---^-!
                       ^
    `),
      );
      expect(failure(resubscribed('^--!'))).toContain('1 expected, 2 seen\n\nexpected 2  none\nactual 2    ---^-!');
      expect(failure(resubscribed('^--!', '---^-!', '(^!)'))).toContain(
        '3 expected, 2 seen\n\nexpected 3  (^!)\nactual 3    none',
      );
      expect(failure(resubscribed())).toContain('0 expected, 2 seen\n\nexpected 1  none\nactual 1    ^--!\n');
    });

    test('one that has not ended goes on', () => {
      expect(
        failure(({ cold, expectObservable, expectSubscriptions }) => {
          const source = cold('-');
          expectObservable(source).toBe('-');
          expectSubscriptions(source.subscriptions).toBe('^ 50ms !');
        }),
      ).toContain('expected  ^ 50ms !\nactual    ^ 50ms -\n                 ^');
    });

    test('shows a few of many', () => {
      const error = thrownBy(() => assertMarbles(stays(1), stays(2))) as AssertionError;
      expect(error.message).toContain('1000 of 1000');
      expect(error.message).toMatch(/and 995 more$/);
      expect(error.actual).toHaveLength(100);
    });
  });

  describe('is bounded', () => {
    test('of a long list it shows what is around the first difference', () => {
      const error = thrownBy(() => assertMarbles(longList(1), longList(2))) as AssertionError;
      const text = error.message.split('\n');
      expect(text[0]).toBe('Marbles differ at frame 150000');
      expect([text[2], text[3], text[4]]).toEqual([
        'expected  … abcdefghijklmnopqrstuvwxyzABCDEF',
        'actual    … abcdefghijklmnopqrstGvwxyzABCDEF',
        '                                ^',
      ]);
      expect(text.length).toBeLessThan(50);
      expect([(error.actual as unknown[]).length, (error.expected as unknown[]).length]).toEqual([32, 32]);
    });

    test('of a wide diagram it shows what is around the first difference', () => {
      const error = thrownBy(() => assertMarbles(wideList('x'), wideList('y'))) as Error;
      for (const line of error.message.split('\n')) expect(line.length).toBeLessThan(140);
      expect(error.message).toMatch(/expected {2}… .*y\nactual {4}… .*x\n +\^$/);
    });

    test('of long values that differ it shows where they begin to', () => {
      const text = 'x'.repeat(5000);
      const error = thrownBy(() => assertMarbles([next(0, `${text}a`)], [next(0, `${text}b`)])) as Error;
      expect(error.message).toMatch(/\na = …x{60}b'\nb = …x{60}a'$/);
      const huge = { list: Array.from({ length: 1_000_000 }, (_, i) => ({ i })), text };
      const other = thrownBy(() => assertMarbles([next(0, huge)], [])) as Error;
      expect(other.message.length).toBeLessThan(300);
    });

    test('of more values than there are letters it shows them all the same', () => {
      const group = Array.from({ length: 1000 }, (_, i) => next(0, { i }));
      const inner = [next(0, group), next(0, group.toReversed())];
      expect((thrownBy(() => assertMarbles(inner, [])) as Error).message.split('\n').length).toBeLessThan(100);
    });
  });

  test('never says [object Object], and runs no code of a value', () => {
    const nasty = {
      toString: () => {
        throw new Error('toString');
      },
      [Symbol.for('nodejs.util.inspect.custom')]: () => {
        throw new Error('inspect');
      },
    };
    const revocable = Proxy.revocable({}, {});
    revocable.revoke();
    const noMessage = Object.defineProperty(new Error('x'), 'message', {
      get() {
        throw new Error('message');
      },
    });
    const subject = new Subject();
    for (const value of [
      {},
      { a: { b: { c: { d: {} } } } },
      nasty,
      revocable.proxy,
      noMessage,
      subject,
      Object.create(null),
    ]) {
      const { message } = thrownBy(() => assertMarbles([next(0, value)], [next(0, 'a')])) as Error;
      expect(message).toContain('expected  a\nactual    b\n');
      expect(message).toMatch(/\nb = \S/);
      expect(message).not.toContain('[object Object]');
    }
  });

  test('an error within a value is shown without its stack', () => {
    const { message } = thrownBy(() => assertMarbles([next(0, { why: new Error('deep') })], [])) as Error;
    expect(message).toMatch(/a = \{ why: Error: deep \}$/);
    expect(message).not.toContain('.test.ts');
  });

  test.each([
    ['actual', undefined, []],
    ['actual', 'a-b|', []],
    ['actual', [1, 2], []],
    ['actual', [{ frame: 1 }], []],
    ['expected', [], '--a'],
    ['expected', [next(0, 'a')], [{ subscribedFrame: 0, unsubscribedFrame: 1 }]],
    ['expected', [], [null]],
  ])('refuses as %s what is no list of TestScheduler: %j and %j', (option, actual, expected) => {
    expect(() => assertMarbles(actual, expected)).toThrow(
      expect.objectContaining({
        name: 'TypeError',
        code: 'ERR_INVALID_ARG_TYPE',
        option,
        message: expect.stringContaining(`assertMarbles(): "${option}" must be a list of messages`) as string,
      }),
    );
  });

  test('its error is an AssertionError with both lists, and begins where it was called', () => {
    const [actual, expected] = [[next(0, 'a')], [next(1, 'a')]];
    const error = thrownBy(() => assertMarbles(actual, expected)) as AssertionError;
    expect(error).toMatchObject({ code: 'ERR_ASSERTION', operator: 'assertMarbles', generatedMessage: false });
    expect([error.actual, error.expected]).toEqual([actual, expected]);
    expect(error.stack?.split('\n').find((line) => line.trim().startsWith('at '))).toContain('assertMarbles.test.ts');
  });
});

const scheduled = (body: (helpers: RunHelpers) => void): void =>
  new TestScheduler((actual, expected) => expect(actual).toEqualMarbles(expected)).run(body);

describe('toEqualMarbles', () => {
  test('is a matcher of vitest that TestScheduler can be made with', () => {
    scheduled(({ cold, expectObservable }) => expectObservable(cold('-a|').pipe(map((s) => s))).toBe('-a|'));
    expect(() => scheduled(({ cold, expectObservable }) => expectObservable(cold('-a|')).toBe('-a-|'))).toThrow(
      'expected  -a-|\nactual    -a|\n            ^',
    );
  });

  test('gives vitest both lists to show', () => {
    const error = thrownBy(() => expect([next(0, 'a')]).toEqualMarbles([])) as { actual: unknown; expected: unknown };
    expect([error.actual, error.expected]).toEqual([[next(0, 'a')], []]);
  });

  test('can be turned round with not', () => {
    expect([next(0, 'a')]).not.toEqualMarbles([]);
    expect(() => expect([]).not.toEqualMarbles([])).toThrow('Marbles are equal, and should differ');
  });

  test('refuses what is no list of TestScheduler', () => {
    expect(() => expect('a-b').toEqualMarbles([])).toThrow('toEqualMarbles(): "actual" must be a list');
  });

  test('has its types', () => {
    expectTypeOf(expect([]).toEqualMarbles).parameters.toEqualTypeOf<[unknown]>();
    expectTypeOf(toEqualMarbles([], []).pass).toEqualTypeOf<boolean>();
    // @ts-expect-error the expected list is missing
    expect(() => expect([]).toEqualMarbles()).toThrow(TypeError);
  });
});
