import {
  EMPTY,
  NEVER,
  Observable,
  Subject,
  concat,
  finalize,
  lastValueFrom,
  map,
  merge,
  mergeMap,
  of,
  range,
  repeat,
  retry,
  share,
  switchMap,
  take,
  throwError,
  timer,
  toArray,
  type MonoTypeOperatorFunction,
  type Subscriber,
} from 'rxjs';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { gateBelow } from '../../src/core/demand.ts';
import type { Gate } from '../../src/core/gate.ts';
import { run } from '../../src/observe/run.ts';
import { buffered } from '../../src/operators/buffered.ts';
import { withPermit } from '../../src/operators/withPermit.ts';
import { workerPool } from '../../src/operators/workerPool.ts';
import { abortable } from '../../src/sources/abortable.ts';
import { fromIterable } from '../../src/sources/fromIterable.ts';
import { Semaphore } from '../../src/sync/Semaphore.ts';
import { Deferred } from '../../src/sync/waiting/Deferred.ts';
import { marbles } from '../../src/testing/marbles.ts';
import { ProbeSource } from '../../src/testing/ProbeSource.ts';
import { Probe } from '../core/Probe.ts';
import { badCounts, thrownBy } from './badOptions.ts';

const state = (semaphore: Semaphore): number[] => [semaphore.available, semaphore.waiting];

/** A semaphore of which nothing is left. */
function taken(size = 1): Semaphore {
  const semaphore = new Semaphore(size);
  semaphore.tryAcquire(size);
  return semaphore;
}

describe('withPermit', () => {
  test('does what the diagram in its comment says', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const first = cold(' a---|');
      const second = cold('    b---|');
      const expected1 = '  a---|';
      const expected2 = '  ----b---|';
      const subs2 = '      ----^---!';
      const semaphore = new Semaphore(1);
      expectObservable(first.pipe(withPermit(semaphore))).toBe(expected1);
      expectObservable(second.pipe(withPermit(semaphore))).toBe(expected2);
      expectSubscriptions(second.subscriptions).toBe(subs2);
    });
  });

  test('many: no more are subscribed at once than there are permits, in the order of asking', () => {
    marbles(({ cold, expectObservable }) => {
      const semaphore = new Semaphore(2);
      const inner = (letter: string) => cold('----x---|', { x: letter }).pipe(withPermit(semaphore));
      const source = cold('                   (abcde|)                 ').pipe(mergeMap(inner));
      const expected = '                      ----(ab)----(cd)----e---|';
      expectObservable(source).toBe(expected);
    });
  });

  test('takes as many permits as its weight, for each subscription', () => {
    marbles(({ cold, expectObservable }) => {
      const semaphore = new Semaphore(5);
      const inner = (n: string) => cold('--x|', { x: n }).pipe(withPermit(semaphore, Number(n)));
      // 3 and 2 fit together, 4 waits for both, and 1 fits beside it.
      const source = cold('(3241|)').pipe(mergeMap(inner));
      const seen = source.pipe(map((n) => `${n} of ${5 - semaphore.available}`));
      expectObservable(seen.pipe(toArray())).toBe('------(x|)', { x: ['3 of 5', '2 of 5', '4 of 5', '1 of 5'] });
    });
  });

  test('R-01: takes nothing before subscribe; R-05: and anew for each subscription', () => {
    const semaphore = new Semaphore(3);
    const result = NEVER.pipe(withPermit(semaphore));
    expect(state(semaphore)).toEqual([3, 0]);
    const subscriptions = [result.subscribe(), result.subscribe()];
    expect(state(semaphore)).toEqual([1, 0]);
    for (const subscription of subscriptions) subscription.unsubscribe();
    expect(state(semaphore)).toEqual([3, 0]);
  });

  test('R-03, R-04: of an empty source it gives the permit back at once, of one that is silent it keeps it', () => {
    const semaphore = new Semaphore(1);
    const empty = new Probe<never>().subscribe(EMPTY.pipe(withPermit(semaphore)));
    expect([empty.ended, state(semaphore)]).toEqual(['completed', [1, 0]]);
    const silent = new Probe<never>().subscribe(NEVER.pipe(withPermit(semaphore)));
    expect([silent.ended, state(semaphore)]).toEqual([undefined, [0, 0]]);
    silent.unsubscribe();
    expect(state(semaphore)).toEqual([1, 0]);
  });

  test('G6: passes an error on at once, and gives the permit back', () => {
    const semaphore = new Semaphore(1);
    const source = new Subject<number>();
    const probe = new Probe<number>().subscribe(source.pipe(withPermit(semaphore)));
    probe.close();
    source.error('bad');
    expect([probe.error, state(semaphore)]).toEqual(['bad', [1, 0]]);
    const failed = new Probe<number>().subscribe(throwError(() => 'at once').pipe(withPermit(semaphore)));
    expect([failed.error, state(semaphore)]).toEqual(['at once', [1, 0]]);
  });

  test('R-41: an unsubscribe while it waits leaves the line, and the source is never subscribed', () => {
    const semaphore = taken(2);
    let subscribed = 0;
    const source = new Observable<never>(() => void subscribed++);
    const [first, second] = [2, 1].map((weight) => source.pipe(withPermit(semaphore, weight)).subscribe());
    semaphore.release();
    expect([subscribed, state(semaphore)]).toEqual([0, [1, 2]]);
    // The one behind it fits now.
    first!.unsubscribe();
    expect([subscribed, state(semaphore)]).toEqual([1, [0, 0]]);
    second!.unsubscribe();
    expect(state(semaphore)).toEqual([1, 0]);
  });

  test('R-21: an unsubscribe inside next gives the permit back once, when the source has stopped', () => {
    const semaphore = new Semaphore(1);
    const log: unknown[] = [];
    const source = new Observable<number>((subscriber) => {
      for (let n = 0; !subscriber.closed; n++) subscriber.next(n);
      log.push('stopped', semaphore.available);
    });
    const probe = new Probe<number>();
    probe.onNext = (n) => {
      if (n === 2) probe.unsubscribe();
    };
    probe.subscribe(source.pipe(withPermit(semaphore)));
    expect([probe.values, log, state(semaphore)]).toEqual([
      [0, 1, 2],
      ['stopped', 0],
      [1, 0],
    ]);
  });

  test('R-23: a synchronous source stops with take', () => {
    let made = 0;
    const semaphore = new Semaphore(1);
    const source = fromIterable(function* () {
      for (;;) yield made++;
    });
    const probe = new Probe<number>().subscribe(source.pipe(withPermit(semaphore), take(3)));
    expect([probe.values, made, state(semaphore)]).toEqual([[0, 1, 2], 3, [1, 0]]);
  });

  test('gives the permit back after the end was told, and after the source has released what it holds', () => {
    for (const isSync of [true, false]) {
      const semaphore = new Semaphore(1);
      const log: string[] = [];
      const note = (what: string) => () => void log.push(`${what}: ${semaphore.available}`);
      const ending = new Subject<never>();
      const source = new Observable<never>((subscriber) => {
        subscriber.add(note('teardown'));
        if (isSync) subscriber.complete();
        else ending.subscribe(subscriber);
      });
      source.pipe(finalize(note('finalize above')), withPermit(semaphore)).subscribe({ complete: note('complete') });
      ending.complete();
      expect(log).toEqual(['complete: 0', 'teardown: 0', 'finalize above: 0']);
      expect(state(semaphore)).toEqual([1, 0]);
    }
  });

  test('concat, repeat and retry take the permit anew, in turn with others', () => {
    const semaphore = new Semaphore(1);
    const once = of('x').pipe(withPermit(semaphore));
    const probe = new Probe<string>().subscribe(concat(once, once.pipe(repeat(3))));
    expect([probe.values.length, probe.ended, state(semaphore)]).toEqual([4, 'completed', [1, 0]]);
    let tries = 0;
    const failing = new Observable<string>((subscriber) => {
      tries++;
      if (tries < 3) subscriber.error('again');
      else subscriber.next('done');
    });
    const retried = new Probe<string>().subscribe(failing.pipe(withPermit(semaphore), retry(5)));
    expect([retried.values, state(semaphore)]).toEqual([['done'], [0, 0]]);
    retried.unsubscribe();
    expect(state(semaphore)).toEqual([1, 0]);
  });

  test('switchMap gives back the permit of the one that it leaves, before the next one asks', () => {
    marbles(({ hot, cold, expectObservable }) => {
      const semaphore = new Semaphore(1);
      const source = hot('--a-b---c------|');
      const expected = '  -------r---r---|';
      const inner = (): Observable<string> => cold('---r|').pipe(withPermit(semaphore));
      expectObservable(source.pipe(switchMap(inner))).toBe(expected);
      timer(20).subscribe(() => expect(state(semaphore)).toEqual([1, 0]));
    });
  });

  test('a subscriber that is closed already takes nothing', () => {
    const semaphore = new Semaphore(1);
    const closed = NEVER.subscribe() as Subscriber<number>;
    closed.unsubscribe();
    of(1).pipe(withPermit(semaphore)).subscribe(closed);
    expect(state(semaphore)).toEqual([1, 0]);
  });

  test('R-22: 100,000 that wait and complete at once do not grow the stack', () => {
    const semaphore = taken();
    let seen = 0;
    // Not with mergeMap, which takes ever longer to remove one of so many.
    for (let n = 0; n < 100_000; n++) {
      of(n)
        .pipe(withPermit(semaphore))
        .subscribe(() => seen++);
    }
    expect([seen, state(semaphore)]).toEqual([0, [0, 100_000]]);
    semaphore.release();
    expect([seen, state(semaphore)]).toEqual([100_000, [1, 0]]);
  });

  test('G4: takes a permit within the frame in which it is given back, without a promise in between', () => {
    const semaphore = taken();
    const probe = new Probe<number>().subscribe(of(1).pipe(withPermit(semaphore)));
    expect(probe.values).toEqual([]);
    semaphore.release();
    expect([probe.values, probe.ended]).toEqual([[1], 'completed']);
  });
});

describe('the gate below withPermit', () => {
  test('reaches through to the source, also to one that had to wait', () => {
    for (const semaphore of [new Semaphore(1), taken()]) {
      const source = new ProbeSource([1, 2, 3, 4, 5]);
      const probe = new Probe<number>();
      probe.close();
      probe.subscribe(source.items$.pipe(withPermit(semaphore), buffered({ capacity: 2 })));
      if (semaphore.available === 0 && source.produced === 0) semaphore.release();
      expect(source.produced).toBe(2);
      probe.allow(1);
      expect([probe.values, source.produced]).toEqual([[1], 3]);
      probe.open();
      expect([probe.values, source.producedWhileClosed]).toEqual([[1, 2, 3, 4, 5], 0]);
      expect(state(semaphore)).toEqual([1, 0]);
    }
  });

  test('is what a pausable source sees, frame by frame', () => {
    marbles(({ gated, expectObservable, expectGate }) => {
      const semaphore = taken();
      timer(3).subscribe(() => semaphore.release());
      const demand = gated<string>('o----x--o--- ');
      const source = new ProbeSource(['a', 'b', 'c'], false);
      const gate = '                x--o-x--o--- ';
      const expected = '            ---(abc)     ';
      expectObservable(source.items$.pipe(withPermit(semaphore), demand)).toBe(expected);
      expectGate(source).toBe(gate);
    });
  });

  test('is found where the chain of subscribers is broken, also when the permit is given back within another flow', () => {
    const found: Gate[] = [];
    const broken = new Observable<never>((subscriber) => {
      new Observable<never>((inner) => void found.push(gateBelow(inner))).pipe(share()).subscribe(subscriber);
    });
    const semaphore = taken();
    const probe = new Probe<never>().subscribe(broken.pipe(withPermit(semaphore)));
    // Another stage subscribes at the moment at which the permit comes free.
    const releasing = new Observable<never>(() => semaphore.release());
    const other = new Probe<never>().subscribe(releasing.pipe(buffered({ capacity: 1 })));
    expect(found).toEqual([probe.gate]);
    probe.unsubscribe();
    other.unsubscribe();
    expect(state(semaphore)).toEqual([1, 0]);
  });
});

describe('withPermit around what stage functions give back', () => {
  test('bounds two flows together', async () => {
    const semaphore = new Semaphore(3);
    let [running, peak] = [0, 0];
    const work = (n: number): Observable<number> =>
      abortable(async () => {
        peak = Math.max(peak, ++running);
        await new Promise((resolve) => setImmediate(resolve));
        running--;
        return n;
      }).pipe(withPermit(semaphore));
    const flow = (from: number): Observable<number> =>
      fromIterable(Array.from({ length: 20 }, (_, n) => from + n)).pipe(workerPool(work, { concurrency: 5 }));
    const all = await lastValueFrom(merge(flow(0), flow(100)).pipe(toArray()));
    expect([all.length, peak, state(semaphore)]).toEqual([40, 3, [3, 0]]);
  });

  test('leaves nothing behind when the pool is cancelled in the middle', () => {
    const semaphore = new Semaphore(2);
    const probe = new Probe<never>().subscribe(
      range(0, 10).pipe(workerPool(() => NEVER.pipe(withPermit(semaphore)), { concurrency: 6 })),
    );
    expect(state(semaphore)).toEqual([0, 4]);
    probe.unsubscribe();
    expect(state(semaphore)).toEqual([2, 0]);
  });

  test('under run, a flow that quits ends, with those that waited for a permit', async () => {
    const semaphore = new Semaphore(1);
    const answer = new Deferred<number>();
    let calls = 0;
    const work = (): Observable<number> =>
      abortable<number>(() => {
        calls++;
        return answer.promise;
      }).pipe(withPermit(semaphore));
    const started = run(range(0, 4).pipe(mergeMap(work)), { grace: 5000 });
    const done = started.shutdown();
    answer.resolve(1);
    const report = await done;
    expect([report.ended, report.results, calls, state(semaphore)]).toEqual(['quit', 1, 1, [1, 0]]);
  });
});

describe('the arguments of withPermit', () => {
  test('are checked at the call', () => {
    const semaphore = new Semaphore(4);
    for (const [value, type, code] of badCounts(1, false)) {
      const error = thrownBy(() => withPermit(semaphore, value as number));
      expect(error).toBeInstanceOf(type);
      expect(error).toMatchObject({ code, option: 'weight', received: value });
    }
    expect(() => withPermit(semaphore, 5)).toThrow(
      'withPermit(): "weight" must be an integer from 1 to 4, the size of the semaphore. Received 5 (number)',
    );
    for (const value of [undefined, null, 4, {}, Semaphore, { wait: () => {} }]) {
      expect(thrownBy(() => withPermit(value as never))).toMatchObject({ option: 'semaphore', received: value });
    }
  });

  test('leave the type as it is', () => {
    const semaphore = new Semaphore(1);
    expectTypeOf(of(1).pipe(withPermit(semaphore))).toEqualTypeOf<Observable<number>>();
    expectTypeOf(withPermit<string>(semaphore, 1)).toEqualTypeOf<MonoTypeOperatorFunction<string>>();
    // @ts-expect-error it is a semaphore that it needs
    expect(() => withPermit(1)).toThrow(TypeError);
  });
});
