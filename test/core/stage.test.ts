import { Observable, Subject, concat, filter, map, merge, mergeMap, takeUntil, throwError } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { OverflowError } from '../../src/core/errors.ts';
import { hooks } from '../../src/core/hooks.ts';
import { operate } from '../../src/core/operate.ts';
import { Stage, type StageSettings } from '../../src/core/stage.ts';
import { workerPool } from '../../src/operators/workerPool.ts';
import { fromIterable } from '../../src/sources/fromIterable.ts';
import { buffered } from '../../src/operators/buffered.ts';
import { ProbeSource } from '../../src/testing/ProbeSource.ts';
import { MANY } from './many.ts';
import { Probe } from './Probe.ts';
import { TestFlow } from './TestFlow.ts';

/** Lets one item go for each time it is told to; after the end of the input, everything. */
class Turnstile<T> extends Stage<T, T> {
  cancelledWith: unknown[] = [];
  #allowed = 0;

  allow(count: number): void {
    this.#allowed += count;
    this.drain();
  }

  failWith(error: unknown): void {
    this.fail(error);
  }

  protected override step(): boolean {
    if (this.waiting.length === 0 || this.#allowed === 0) return false;
    this.#allowed--;
    this.telemetry.completed++;
    this.deliver(this.waiting.shift() as T);
    return true;
  }

  protected override cancel(reason: unknown): void {
    this.cancelledWith.push(reason);
  }
}

/** A flow with a clock that is moved by hand. */
class Clock extends TestFlow {
  time = 1;

  override now(): number {
    return this.time;
  }
}

/** A turnstile as an operator, and the one stage that it makes. */
function turnstile<T>(settings: Partial<StageSettings> = {}) {
  let made: Turnstile<T> | undefined;
  const operator = operate<T, T>(
    (connection) => (made = new Turnstile(connection, { name: 'turnstile', bound: 3, ...settings })),
  );
  return { operator, stage: () => made! };
}

/** Holds an item no longer than it must. */
class Passage extends Stage<number, number> {
  protected override step(): boolean {
    if (this.waiting.length === 0) return false;
    this.telemetry.completed++;
    this.deliver(this.waiting.shift()!);
    return true;
  }
}
const passing = () => operate<number, number>((connection) => new Passage(connection, { name: 'passing', bound: 1 }));

/** Numbers from 0, and how many of them were made. */
function counted(items = Infinity) {
  const source = {
    produced: 0,
    numbers: fromIterable(function* (): Generator<number> {
      while (source.produced < items) yield source.produced++;
    }),
  };
  return source;
}

/** The same, each with a name in front. */
const named = (name: string, items?: number) => counted(items).numbers.pipe(map((n: number) => `${name}${n}`));

const REMEDY =
  'Its source cannot be paused: use a source of this package (fromIterable, not from), or put buffered({ capacity, overflow }) above it.';

let warnings: string[][] = [];
beforeEach(() => {
  warnings = [];
  vi.spyOn(hooks, 'warn').mockImplementation((...warning) => void warnings.push(warning));
});
afterEach(() => {
  vi.restoreAllMocks();
});

describe('G1: a stage', () => {
  test('takes as many items as its bound, and one for each that leaves', () => {
    const { operator, stage } = turnstile<number>();
    const source = counted();
    const probe = new Probe<number>().subscribe(source.numbers.pipe(operator));
    expect([source.produced, stage().held, stage().gate.isOpen]).toEqual([3, 3, false]);
    stage().allow(1);
    expect([source.produced, stage().held, stage().gate.isOpen]).toEqual([4, 3, false]);
    stage().allow(4);
    expect([source.produced, probe.values]).toEqual([8, [0, 1, 2, 3, 4]]);
    expect(stage().telemetry.peak).toBe(3);
  });

  test('with a burst wakes its source only once it holds as many fewer', () => {
    const { operator, stage } = turnstile<number>({ bound: 5, burst: 3 });
    const source = counted();
    new Probe<number>().subscribe(source.numbers.pipe(operator));
    const produced = [1, 2, 3, 4, 5, 6].map(() => {
      stage().allow(1);
      return source.produced;
    });
    expect(produced).toEqual([5, 5, 8, 8, 8, 11]);
  });

  test('needs no arithmetic for what lies between it and its source', () => {
    const { operator, stage } = turnstile<number>();
    const source = counted();
    new Probe<number>().subscribe(
      source.numbers.pipe(
        filter((n) => n % 10 === 0),
        mergeMap((n) => [n, n]),
        operator,
      ),
    );
    // The second value of item 10 is one too many: `mergeMap` cannot be stopped between the two.
    expect([source.produced, stage().held]).toEqual([11, 4]);
    stage().allow(2);
    expect([source.produced, stage().held]).toEqual([21, 4]);
  });
});

describe('G2: a source', () => {
  test('stops within one item, also in the middle of being woken, and makes none that is not wanted', () => {
    const { operator, stage } = turnstile<number>({ bound: 2 });
    const source = counted();
    const atEach: number[] = [];
    new Probe<number>().subscribe(
      source.numbers.pipe(
        map((n) => {
          atEach.push(source.produced - n);
          return n;
        }),
        operator,
      ),
    );
    stage().allow(10);
    expect(source.produced).toBe(12);
    // Each is sent before the next is made.
    expect(new Set(atEach)).toEqual(new Set([1]));
  });
});

describe('G3: two sources into one stage', () => {
  test('take turns, one item each', () => {
    const { operator, stage } = turnstile<string>({ bound: 2 });
    const probe = new Probe<string>().subscribe(merge(named('a'), named('b')).pipe(operator));
    for (let i = 0; i < 8; i++) stage().allow(1);
    expect(probe.values).toEqual(['a0', 'a1', 'a2', 'b0', 'a3', 'b1', 'a4', 'b2']);
  });

  test('take turns of as many items as the burst', () => {
    const { operator, stage } = turnstile<string>({ bound: 4, burst: 2 });
    const probe = new Probe<string>().subscribe(merge(named('a'), named('b')).pipe(operator));
    for (let i = 0; i < 12; i++) stage().allow(1);
    expect(probe.values.map(([name]) => name).join('')).toBe('aaaaaabbaabb');
  });

  test('do not wait for one that has ended', () => {
    const { operator, stage } = turnstile<string>({ bound: 1 });
    const probe = new Probe<string>().subscribe(merge(named('a', 2), named('b', 4)).pipe(operator));
    for (let i = 0; i < 6; i++) stage().allow(1);
    expect(probe.values).toEqual(['a0', 'a1', 'b0', 'b1', 'b2', 'b3']);
    expect(probe.ended).toBe('completed');
  });
});

describe('G4: waking', () => {
  test('is synchronous: results, the next item and the source in one call', () => {
    const log: string[] = [];
    const { operator, stage } = turnstile<number>({ bound: 1 });
    const numbers = fromIterable(function* () {
      for (let i = 0; i < 3; i++) {
        log.push(`made ${i}`);
        yield i;
      }
    });
    const probe = new Probe<number>();
    probe.onNext = (n) => log.push(`taken ${n}`);
    probe.subscribe(numbers.pipe(operator));
    stage().allow(1);
    log.push('back');
    stage().allow(2);
    expect(log).toEqual(['made 0', 'taken 0', 'made 1', 'back', 'taken 1', 'made 2', 'taken 2']);
  });

  test('happens in exact frames', () => {
    const scheduler = new TestScheduler((actual, expected) => expect(actual).toEqual(expected));
    scheduler.run(({ cold, expectObservable }) => {
      const made: string[] = [];
      const letters = fromIterable(function* () {
        for (const letter of 'abcd') {
          made.push(`${letter}${scheduler.now()}`);
          yield letter;
        }
      });
      const result = letters.pipe(
        filter(() => true),
        workerPool((letter) => cold('-----(x|)').pipe(map(() => letter)), { concurrency: 1, capacity: 1 }),
      );
      expectObservable(result).toBe('-----a----b----c----(d|)');
      scheduler.flush();
      expect(made).toEqual(['a0', 'b0', 'c5', 'd10']);
    });
  });

  test('R-22: leaves the stack flat over a chain of stages and any number of items', () => {
    const { operator, stage } = turnstile<number>({ bound: 1 });
    const probe = new Probe<number>().subscribe(counted(MANY).numbers.pipe(passing(), passing(), operator, passing()));
    stage().allow(MANY);
    expect([probe.values.length, probe.ended]).toEqual([MANY, 'completed']);
  });
});

describe('G5: behind a closed gate a stage', () => {
  test('makes no step, keeps what comes, and goes on when the gate opens', () => {
    const flow = new TestFlow();
    const { operator, stage } = turnstile<number>();
    const source = counted();
    const probe = new Probe<number>(flow);
    probe.close();
    probe.subscribe(source.numbers.pipe(operator));
    stage().allow(2);
    expect([probe.values, source.produced]).toEqual([[], 3]);
    expect([probe.gate.waiting, probe.gate.attached]).toEqual([1, 1]);
    probe.allow(1);
    expect([probe.values, source.produced]).toEqual([[0], 4]);
    probe.open();
    expect([probe.values, source.produced, probe.gate.waiting]).toEqual([[0, 1], 5, 0]);
    flow.check();
  });

  test('starts nothing, and keeps results of what was running', () => {
    const works: Subject<number>[] = [];
    const probe = new Probe<number>().subscribe(
      counted().numbers.pipe(
        workerPool(
          () => {
            const work = new Subject<number>();
            works.push(work);
            return work;
          },
          { concurrency: 2, capacity: 1 },
        ),
      ),
    );
    probe.close();
    for (const work of works.slice()) {
      work.next(1);
      work.complete();
    }
    expect([works.length, probe.values]).toEqual([2, []]);
    probe.open();
    expect([works.length, probe.values]).toEqual([4, [1, 1]]);
  });
});

describe('G6', () => {
  test('an error passes a closed gate at once, and what is held is given up', () => {
    const flow = new TestFlow();
    const bad = new Error('bad');
    const { operator, stage } = turnstile<number>();
    const probe = new Probe<number>(flow);
    probe.close();
    probe.subscribe(
      concat(
        counted(2).numbers,
        throwError(() => bad),
      ).pipe(operator),
    );
    expect([probe.ended, probe.error, probe.values]).toEqual(['failed', bad, []]);
    expect([stage().held, stage().telemetry.abandoned, stage().cancelledWith]).toEqual([0, 2, [bad]]);
    expect([probe.gate.waiting, probe.gate.attached]).toEqual([0, 0]);
    flow.check();
  });

  test('completion passes a closed gate when nothing is held', () => {
    const { operator } = turnstile<number>();
    const probe = new Probe<number>();
    probe.close();
    probe.subscribe(counted(0).numbers.pipe(operator));
    expect(probe.ended).toBe('completed');
  });

  test('completion waits for what is held', () => {
    const { operator, stage } = turnstile<number>();
    const probe = new Probe<number>().subscribe(counted(2).numbers.pipe(operator));
    expect(probe.ended).toBe(undefined);
    stage().allow(1);
    expect(probe.ended).toBe(undefined);
    stage().allow(1);
    expect([probe.ended, probe.values]).toEqual(['completed', [0, 1]]);
    expect(stage().cancelledWith).toEqual([undefined]);
  });

  test('an unsubscribe takes the waiters away at once', () => {
    const { operator, stage } = turnstile<number>();
    const probe = new Probe<number>();
    probe.close();
    probe.subscribe(counted().numbers.pipe(operator));
    expect([probe.gate.waiting, stage().gate.waiting]).toEqual([1, 1]);
    probe.unsubscribe();
    expect([probe.gate.waiting, probe.gate.attached]).toEqual([0, 0]);
    expect([stage().gate.waiting, stage().gate.attached]).toEqual([0, 0]);
    expect([stage().held, stage().telemetry.abandoned]).toEqual([0, 3]);
  });

  test('a source that is unsubscribed alone leaves the queue, and the next in it takes its turn', () => {
    const { operator, stage } = turnstile<string>({ bound: 1 });
    const enough = new Subject<void>();
    const probe = new Probe<string>().subscribe(
      merge(named('a').pipe(takeUntil(enough)), named('b'), named('c')).pipe(operator),
    );
    expect([stage().gate.attached, stage().gate.waiting]).toEqual([3, 3]);
    enough.next();
    expect([stage().gate.attached, stage().gate.waiting]).toEqual([2, 2]);
    for (let i = 0; i < 3; i++) stage().allow(1);
    expect(probe.values).toEqual(['a0', 'b0', 'c0']);
  });

  test('R-15: a stage that has ended lets everything go that still waits at its gate', () => {
    const { operator, stage } = turnstile<number>({ bound: 1 });
    const probe = new Probe<number>();
    const made: number[] = [];
    // It belongs to no subscription of the stage's own: what a shared source is.
    const hot = new Subject<number>();
    probe.subscribe(
      new Observable<number>((subscriber) => {
        counted(3)
          .numbers.pipe(map((n) => (made.push(n), n)))
          .subscribe(hot);
        return hot.subscribe(subscriber);
      }).pipe(operator),
    );
    // Nobody listened yet, and the gate stood open.
    expect([made, stage().held]).toEqual([[0, 1, 2], 0]);
    probe.unsubscribe();
    expect(stage().gate.isOpen).toBe(true);
  });

  test('G1, R-16: in a chain that is longer than the stack bears, no stage takes more than it may', () => {
    const source = new ProbeSource(Array.from({ length: 5_000 }, (_, i) => i));
    const probe = new Probe<number>(undefined);
    let flow = source.items$;
    for (let i = 0; i < 151; i++) flow = flow.pipe(buffered({ capacity: 1 }));
    probe.close();
    probe.subscribe(flow);
    expect(source.produced).toBe(151);
    let most = 0;
    probe.onNext = () => (most = Math.max(most, source.produced - probe.values.length));
    probe.open();
    expect([probe.ended, probe.values.length]).toEqual(['completed', 5_000]);
    expect(most).toBeLessThanOrEqual(152);
  });

  test('R-15: a shared source goes on for its other subscriber when the one that held it back leaves', () => {
    const first = turnstile<number>({ bound: 1 });
    const shared = new Subject<number>();
    const taken: number[] = [];
    shared.subscribe((n) => taken.push(n));
    const probe = new Probe<number>().subscribe(
      new Observable<number>((subscriber) => {
        subscriber.add(shared.subscribe(subscriber));
        // Not added to the subscriber: it outlives this subscription.
        counted(3).numbers.subscribe(shared);
      }).pipe(first.operator),
    );
    expect(taken).toEqual([0]);
    probe.unsubscribe();
    expect(taken).toEqual([0, 1, 2]);
  });
});

describe('G7: a source that cannot be paused', () => {
  test('is warned about once, by name and with the remedy, and loses nothing', () => {
    const { operator, stage } = turnstile<number>();
    const source = new Subject<number>();
    const probe = new Probe<number>().subscribe(source.pipe(operator));
    for (let i = 0; i < 3; i++) source.next(i);
    expect(warnings).toEqual([]);
    for (let i = 3; i < 10; i++) source.next(i);
    expect(warnings).toEqual([
      [`Stage "turnstile" is sent more than the 3 items it may hold. ${REMEDY}`, 'SLUICE_OVERRUN'],
    ]);
    stage().allow(10);
    expect(probe.values).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test('is none, if all that overruns is what a source sent of one item', () => {
    const { operator, stage } = turnstile<number>({ bound: 1 });
    const probe = new Probe<number>().subscribe(
      counted(2).numbers.pipe(
        mergeMap((n) => [n, n, n]),
        operator,
      ),
    );
    stage().allow(6);
    expect([probe.values, warnings]).toEqual([[0, 0, 0, 1, 1, 1], []]);
  });

  test('fails the stage beyond overflowLimit, with an error that says how many and what to do', () => {
    const flow = new TestFlow();
    const { operator, stage } = turnstile<number>({ overflowLimit: 2 });
    const source = new Subject<number>();
    const probe = new Probe<number>(flow).subscribe(source.pipe(operator));
    for (let i = 0; i < 5; i++) source.next(i);
    expect([probe.ended, stage().held]).toEqual([undefined, 5]);
    source.next(5);
    expect(probe.error).toBeInstanceOf(OverflowError);
    expect(probe.error).toMatchObject({ stage: 'turnstile', held: 5, bound: 3, code: 'ERR_OVERFLOW' });
    expect(String(probe.error)).toBe(`OverflowError: Stage "turnstile" holds 5 items and may hold 3. ${REMEDY}`);
    expect([source.observed, stage().held]).toEqual([false, 0]);
    flow.check();
  });

  test('is none while the stage has room, although its gate is still closed for lack of a whole burst', () => {
    const flow = new TestFlow();
    flow.strict = true;
    const { operator, stage } = turnstile<number>({ bound: 5, burst: 3 });
    const source = new Subject<number>();
    const probe = new Probe<number>(flow).subscribe(source.pipe(operator));
    for (let i = 0; i < 5; i++) source.next(i);
    stage().allow(2);
    expect(stage().gate.isOpen).toBe(false);
    source.next(5);
    source.next(6);
    expect([probe.ended, stage().held]).toEqual([undefined, 5]);
    source.next(7);
    expect(probe.error).toBeInstanceOf(OverflowError);
    flow.check();
  });

  test('fails a strict run with the first item too many', () => {
    const flow = new TestFlow();
    flow.strict = true;
    const { operator } = turnstile<number>();
    const source = new Subject<number>();
    const probe = new Probe<number>(flow).subscribe(source.pipe(operator));
    for (let i = 0; i < 4; i++) source.next(i);
    expect(probe.error).toBeInstanceOf(OverflowError);
    expect(String(probe.error)).toBe(
      `OverflowError: Stage "turnstile" holds 4 items and may hold 3. In a strict run this is an error. ${REMEDY}`,
    );
    expect(warnings).toEqual([]);
    flow.check();
  });
});

describe('a stage in a flow', () => {
  test('is a node of it until it ends, under its name, with what it counts', () => {
    const flow = new TestFlow();
    const definition = {};
    const [upper, lower] = [turnstile<number>({ name: 'upper', definition }), turnstile<number>({ name: 'lower' })];
    const source = counted();
    const probe = new Probe<number>(flow).subscribe(source.numbers.pipe(upper.operator, lower.operator));
    const [first, second] = [flow.node('upper'), flow.node('lower')];
    expect([first.kind, first.name, first.definition, first.held]).toEqual(['stage', 'upper', definition, 3]);
    expect(second.definition).toMatchObject({ name: 'lower', bound: 3 });
    expect([first.outlets, second.outlets]).toEqual([[lower.stage().gate], [probe.gate]]);
    expect([first.gate, first.gate?.flow]).toEqual([upper.stage().gate, flow]);
    expect(flow.live.has(first) && flow.live.has(second)).toBe(true);
    probe.unsubscribe();
    expect([flow.live.size, first.telemetry.abandoned]).toEqual([0, 3]);
  });

  test('is held back for as long as it holds something and the gate below is closed', () => {
    const flow = new Clock();
    const { operator, stage } = turnstile<number>();
    const probe = new Probe<number>(flow);
    probe.close();
    probe.subscribe(counted().numbers.pipe(operator));
    const { heldBack } = stage().telemetry;
    flow.time = 11;
    // Asked again it does not begin to wait anew.
    stage().allow(1);
    flow.time = 41;
    probe.allow(1);
    expect([probe.values, heldBack!.total, heldBack!.durations.count]).toEqual([[0], 40, 1]);
    // The gate closed after that one, and the stage holds another.
    flow.time = 48;
    probe.unsubscribe();
    expect([heldBack!.total, heldBack!.durations.count]).toEqual([47, 2]);
  });

  test('measures nothing where there is no flow', () => {
    const { operator, stage } = turnstile<number>();
    const probe = new Probe<number>();
    probe.close();
    probe.subscribe(counted().numbers.pipe(operator));
    probe.open();
    probe.close();
    stage().allow(1);
    probe.unsubscribe();
    expect(stage().telemetry.heldBack).toBeUndefined();
  });

  test.each([true, false])('reports a failure after its end as too late (in a flow: %s)', (isInFlow) => {
    const lateErrors: unknown[] = [];
    vi.spyOn(hooks, 'lateError').mockImplementation((error, stage) => void lateErrors.push({ error, stage }));
    const flow = new TestFlow();
    const bad = new Error('bad');
    const { operator, stage } = turnstile<number>();
    const probe = new Probe<number>(isInFlow ? flow : undefined).subscribe(counted().numbers.pipe(operator));
    probe.unsubscribe();
    stage().failWith(bad);
    const reported = [{ error: bad, stage: 'turnstile' }];
    expect([flow.lateErrors, lateErrors]).toEqual(isInFlow ? [reported, []] : [[], reported]);
  });
});

describe('a stage', () => {
  test('takes nothing after its end, and sends nothing', () => {
    const { operator, stage } = turnstile<number>();
    const probe = new Probe<number>().subscribe(counted().numbers.pipe(operator));
    probe.unsubscribe();
    stage().next(1);
    stage().allow(5);
    stage().error(new Error('late'));
    stage().complete();
    expect([probe.values, probe.ended, stage().held, stage().telemetry.in]).toEqual([[], undefined, 0, 3]);
  });

  test('that is told to quit leaves its source, and completes when it is empty', () => {
    const { operator, stage } = turnstile<number>();
    const source = counted();
    const probe = new Probe<number>().subscribe(source.numbers.pipe(operator));
    stage().quit();
    expect(probe.ended).toBe(undefined);
    stage().allow(3);
    expect([probe.values, probe.ended, source.produced]).toEqual([[0, 1, 2], 'completed', 3]);
  });

  test('whose consumer unsubscribes in the middle of a drain stops there', () => {
    const { operator, stage } = turnstile<number>();
    const source = counted();
    const probe = new Probe<number>();
    probe.onNext = (n) => {
      if (n === 1) probe.unsubscribe();
    };
    probe.subscribe(source.numbers.pipe(operator));
    stage().allow(100);
    expect(probe.values).toEqual([0, 1]);
    expect(source.produced).toBe(3);
  });
});
