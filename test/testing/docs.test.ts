// The examples of docs/testing.md, which the first test compares with it.
import { readFile } from 'node:fs/promises';
import { fromEvent, interval, lastValueFrom, map, take, takeUntil } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { expect, test } from 'vitest';
import { buffered } from '../../src/operators/buffered.ts';
import { workerPool } from '../../src/operators/workerPool.ts';
import { fromIterable } from '../../src/sources/fromIterable.ts';
import { marbles } from '../../src/testing/marbles.ts';
import { noLeaks } from '../../src/testing/noLeaks.ts';
import { simulate } from '../../src/testing/simulate.ts';
import { Probe } from '../../src/testing/Probe.ts';
import { ProbeSource } from '../../src/testing/ProbeSource.ts';
// oxlint-disable-next-line import/no-unassigned-import -- it gives expect its matcher
import '../../src/testing/vitest.ts';

test('docs/testing.md has these examples', async () => {
  const [page, here] = await Promise.all(
    ['docs/testing.md', import.meta.filename].map((path) => readFile(path, 'utf8')),
  );
  // Those of the chapter on conformance stand in tests of their own.
  const ours = page!.replace(/^## Conformance\n.*?(?=^## )/ms, '');
  const examples = [...ours.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code!);
  expect(examples.length).toBe(7);
  for (const example of examples) expect(here).toContain(example);
  for (const chapter of page!.split(/^## .*\n/m)) expect(chapter.trim()).not.toBe('');
});

test('a buffer keeps what comes while the consumer is busy, and in order', () => {
  marbles(({ cold, gated, expectObservable }) => {
    const demand = '  o--x----o    ';
    const source = '  -a-b-c------|';
    const expected = '-a------(bc)|';
    const consumer = gated<string>(demand);
    expectObservable(cold(source).pipe(buffered({ capacity: 2 }), consumer)).toBe(expected);
  });
});

test('a pool of one that is full holds its source back', () => {
  marbles(({ cold, gated, expectObservable, expectGate }) => {
    const source = new ProbeSource(['a', 'b', 'c'], false);
    const work = () => cold('---r|');
    const pool = workerPool(work, { concurrency: 1, capacity: 1 });
    const results = '---r---r---r';
    const gate = '   x-------o---';
    expectObservable(source.items$.pipe(pool, gated('o'))).toBe(results);
    expectGate(source).toBe(gate);
  });
});

test('a TestScheduler of your own', () => {
  const scheduler = new TestScheduler((actual, expected) => expect(actual).toEqualMarbles(expected));
  scheduler.run(({ cold, expectObservable }) => {
    expectObservable(cold('-a-b|').pipe(map((s) => s.toUpperCase()))).toBe('-A-B|');
  });
});

test('what is read ahead is no more than the buffer holds', async () => {
  const source = new ProbeSource([1, 2, 3, 4, 5]);
  const probe = new Probe<number>();
  probe.close();
  probe.subscribe(source.items$.pipe(buffered({ capacity: 2 })));
  expect(source.produced).toBe(2);

  probe.allow(1);
  expect(probe.values).toEqual([1]);
  expect(source.produced).toBe(3);

  probe.open();
  expect(probe.ended).toBe('completed');
  expect(source.producedWhileClosed).toBe(0);
  expect(probe.violations).toEqual([]);
});

test('the results of a pool, as they come', async () => {
  const probe = new Probe<number>();
  const over = new Promise<void>((resolve) => (probe.onEnd = resolve));
  const pool = workerPool(async (n: number) => n * 2, { concurrency: 2, order: 'input' });
  probe.subscribe(fromIterable([1, 2, 3]).pipe(pool));
  await over;
  expect(probe.values).toEqual([2, 4, 6]);
  expect(probe.violations).toEqual([]);
});

test('a flow that is given up leaves nothing', async () => {
  await noLeaks(async (watch) => {
    const signal = watch.signal(new AbortController().signal);
    const ticks = interval(10).pipe(takeUntil(fromEvent(signal, 'abort')), take(3));
    expect(await lastValueFrom(ticks)).toBe(2);
  });
});

test('a pool of three, in a thousand orders', async () => {
  const summary = await simulate((fn) => workerPool(fn, { concurrency: 3, order: 'input' }), {
    bound: 9,
    concurrency: 3,
    order: 'input',
  });
  expect(summary.runs).toBe(1000);
});
