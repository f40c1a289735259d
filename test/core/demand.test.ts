import { Observable, Subject, finalize, merge } from 'rxjs';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { demand } from '../../src/core/demand.ts';
import { hooks } from '../../src/core/hooks.ts';
import { workerPool } from '../../src/operators/workerPool.ts';
import { fromIterable } from '../../src/sources/fromIterable.ts';
import { Probe } from './Probe.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

describe('a source of your own', () => {
  test.each([
    ['when it is subscribed', 0],
    ['when it is woken', 2],
  ])('that throws %s fails the flow', (_, after) => {
    const bad = new Error('bad source');
    const probe = new Probe<number>();
    probe.allow(1);
    let n = 0;
    probe.subscribe(
      new Observable<number>((subscriber) => {
        demand(subscriber, { name: 'own' }, (below) => {
          while (below.wants()) {
            if (n === after) throw bad;
            below.send(n++);
          }
        });
      }),
    );
    expect(() => {
      for (let i = 0; i < 3; i++) probe.allow(1);
    }).not.toThrow();
    expect([probe.ended, probe.error, probe.values.length]).toEqual(['failed', bad, after]);
  });

  test('R-35: one whose teardown throws while it is woken keeps no other source waiting', () => {
    const lateErrors: string[] = [];
    vi.spyOn(hooks, 'lateError').mockImplementation((error) => void lateErrors.push(String(error)));
    const running: Subject<void>[] = [];
    const broken = fromIterable([1, 2]).pipe(
      finalize(() => {
        throw new Error('teardown');
      }),
    );
    new Probe<void>().subscribe(
      merge(broken, fromIterable([10, 20])).pipe(
        workerPool(
          () => {
            const work = new Subject<void>();
            running.push(work);
            return work;
          },
          { capacity: 0 },
        ),
      ),
    );
    for (let i = 0; i < 4; i++) running[i]?.complete();
    expect(running.length).toBe(4);
    expect(lateErrors).toEqual([expect.stringContaining('teardown')]);
  });
});
