import { defer, EMPTY, EmptyError, Observable, of, Subject, throwError } from 'rxjs';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { allOf } from '../../src/operators/allOf.ts';
import { marbles } from '../../src/testing/marbles.ts';
import { ProbeSource } from '../../src/testing/ProbeSource.ts';
import { Probe } from '../core/Probe.ts';
import { TestFlow } from '../core/TestFlow.ts';
import { thrownBy } from './badOptions.ts';

describe('allOf', () => {
  test('does what the first diagram in its comment says', () => {
    marbles(({ cold, expectObservable }) => {
      expectObservable(allOf([cold('-----a|'), cold('--b|')])).toBe('------(r|)', { r: ['a', 'b'] });
    });
  });

  test('does what the second diagram in its comment says', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const tasks = [cold('-----a|'), cold('--#')];
      expectObservable(allOf(tasks)).toBe('--#');
      expectSubscriptions(tasks[0]!.subscriptions).toBe('^-!');
    });
  });

  test('R-30: the others are over before the error is delivered', () => {
    const log: string[] = [];
    const bad = new Subject<never>();
    const rest = new Observable<number>(() => () => log.push('ended'));
    allOf([rest, bad, rest]).subscribe({ error: (error: unknown) => log.push(String(error)) });
    bad.error('bad');
    expect(log).toEqual(['ended', 'ended', 'bad']);
  });

  test('results stand in the order of the tasks, whatever the order of their ends', () => {
    marbles(({ cold, expectObservable }) => {
      const tasks = [cold('---a|'), cold('-b|'), cold('--c|'), cold('d|')];
      expectObservable(allOf(tasks)).toBe('----(r|)', { r: ['a', 'b', 'c', 'd'] });
    });
  });

  test('without tasks the array is empty', () => {
    const probe = new Probe<unknown[]>().subscribe(allOf([]));
    expect([probe.values, probe.ended]).toEqual([[[]], 'completed']);
  });

  test('without tasks: subscribed while the flow quits, it ends at once, and gives up nothing', () => {
    const flow = new TestFlow();
    flow.join = (node) => {
      flow.nodes.push(node);
      node.quit();
      return false;
    };
    const probe = new Probe<unknown>(flow).subscribe(allOf([]));
    expect([probe.values, probe.ended, flow.node('allOf').telemetry.abandoned]).toEqual([[], 'completed', 0]);
  });

  test('without tasks: what waits for the gate below when the flow quits still leaves', () => {
    const flow = new TestFlow();
    const probe = new Probe<unknown>(flow);
    probe.close();
    probe.subscribe(allOf([]));
    flow.node('allOf').quit();
    expect([flow.node('allOf').held, probe.ended]).toEqual([1, undefined]);
    probe.open();
    expect([probe.values.length, probe.ended]).toEqual([1, 'completed']);
  });

  test('a task without a value has failed', () => {
    const probe = new Probe<unknown[]>().subscribe(allOf([of(1), EMPTY]));
    expect(probe.error).toBeInstanceOf(EmptyError);
  });

  test('concurrency: no more than so many run at once, in their order', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const tasks = [cold('--a|'), cold('-b|'), cold('--c|'), cold('d|')];
      expectObservable(allOf(tasks, { concurrency: 2 })).toBe('-----(r|)', { r: ['a', 'b', 'c', 'd'] });
      const subscriptions = ['^--!', '^-!', '--^--!', '---^!'];
      for (const [i, task] of tasks.entries()) expectSubscriptions(task.subscriptions).toBe(subscriptions[i]!);
    });
  });

  test('concurrency: after a failure no more begin', () => {
    const source = new ProbeSource([1]);
    const probe = new Probe<unknown[]>();
    probe.subscribe(allOf([of(1), throwError(() => 'bad'), source.items$], { concurrency: 1 }));
    expect([probe.error, source.subscriptions]).toEqual(['bad', 0]);
  });

  test('concurrency: no more begin while the gate below is closed, and they go on when it opens', () => {
    marbles(({ cold, gated, expectObservable, expectSubscriptions }) => {
      const tasks = [cold('--a|'), cold('-b|')];
      const demand = gated<string[]>('o-x--o');
      expectObservable(allOf(tasks, { concurrency: 1 }).pipe(demand)).toBe('-------(r|)', { r: ['a', 'b'] });
      expectSubscriptions(tasks[1]!.subscriptions).toBe('-----^-!');
    });
  });

  test.each([1, 2, Infinity])('R-22: 20,000 tasks that end at once, %s at a time', (concurrency) => {
    let running = 0;
    let peak = 0;
    const task = (i: number) =>
      defer(() => {
        peak = Math.max(peak, ++running);
        return of(i);
      });
    const probe = new Probe<number[]>();
    probe.onNext = () => {};
    const tasks = Array.from({ length: 20_000 }, (_, i) => {
      return new Observable<number>((subscriber) => {
        subscriber.add(() => running--);
        task(i).subscribe(subscriber);
      });
    });
    probe.subscribe(allOf(tasks, { concurrency }));
    expect([probe.values[0]?.length, probe.values[0]?.at(-1), peak]).toEqual([20_000, 19_999, 1]);
  });

  test('R-21: unsubscribed from within a task, it begins no more', () => {
    const probe = new Probe<unknown[]>();
    const source = new ProbeSource([1]);
    const quits = defer(() => {
      probe.unsubscribe();
      return of(1);
    });
    probe.subscribe(allOf([quits, source.items$], { concurrency: 1 }));
    expect([probe.values, probe.ended, source.subscriptions]).toEqual([[], undefined, 0]);
  });

  test('names the task that is none', () => {
    expect(thrownBy(() => allOf([of(1), undefined as never]))).toMatchObject({
      name: 'TypeError',
      option: 'tasks[1]',
      message:
        'allOf(): "tasks[1]" must be an Observable, a promise, an iterable or an async iterable. Received undefined (undefined)',
    });
  });

  test('its types are those of the tasks', () => {
    expectTypeOf(allOf([of(1), Promise.resolve(2)])).toEqualTypeOf<Observable<number[]>>();
    expectTypeOf(() => {
      // @ts-expect-error -- no such option
      allOf([of(1)], { concurency: 2 });
    }).toBeFunction();
  });
});
