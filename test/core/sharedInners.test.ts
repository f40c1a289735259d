// Sources that several subscribers share, where a stage function gives one back.
import { NEVER, Observable, Subject, of, share, take, tap } from 'rxjs';
import { describe, expect, test, vi } from 'vitest';
import { workerPool } from '../../src/operators/workerPool.ts';
import { forEach } from '../../src/sinks/forEach.ts';
import { fromIterable } from '../../src/sources/fromIterable.ts';
import { Probe } from '../../src/testing/Probe.ts';
import { ProbeSource } from '../../src/testing/ProbeSource.ts';

describe('a shared source that a stage function gives back', () => {
  test.each(['completion', 'input'] as const)(
    'R-14: goes on for the others when the flow that held it back is unsubscribed, in %s order',
    (order) => {
      const source = new ProbeSource([1, 2, 3, 4]);
      const shared$ = source.items$.pipe(share());
      const probe = new Probe<number>();
      probe.allow(1);
      probe.subscribe(of(0).pipe(workerPool(() => shared$, { order })));
      expect(probe.values).toEqual([1]);
      const other = new Probe<number>().subscribe(shared$);
      expect(other.values).toEqual([]);
      probe.unsubscribe();
      expect([other.values, other.ended]).toEqual([[3, 4], 'completed']);
    },
  );

  test.each(['completion', 'input'] as const)(
    'R-14: goes on for the others when the item that held it back is over, in %s order',
    (order) => {
      const source = new ProbeSource([1, 2, 3, 4]);
      const shared$ = source.items$.pipe(share());
      const other = new Probe<number>();
      const probe = new Probe<number>();
      probe.onNext = (value) => {
        if (value === 1) other.subscribe(shared$);
      };
      probe.allow(1);
      probe.subscribe(of(0).pipe(workerPool(() => shared$.pipe(take(2)), { order })));
      probe.open();
      expect([probe.values, probe.ended]).toEqual([[1, 2], 'completed']);
      expect([other.values, other.ended]).toEqual([[2, 3, 4], 'completed']);
    },
  );

  test('R-14: goes on when the item that held it back fails, whatever becomes of that', () => {
    for (const onError of ['stop', 'skip', 'emit'] as const) {
      const source = new ProbeSource([1, 2, 3, 4]);
      const shared$ = source.items$.pipe(share());
      const failing = new Subject<never>();
      const probe = new Probe<unknown>();
      probe.allow(1);
      const inner$ = new Observable<number>((out) => {
        out.add(shared$.subscribe(out));
        out.add(failing.subscribe(out));
      });
      probe.subscribe(of(0).pipe(workerPool(() => inner$, { order: 'input', onError })));
      const other = new Probe<number>().subscribe(shared$);
      failing.error(new Error('no'));
      expect([onError, other.values, other.ended]).toEqual([onError, [3, 4], 'completed']);
    }
  });
});

test('what is subscribed below a result subscribes on its own account, also while that is sent synchronously', async () => {
  const independent$ = fromIterable(async function* () {
    yield* [1, 2, 3];
  }).pipe(share());
  const seen: number[] = [];
  const subscription = of(1)
    .pipe(
      workerPool(() => of('a', 'b', 'c', 'd')),
      tap((value) => {
        if (value === 'a') independent$.subscribe((n) => seen.push(n));
      }),
      // Full at once, so that the gate of the inner Observable is closed from then on.
      forEach(() => NEVER, { concurrency: 1, capacity: 1 }),
    )
    .subscribe();
  await vi.waitFor(() => expect(seen).toEqual([1, 2, 3]));
  subscription.unsubscribe();
});
