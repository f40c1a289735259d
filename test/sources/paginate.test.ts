import { getEventListeners } from 'node:events';
import { lastValueFrom, take, toArray, type Observable } from 'rxjs';
import { afterEach, beforeEach, describe, expect, expectTypeOf, test, vi } from 'vitest';
import { hooks } from '../../src/core/hooks.ts';
import { paginate, type PaginateOptions } from '../../src/sources/paginate.ts';
import { Probe } from '../../src/testing/Probe.ts';
import { marbles } from '../../src/testing/marbles.ts';
import { TestFlow } from '../core/TestFlow.ts';
import { thrownBy } from '../operators/badOptions.ts';
import { ended, turns } from './events.ts';
import { inVirtualTime } from './virtualPromises.ts';

const late: unknown[] = [];
beforeEach(() => {
  vi.spyOn(hooks, 'lateError').mockImplementation((error, stage) => void late.push([error, stage]));
});
afterEach(() => {
  vi.restoreAllMocks();
  expect(late.splice(0)).toEqual([]);
});

const all = <T>(source: Observable<T>): Promise<T[]> => lastValueFrom(source.pipe(toArray()));

const PAGES = ['ab', 'cd', 'ef'];

/** Pages of letters, each of which takes some frames, with a record of when each was fetched. */
function slowPages(frames: number, options: PaginateOptions<number> = {}, pages: readonly string[] = PAGES) {
  const fetched: number[] = [];
  const source = paginate((at: number = 0) => {
    return inVirtualTime(frames, () => {
      fetched.push(at);
      return { items: [...pages[at]!], next: at + 1 < pages.length ? at + 1 : undefined };
    });
  }, options);
  return { source, fetched };
}

/** Pages that are answered by hand. */
function byHand(options: PaginateOptions<string> = {}) {
  const calls: {
    cursor: string | undefined;
    signal: AbortSignal;
    answer: (page: { items: Iterable<string>; next?: string }) => void;
    fail: (error: unknown) => void;
  }[] = [];
  const source = paginate<string, string>((cursor, { signal }) => {
    return new Promise((answer, fail) => calls.push({ cursor, signal, answer, fail }));
  }, options);
  return { source, calls };
}

/** So many pages without items, and then one. */
const emptyBefore =
  (last: number) =>
  (page: number = 0): { items: string[]; next: number | null } => ({
    items: page === last ? ['end'] : [],
    next: page < last ? page + 1 : null,
  });

describe('paginate', () => {
  test('R-32: reports the error of a page that was fetched ahead, if the flow ends before it is its turn', async () => {
    let calls = 0;
    const failure = new Error('page 1 is broken');
    const pages$ = paginate(
      async () => {
        if (calls++ > 0) throw failure;
        return { items: ['a', 'b'], next: 1 };
      },
      { start: 0, prefetch: 1 },
    );
    const probe = new Probe<string>();
    probe.allow(1);
    probe.subscribe(pages$);
    await vi.waitFor(() => expect([probe.values, calls]).toEqual([['a'], 2]));
    await new Promise((resolve) => setImmediate(resolve));
    probe.unsubscribe();
    expect(late.splice(0)).toEqual([[failure, 'paginate']]);
  });

  test('does what the diagram in its comment says', () => {
    marbles(({ hot, expectObservable }) => {
      const demand = '  o----o-o----o-o';
      const expected = '---a-b----c-d-|';
      const probe = new Probe<string>();
      probe.close();
      hot(demand).subscribe(() => probe.allow(1));
      const letters = paginate((page: number = 0) => {
        return inVirtualTime(3, () => ({ items: [...['ab', 'cd'][page]!], next: page === 0 ? 1 : undefined }));
      });
      expectObservable(letters.pipe(probe.operator())).toBe(expected);
    });
  });

  test('prints what its kind of example says, and fetches no page more than is taken', async () => {
    const fetched: string[] = [];
    const site: Record<string, { items: number[]; next?: string }> = {
      '/1': { items: [1, 2], next: '/2' },
      '/2': { items: [3, 4], next: '/3' },
      '/3': { items: [5] },
    };
    const pages = paginate(
      async (url: string, { index }) => {
        fetched.push(`${index} ${url}`);
        return site[url]!;
      },
      { start: '/1' },
    );
    expect(await all(pages)).toEqual([1, 2, 3, 4, 5]);
    expect(fetched.splice(0)).toEqual(['0 /1', '1 /2', '2 /3']);
    expect(await all(pages.pipe(take(4)))).toEqual([1, 2, 3, 4]);
    expect(fetched).toEqual(['0 /1', '1 /2']);
  });

  test('G2: with a closed gate nothing is fetched, and no item is taken from a page', () => {
    let pulled = 0;
    let fetched = 0;
    const pages = paginate((page: number = 0) => {
      fetched++;
      function* items() {
        for (let i = 0; i < 3; i++) {
          pulled++;
          yield page * 3 + i;
        }
      }
      return { items: items(), next: page + 1 };
    });
    const probe = new Probe<number>();
    probe.close();
    probe.subscribe(pages);
    const seen = [[fetched, pulled]];
    for (let i = 0; i < 4; i++) {
      probe.allow(1);
      seen.push([fetched, pulled]);
    }
    probe.unsubscribe();
    expect(seen).toEqual([
      [0, 0],
      [1, 1],
      [1, 2],
      [1, 3],
      [2, 4],
    ]);
    expect([probe.values, probe.violations]).toEqual([[0, 1, 2, 3], []]);
  });

  test('prefetch fetches so many pages ahead, one at a time, and never before the first is wanted', async () => {
    const { source, calls } = byHand({ prefetch: 2 });
    const probe = new Probe<string>();
    probe.close();
    probe.subscribe(source);
    expect(calls).toHaveLength(0);
    probe.allow(1);
    const page = async (i: number): Promise<void> => {
      calls[i]!.answer({ items: [`${i}a`, `${i}b`], next: String(i + 1) });
      await turns(1);
    };
    await page(0);
    expect([calls.length, probe.values]).toEqual([2, ['0a']]);
    await page(1);
    await page(2);
    // The page that is being sent, and two more.
    expect(calls.map(({ cursor }) => cursor)).toEqual([undefined, '1', '2']);
    probe.allow(2);
    expect([calls.length, probe.values]).toEqual([4, ['0a', '0b', '1a']]);
    probe.unsubscribe();
    expect(calls[3]!.signal.aborted).toBe(true);
  });

  test('in virtual time: with prefetch the next page is there when it is wanted', () => {
    for (const [prefetch, demand, expected] of [
      [0, 'o----o-o----o-o----o', '---a-b----c-d----e-|'],
      [1, 'o----o-o-o-(oo)     ', '---a-b-c-d-(e|)     '],
    ] as const) {
      marbles(({ hot, expectObservable }) => {
        const probe = new Probe<string>();
        probe.close();
        hot(demand).subscribe(() => probe.allow(1));
        const { source, fetched } = slowPages(3, { prefetch }, ['ab', 'cd', 'e']);
        expectObservable(source.pipe(probe.operator())).toBe(expected);
        hot('--------------------x').subscribe(() => expect(fetched).toEqual([0, 1, 2]));
      });
    }
  });

  test('passes empty pages, sync and async, 100,000 of them without growing the stack (R-22)', async () => {
    expect(await all(paginate(emptyBefore(100_000)))).toEqual(['end']);
    expect(await all(paginate(emptyBefore(100_000), { prefetch: 50_000 }))).toEqual(['end']);
    const few = emptyBefore(100);
    expect(await all(paginate(async (page?: number) => few(page)))).toEqual(['end']);
  });

  test('R-22: 100,000 items of one page do not grow the stack', async () => {
    let count = 0;
    paginate(() => ({ items: Array(100_000).fill(0) })).subscribe(() => count++);
    expect(count).toBe(100_000);
  });

  test('R-03: a first page without items and without next completes', async () => {
    expect(await all(paginate(() => ({ items: [] })))).toEqual([]);
    expect(await all(paginate(async () => ({ items: new Set(), next: null })))).toEqual([]);
  });

  test('R-06: false cursors and false items are as good as any', async () => {
    const cursors: unknown[] = [];
    const order: unknown[] = [0, '', false, undefined];
    const pages = paginate<unknown, unknown>((cursor) => {
      cursors.push(cursor);
      return { items: [cursor], next: order.shift() };
    });
    expect(await all(pages)).toEqual([undefined, 0, '', false]);
    expect(cursors).toEqual([undefined, 0, '', false]);
  });

  test('R-30: errors of the function, thrown or rejected, and of a page end the flow with themselves', async () => {
    const bad = new Error('page');
    const fail = (): never => {
      throw bad;
    };
    const items = {
      *[Symbol.iterator]() {
        yield 1;
        throw bad;
      },
    };
    const sources: Observable<unknown>[] = [
      paginate(fail),
      paginate(async () => fail()),
      paginate(() => ({ items })),
      paginate(async () => ({ items })),
      paginate(() => ({ items: { [Symbol.iterator]: fail } })),
      paginate(async () => ({
        get items() {
          return fail();
        },
      })),
    ];
    for (const source of sources) {
      const probe = new Probe<unknown>().subscribe(source);
      await ended(probe);
      expect(probe.error).toBe(bad);
    }
  });

  test.each([undefined, null, 5, 'text', {}, { items: 'text' }, { items: 5 }, { items: null }])(
    'a page that is %s ends the flow with a TypeError',
    async (page) => {
      const probe = new Probe<unknown>().subscribe(paginate(async () => page as never));
      await ended(probe);
      expect(probe.error).toMatchObject({ name: 'TypeError', option: 'items of a page' });
    },
  );

  test('R-31: what was fetched before a failure is sent before it', async () => {
    const { source, calls } = byHand({ prefetch: 1 });
    const probe = new Probe<string>();
    probe.allow(1);
    probe.subscribe(source);
    calls[0]!.answer({ items: ['a', 'b'], next: '1' });
    await turns(1);
    calls[1]!.fail('bad');
    await turns(1);
    expect([probe.values, probe.ended]).toEqual([['a'], undefined]);
    probe.open();
    expect([probe.values, probe.ended, probe.error]).toEqual([['a', 'b'], 'failed', 'bad']);
  });

  test('G6: the failure of a page that nothing is before passes a closed gate', async () => {
    const { source, calls } = byHand();
    const probe = new Probe<string>().subscribe(source);
    probe.close();
    calls[0]!.fail('bad');
    await turns(1);
    expect(probe.error).toBe('bad');
  });

  test('R-41, R-44: unsubscribing aborts the fetch that is under way; what it says then is not heard, but for other errors', async () => {
    const { source, calls } = byHand();
    for (const say of [() => {}, ...[new DOMException('stop', 'AbortError'), 'late'].map((error) => error)]) {
      const probe = new Probe<string>().subscribe(source);
      const call = calls.pop()!;
      probe.unsubscribe();
      expect(call.signal.aborted).toBe(true);
      expect((call.signal.reason as Error).name).toBe('AbortError');
      if (typeof say === 'function') call.answer({ items: ['a'] });
      else call.fail(say);
      await turns(1);
      expect(probe.values).toEqual([]);
    }
    expect(late.splice(0)).toEqual([['late', 'paginate']]);
    const probe = new Probe<string>().subscribe(source);
    const { signal, answer } = calls.pop()!;
    answer({ items: ['a'] });
    await ended(probe);
    expect([signal.aborted, getEventListeners(signal, 'abort').length]).toEqual([false, 0]);
  });

  test('closes the iterator of a page that is left in the middle, also from within', () => {
    const log: string[] = [];
    const probe = new Probe<number>();
    const make = (leaves: boolean) =>
      paginate(() => ({
        items: (function* () {
          try {
            yield 1;
            if (leaves) probe.unsubscribe();
            yield 2;
            log.push('went on');
          } finally {
            log.push('closed');
          }
        })(),
      }));
    make(false).pipe(take(1)).subscribe();
    probe.subscribe(make(true));
    expect([log, probe.values]).toEqual([['closed', 'closed'], [1]]);
  });

  test('an iterator whose return fails is reported', async () => {
    const items = {
      [Symbol.iterator]: () => ({
        next: () => ({ done: false, value: 1 }) as const,
        return: (): never => {
          throw new Error('return');
        },
      }),
    };
    paginate(() => ({ items }))
      .pipe(take(1))
      .subscribe();
    await turns(1);
    expect(late.splice(0)).toEqual([[new Error('return'), 'paginate']]);
  });

  test('R-05: each subscription begins with the first page', async () => {
    const pages = paginate(async (page: number = 0) => ({ items: [page], next: page < 2 ? page + 1 : undefined }));
    expect(await Promise.all([all(pages), all(pages)])).toEqual([
      [0, 1, 2],
      [0, 1, 2],
    ]);
  });

  test('a graceful end leaves the rest where it is', async () => {
    const flow = new TestFlow();
    const { source, calls } = byHand({ name: 'issues' });
    const probe = new Probe<string>(flow).subscribe(source);
    flow.node('issues').quit();
    expect([probe.ended, calls[0]!.signal.aborted, flow.live.size]).toEqual(['completed', true, 0]);
  });

  test('refuses wrong arguments and infers its types', () => {
    expect(thrownBy(() => paginate('x' as never))).toMatchObject({ option: 'fetchPage' });
    expect(thrownBy(() => paginate(() => ({ items: [] }), { prefetch: -1 }))).toMatchObject({ option: 'prefetch' });
    expectTypeOf(paginate(async (at: string) => ({ items: [1], next: at }), { start: '' })).toEqualTypeOf<
      Observable<number>
    >();
    expectTypeOf(paginate((at?: number) => ({ items: new Set(['a']), next: at }))).toEqualTypeOf<Observable<string>>();
    // @ts-expect-error -- without a start the first cursor is undefined
    paginate(async (at: string) => ({ items: [1], next: at }));
  });
});
