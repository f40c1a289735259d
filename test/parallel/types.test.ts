import { of, type Observable } from 'rxjs';
import { describe, expectTypeOf, test } from 'vitest';
import type { Result } from 'sluice';
import {
  parallel,
  task,
  type ThreadPool,
  type Move,
  type ParallelOptions,
  type Task,
  type TaskContext,
} from 'sluice/parallel';
import { task as taskAlone } from 'sluice/task';

const url = import.meta.url;
/** What comes out of a task that is put below texts. */
const results = <R>(work: Task<string, R>): Observable<R> => of('a').pipe(parallel(work));

describe('types', () => {
  test('the item and the result of a task are inferred', () => {
    const plain = task(url, 'plain', (text: string) => text.length);
    expectTypeOf(plain).toEqualTypeOf<Task<string, number>>();
    expectTypeOf(results(plain)).toEqualTypeOf<Observable<number>>();
    expectTypeOf(taskAlone).toEqualTypeOf(task);
  });

  test('a promise gives what it resolves to', () => {
    const later = task(url, 'later', async (text: string) => ({ text }));
    expectTypeOf(results(later)).toEqualTypeOf<Observable<{ text: string }>>();
  });

  test('a generator, plain or async, gives its values', () => {
    const made = task(url, 'made', function* (text: string) {
      yield text.length;
    });
    const madeLater = task(url, 'madeLater', async function* (text: string) {
      yield text.length > 1;
    });
    expectTypeOf(results(made)).toEqualTypeOf<Observable<number>>();
    expectTypeOf(results(madeLater)).toEqualTypeOf<Observable<boolean>>();
  });

  test('an Observable gives its values', () => {
    const observed = task(url, 'observed', (text: string) => of(text.length));
    expectTypeOf(results(observed)).toEqualTypeOf<Observable<number>>();
  });

  test('an array, a text, a Map and a Set are one value', () => {
    expectTypeOf(results(task(url, 'array', (text: string) => [text]))).toEqualTypeOf<Observable<string[]>>();
    expectTypeOf(results(task(url, 'text', (text: string) => text))).toEqualTypeOf<Observable<string>>();
    expectTypeOf(results(task(url, 'map', (text: string) => new Map([[text, 1]])))).toEqualTypeOf<
      Observable<Map<string, number>>
    >();
    expectTypeOf(results(task(url, 'set', (text: string) => new Set([text])))).toEqualTypeOf<Observable<Set<string>>>();
  });

  test('the context is known', () => {
    task(url, 'told', (_: string, context) => {
      expectTypeOf(context).toEqualTypeOf<TaskContext>();
      expectTypeOf(context.state(() => new Map<string, number>())).toEqualTypeOf<Map<string, number>>();
      return context.index;
    });
  });

  test("onError: 'emit' gives results, with their items", () => {
    const plain = task(url, 'emitted', (text: string) => text.length);
    expectTypeOf(of('a').pipe(parallel(plain, { onError: 'emit' }))).toEqualTypeOf<
      Observable<Result<number, string>>
    >();
    expectTypeOf(of('a').pipe(parallel(plain, { onError: 'skip' }))).toEqualTypeOf<Observable<number>>();
    expectTypeOf(of('a').pipe(parallel(plain, {}))).toEqualTypeOf<Observable<number>>();
  });

  test('options know the item', () => {
    const keyed = task(url, 'keyed', ({ id }: { id: number }) => id);
    parallel(keyed, {
      key: (item) => {
        expectTypeOf(item).toEqualTypeOf<{ id: number }>();
        return item.id;
      },
      onMove: (move) => void expectTypeOf(move).toEqualTypeOf<Move>(),
      onError: { deadLetter: ({ item }) => void expectTypeOf(item).toEqualTypeOf<{ id: number }>() },
    });
    expectTypeOf<ParallelOptions<string>['threads']>().toEqualTypeOf<number | 'auto' | ThreadPool | undefined>();
  });

  test('what does not fit is refused', () => {
    const plain = task(url, 'refused', (text: string) => text.length);
    // @ts-expect-error -- it takes texts
    void (() => of(1).pipe(parallel(plain)));
    // @ts-expect-error -- a function is no task
    void (() => parallel((text: string) => text));
    // @ts-expect-error -- no such word
    void (() => parallel(plain, { order: 'random' }));
    // @ts-expect-error -- no such option
    void (() => parallel(plain, { workers: 2 }));
    // @ts-expect-error -- a URL is a text
    void (() => task(new URL(url), 'no', (text: string) => text));
  });
});
