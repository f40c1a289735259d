import { EMPTY, filter, map, merge, NEVER, of, share, Subject, take, throwError } from 'rxjs';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { forEach, fromIterable, named, run, workerPool } from '../../src/index.ts';
import { marbles } from '../../src/testing/marbles.ts';
import { Probe } from '../../src/testing/Probe.ts';

const way = (name: string) => fromIterable([1, 2]).pipe(named(name), named(`${name} again`));

describe('named', () => {
  test('passes everything unchanged', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' -a-(bc)--|');
      const expected = '    -a-(bc)--|';
      expectObservable(source.pipe(named('stretch'))).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe('^--------!');
    });
  });

  test('passes an error, and an unsubscribe', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const failing = cold('-a-#');
      const long = cold('   -a-b-c');
      expectObservable(failing.pipe(named('stretch'))).toBe('-a-#');
      expectObservable(long.pipe(named('stretch')), '---!').toBe('-a');
      expectSubscriptions(long.subscriptions).toBe('^--!');
    });
  });

  test('lets a closed gate through to the source, with a run and without', async () => {
    for (const flow of [undefined, 'run']) {
      let made = 0;
      const source = fromIterable(
        (function* () {
          for (;;) yield made++;
        })(),
      );
      const slow = source.pipe(
        map((n) => n),
        named('stretch'),
        workerPool(() => NEVER, { concurrency: 2, capacity: 1 }),
      );
      if (flow === undefined) {
        const probe = new Probe().subscribe(slow);
        expect(made).toBeLessThanOrEqual(4);
        probe.unsubscribe();
      } else {
        const running = run(slow);
        await new Promise((resolve) => void setTimeout(resolve, 10));
        expect(made).toBeLessThanOrEqual(4);
        running.abort();
        await running.done;
      }
    }
  });

  test('shows in the report between what is above and below it, with how many values passed', async () => {
    const { stages } = await run(
      fromIterable([1, 2, 3, 4, 5, 6]).pipe(
        map((n) => n * 2),
        filter((n) => n % 4 === 0),
        named('evens'),
        forEach(() => {}),
      ),
    ).done;
    expect(stages.map(({ name, kind, out, to }) => [name, kind, out, to])).toEqual([
      ['fromIterable', 'source', 6, ['evens']],
      ['evens', 'stretch', 3, ['forEach']],
      ['forEach', 'stage', 0, []],
    ]);
    expect(stages.every(({ unaccounted }) => unaccounted === 0)).toBe(true);
  });

  test('can stand at the end, twice in a row, and in each of several ways', async () => {
    const { stages } = await run(merge(way('a'), way('b')).pipe(named('end'))).done;
    const links = Object.fromEntries(stages.map(({ name, to }) => [name, to]));
    expect(links).toEqual({
      fromIterable: ['a'],
      'fromIterable 2': ['b'],
      a: ['a again'],
      b: ['b again'],
      'a again': ['end'],
      'b again': ['end'],
      end: [],
    });
  });

  test('is found by a source behind a multicast', async () => {
    const { stages } = await run(fromIterable([1, 2, 3]).pipe(named('before'), share(), named('after'))).done;
    expect(stages.map(({ name, out }) => [name, out])).toEqual([
      ['fromIterable', 3],
      ['before', 3],
      ['after', 3],
    ]);
  });

  test('leaves a flow that is told to quit alone', async () => {
    const hot = new Subject<number>();
    const running = run(
      hot.pipe(
        named('hot'),
        workerPool(async (n) => n),
      ),
    );
    hot.next(1);
    const report = await running.shutdown();
    expect([report.ended, report.results]).toEqual(['quit', 1]);
    expect(hot.observed).toBe(false);
  });

  test('R-23 stops a synchronous source with take', async () => {
    const { stages, results } = await run(fromIterable([1, 2, 3, 4]).pipe(named('some'), take(2))).done;
    expect([results, stages.map(({ out }) => out)]).toEqual([2, [2, 2]]);
  });

  test('of empty, of an error at once', async () => {
    expect((await run(EMPTY.pipe(named('none'))).done).results).toBe(0);
    await expect(run(throwError(() => new Error('no')).pipe(named('none'))).done).rejects.toThrow('no');
  });

  test('keeps the type', () => {
    expectTypeOf(of(1).pipe(named('n'))).toEqualTypeOf(of(1));
    // @ts-expect-error -- a name is text
    expect(() => named(1)).toThrow(TypeError);
  });
});
