import { defer, EmptyError, map, NEVER, type Observable, of, Subject, throwError } from 'rxjs';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { bestEffort } from '../../src/operators/bestEffort.ts';
import { marbles } from '../../src/testing/marbles.ts';
import { Probe } from '../core/Probe.ts';
import { TestFlow } from '../core/TestFlow.ts';
import { thrownBy } from './badOptions.ts';

describe('bestEffort', () => {
  test('does what the diagram in its comment says', () => {
    marbles(({ cold, expectObservable }) => {
      const tasks = [cold('-----a|'), cold('--#'), cold('---b|')];
      expectObservable(bestEffort(tasks)).toBe('------(r|)', { r: { values: ['a', 'b'], errors: ['error'] } });
    });
  });

  test('never fails: with nothing but errors it has no values, in the order of the tasks', () => {
    marbles(({ cold, expectObservable }) => {
      const tasks = [cold('--#', {}, 'x'), cold('-#', {}, 'y'), cold('|')];
      const names = bestEffort(tasks).pipe(
        map(({ values, errors }) => [...values, ...errors.map((it) => (it instanceof EmptyError ? 'empty' : it))]),
      );
      expectObservable(names).toBe('--(r|)', { r: ['x', 'y', 'empty'] });
    });
  });

  test('without tasks both are empty', () => {
    const probe = new Probe<unknown>().subscribe(bestEffort([]));
    expect([probe.values, probe.ended]).toEqual([[{ values: [], errors: [] }], 'completed']);
  });

  test('without tasks: subscribed while the flow quits, it ends at once, and gives up nothing', () => {
    const flow = new TestFlow();
    flow.join = (node) => {
      flow.nodes.push(node);
      node.quit();
      return false;
    };
    const probe = new Probe<unknown>(flow).subscribe(bestEffort([]));
    expect([probe.values, probe.ended, flow.node('bestEffort').telemetry.abandoned]).toEqual([[], 'completed', 0]);
  });

  test('without tasks: what waits for the gate below when the flow quits still leaves', () => {
    const flow = new TestFlow();
    const probe = new Probe<unknown>(flow);
    probe.close();
    probe.subscribe(bestEffort([]));
    flow.node('bestEffort').quit();
    expect([flow.node('bestEffort').held, probe.ended]).toEqual([1, undefined]);
    probe.open();
    expect([probe.values.length, probe.ended]).toEqual([1, 'completed']);
  });

  test('concurrency: no more than so many run at once, and a failure makes room for the next', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const tasks = [cold('-#'), cold('--b|'), cold('-c|')];
      expectObservable(bestEffort(tasks, { concurrency: 1 })).toBe('------(r|)', {
        r: { values: ['b', 'c'], errors: ['error'] },
      });
      const subscriptions = ['^!', '-^--!', '----^-!'];
      for (const [i, task] of tasks.entries()) expectSubscriptions(task.subscriptions).toBe(subscriptions[i]!);
    });
  });

  test('R-04: unsubscribing ends the tasks that run', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const task = cold('---');
      expectObservable(bestEffort([task, of('a')]), '--!').toBe('---');
      expectSubscriptions(task.subscriptions).toBe('^-!');
    });
  });

  test('R-10: the result waits for the gate below', () => {
    marbles(({ cold, gated, expectObservable }) => {
      const demand = gated<unknown>('o-x---o');
      const result = bestEffort([cold('---a|'), cold('#')]).pipe(demand);
      expectObservable(result).toBe('------(r|)', { r: { values: ['a'], errors: ['error'] } });
    });
  });

  test('R-22: 20,000 tasks that end at once, half of them badly', () => {
    const tasks = Array.from({ length: 20_000 }, (_, i) => (i % 2 === 0 ? of(i) : throwError(() => i)));
    const probe = new Probe<{ values: number[]; errors: unknown[] }>();
    probe.subscribe(bestEffort(tasks, { concurrency: 3 }));
    const [{ values, errors } = { values: [], errors: [] }] = probe.values;
    expect([values.length, values.at(-1), errors.length, errors.at(-1)]).toEqual([10_000, 19_998, 10_000, 19_999]);
  });

  test('a graceful end: what has begun ends, nothing more begins, and it completes', () => {
    const flow = new TestFlow();
    const begun: string[] = [];
    const first = new Subject<string>();
    const task = (name: string, task$: Observable<string>): Observable<string> =>
      defer(() => {
        begun.push(name);
        return task$;
      });
    const tasks = [task('a', first), task('b', NEVER), task('c', NEVER)];
    const probe = new Probe<unknown>(flow).subscribe(bestEffort(tasks, { concurrency: 1 }));
    flow.node('bestEffort').quit();
    expect(probe.ended).toBeUndefined();
    first.complete();
    expect([begun, probe.values, probe.ended]).toEqual([['a'], [], 'completed']);
  });

  test('names the task that is none', () => {
    expect(thrownBy(() => bestEffort([5 as never]))).toMatchObject({ name: 'TypeError', option: 'tasks[0]' });
  });

  test('its types are those of the tasks', () => {
    expectTypeOf(bestEffort([of(1)])).toEqualTypeOf<Observable<{ values: number[]; errors: unknown[] }>>();
  });
});
