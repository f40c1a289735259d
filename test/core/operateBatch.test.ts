import { Subject } from 'rxjs';
import { describe, expect, test, vi } from 'vitest';
import { gather } from '../../src/core/operateBatch.ts';
import { fromIterable } from '../../src/sources/fromIterable.ts';
import { Probe } from './Probe.ts';
import { TestFlow } from './TestFlow.ts';

/** How many of these numbers are made, and the numbers. */
function counted(values: readonly number[]) {
  const source = {
    produced: 0,
    numbers: fromIterable(function* () {
      for (const value of values) {
        source.produced++;
        yield value;
      }
    }),
  };
  return source;
}

const itself = (n: number) => n;

describe('gathering', () => {
  test('is called "batch" in the report and in warnings, unless it is named', () => {
    const flow = new TestFlow();
    for (const name of [undefined, 'own'])
      new Probe<number[]>(flow).subscribe(new Subject<number>().pipe(gather('fn', { size: 2, name })));
    expect(flow.nodes.map(({ name }) => name)).toEqual(['batch', 'own']);
  });
});

describe('gathering by weight', () => {
  test.each([
    ['more than', 100],
    ['exactly', 10],
  ])('pulls nothing more while what waits weighs %s what a batch may', (_, heavy) => {
    const flow = new TestFlow();
    const made = counted([1, heavy, 2, 3]);
    const probe = new Probe<number[]>(flow);
    probe.allow(1);
    probe.subscribe(made.numbers.pipe(gather('fn', { size: 10, weigh: itself, weight: 10 })));
    expect([probe.values, made.produced]).toEqual([[[1]], 2]);
    flow.check();
    probe.open();
    expect([probe.values, probe.ended]).toEqual([[[1], [heavy], [2, 3]], 'completed']);
  });

  test('R-42: leaves no timer if weighing an item ends the flow', () => {
    vi.useFakeTimers();
    try {
      const flow = new TestFlow();
      const source = new Subject<number>();
      const probe = new Probe<number[]>(flow);
      const weigh = () => {
        probe.unsubscribe();
        return 1;
      };
      probe.subscribe(source.pipe(gather('fn', { size: 2, weigh, weight: 5, wait: 50 })));
      source.next(1);
      expect([vi.getTimerCount(), source.observed, flow.live.size]).toEqual([0, false, 0]);
      flow.check();
    } finally {
      vi.useRealTimers();
    }
  });
});
