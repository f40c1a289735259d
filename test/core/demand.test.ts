import { Observable, Subject, finalize, merge } from 'rxjs';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { demand, type Demand } from '../../src/core/demand.ts';
import { hooks } from '../../src/core/hooks.ts';
import { workerPool } from '../../src/operators/workerPool.ts';
import { fromIterable } from '../../src/sources/fromIterable.ts';
import { gateHere } from './gateHere.ts';
import { Probe } from './Probe.ts';
import { TestFlow } from './TestFlow.ts';

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

/** A flow with a clock that is moved by hand. */
class Clock extends TestFlow {
  time = 1;

  override now(): number {
    return this.time;
  }
}

/** A source that does nothing by itself: the test asks and sends. */
function byHand(settings: Partial<Parameters<typeof demand>[1]> = {}) {
  const made: Demand<number>[] = [];
  const source = new Observable<number>((subscriber) => {
    made.push(demand(subscriber, { name: 'by hand', ...settings }, () => {}));
  });
  return { source, below: () => made[0]! };
}

/** Numbers from 0, each made only if it is wanted. */
const numbers = (name = 'numbers') =>
  new Observable<number>((subscriber) => {
    let n = 0;
    demand(subscriber, { name }, (below) => {
      while (below.wants()) below.send(n++);
    });
  });

describe('a source in a flow', () => {
  test('is a node of it, from when it is subscribed until it ends', () => {
    const flow = new TestFlow();
    const definition = {};
    const [one, other] = [byHand({ definition }), byHand()];
    const probe = new Probe<number>(flow).subscribe(merge(one.source, other.source));
    expect(flow.nodes).toEqual([one.below(), other.below()]);
    expect(flow.nodes.map(({ kind, name, outlets }) => [kind, name, outlets])).toEqual([
      ['source', 'by hand', [probe.gate]],
      ['source', 'by hand', [probe.gate]],
    ]);
    expect(one.below().definition).toBe(definition);
    expect(other.below().definition).toMatchObject({ name: 'by hand' });
    expect([flow.live.size, probe.gate.attached]).toEqual([2, 2]);
    probe.unsubscribe();
    expect([flow.live.size, probe.gate.attached]).toEqual([0, 0]);
  });

  test('counts each value that it sends, and spends it of the turn', () => {
    const flow = new TestFlow();
    const { source, below } = byHand();
    const probe = new Probe<number>(flow).subscribe(source);
    below().send(1);
    below().send(2);
    expect([below().telemetry.out, flow.spent, probe.values]).toEqual([2, 2, [1, 2]]);
  });

  test('stands still while it is not its turn, and goes on when it is', () => {
    const flow = new TestFlow();
    const probe = new Probe<number>(flow);
    probe.onNext = (n) => {
      if (n % 3 === 2) flow.turn.close();
      if (n === 7) probe.close();
    };
    probe.subscribe(numbers());
    expect([probe.values.length, flow.turn.waiting]).toEqual([3, 1]);
    flow.turn.open();
    expect(probe.values.length).toBe(6);
    flow.turn.open();
    expect([probe.values.length, flow.turn.waiting, probe.gate.waiting]).toEqual([8, 0, 1]);
    probe.unsubscribe();
    expect(probe.gate.waiting).toBe(0);
  });

  test('that may not join makes nothing, and does not keep the stage below waiting', () => {
    const flow = new TestFlow();
    flow.admits = false;
    const probe = new Probe<number>(flow).subscribe(numbers());
    expect([probe.values, probe.gate.attached]).toEqual([[], 0]);
    probe.unsubscribe();
    expect(probe.gate.attached).toBe(0);
  });

  test('is held back from when a value was not wanted until it is woken, however often it asks', () => {
    const flow = new Clock();
    const { source, below } = byHand();
    const probe = new Probe<number>(flow);
    probe.close();
    probe.subscribe(source);
    const { heldBack } = below().telemetry;
    expect(below().wants()).toBe(false);
    flow.time = 11;
    expect(below().wants()).toBe(false);
    expect([probe.gate.waiting, heldBack!.total]).toEqual([1, 0]);
    flow.time = 41;
    probe.open();
    expect([heldBack!.total, heldBack!.durations.count]).toEqual([40, 1]);
    flow.time = 100;
    expect(below().wants()).toBe(true);
    probe.unsubscribe();
    expect([heldBack!.total, heldBack!.durations.count]).toEqual([40, 1]);
  });

  test('that ends while it is held back was so until then', () => {
    const flow = new Clock();
    const { source, below } = byHand();
    const probe = new Probe<number>(flow);
    probe.close();
    probe.subscribe(source);
    below().wants();
    flow.time = 8;
    probe.unsubscribe();
    expect(below().telemetry.heldBack!.total).toBe(7);
  });

  test('tells how long it took to make a value', () => {
    const flow = new Clock();
    const { source, below } = byHand();
    new Probe<number>(flow).subscribe(source);
    const since = below().making();
    flow.time = 6;
    below().made(since);
    below().made(0);
    expect([below().telemetry.work!.total, below().telemetry.work!.durations.count]).toEqual([5, 1]);
  });

  test('gives up what it held at its end, and counts it', () => {
    const flow = new TestFlow();
    const { source, below } = byHand();
    const probe = new Probe<number>(flow).subscribe(source);
    below().held = 2;
    probe.unsubscribe();
    expect([below().held, below().telemetry.abandoned]).toEqual([0, 2]);
  });

  test('that is to quit completes, or does what it says', () => {
    const quits: string[] = [];
    const [plain, own] = [byHand(), byHand({ quit: () => void quits.push('quit') })];
    const probes = [plain, own].map(({ source }) => new Probe<number>(new TestFlow()).subscribe(source));
    plain.below().quit();
    own.below().quit();
    expect([probes.map(({ ended }) => ended), quits]).toEqual([['completed', undefined], ['quit']]);
  });

  test('takes no clock and no turn where there is no flow', () => {
    const { source, below } = byHand();
    const probe = new Probe<number>();
    probe.close();
    probe.subscribe(source);
    expect([below().making(), below().wants()]).toEqual([0, false]);
    below().made(0);
    probe.open();
    const { work, heldBack } = below().telemetry;
    expect([work, heldBack]).toEqual([undefined, undefined]);
  });
});

describe('a source that has ended', () => {
  test('before it began joins no flow and makes nothing', () => {
    const flow = new TestFlow();
    const probe = new Probe<number>(flow);
    let asked = 0;
    const source = new Observable<number>((subscriber) => {
      subscriber.complete();
      demand(subscriber, { name: 'late' }, () => asked++);
    });
    probe.subscribe(source);
    expect([probe.ended, asked, flow.nodes, probe.gate.attached]).toEqual(['completed', 0, [], 0]);
  });

  test('R-40: wants nothing, behind an open gate or a closed one, and waits at none', () => {
    const { source, below } = byHand();
    const probe = new Probe<number>().subscribe(source);
    probe.unsubscribe();
    expect(below().wants()).toBe(false);
    probe.close();
    expect([below().wants(), probe.gate.waiting]).toEqual([false, 0]);
  });

  test.each([true, false])('and then fails reports the error as too late (in a flow: %s)', (isInFlow) => {
    const lateErrors: unknown[] = [];
    vi.spyOn(hooks, 'lateError').mockImplementation((error, stage) => void lateErrors.push({ error, stage }));
    const flow = new TestFlow();
    const bad = new Error('bad');
    const probe = new Probe<number>(isInFlow ? flow : undefined);
    probe.subscribe(
      new Observable<number>((subscriber) => {
        demand(subscriber, { name: 'late' }, () => {
          subscriber.complete();
          throw bad;
        });
      }),
    );
    const reported = [{ error: bad, stage: 'late' }];
    expect([flow.lateErrors, lateErrors]).toEqual(isInFlow ? [reported, []] : [[], reported]);
    expect(probe.ended).toBe('completed');
  });

  test.each([true, false])('reports what fails while it is released (in a flow: %s)', async (isInFlow) => {
    const lateErrors: unknown[] = [];
    vi.spyOn(hooks, 'lateError').mockImplementation((error, stage) => void lateErrors.push({ error, stage }));
    const flow = new TestFlow();
    const bad = new Error('bad');
    const { source, below } = byHand();
    new Probe<number>(isInFlow ? flow : undefined).subscribe(source).unsubscribe();
    const failing = Promise.reject(bad);
    below().releasing(failing);
    below().releasing(Promise.resolve());
    await Promise.all(flow.released);
    await failing.catch(() => {});
    expect(flow.released.length).toBe(isInFlow ? 2 : 0);
    const reported = [{ error: bad, stage: 'by hand' }];
    expect([flow.lateErrors, lateErrors]).toEqual(isInFlow ? [reported, []] : [[], reported]);
  });
});

describe('the gate below', () => {
  test('is found past operators, and is always open where there is no stage', () => {
    const gate = gateHere();
    expect([gate.isOpen, gate.flow]).toEqual([true, undefined]);
  });

  test('is found where the chain is broken, also by what is subscribed after another source has emitted', () => {
    const probe = new Probe<number>();
    probe.allow(2);
    probe.subscribe(
      new Observable<number>((subscriber) => {
        numbers('first').subscribe(subscriber);
        // It has emitted, and waits. The chain from the second one ends here.
        subscriber.add(numbers('second').subscribe({ next: (n) => subscriber.next(n) }));
      }),
    );
    expect([probe.values, probe.gate.attached, probe.gate.waiting]).toEqual([[0, 1], 2, 2]);
    probe.unsubscribe();
  });

  test('is none of the stage that is subscribing for what a source subscribes while it emits', () => {
    const probe = new Probe<number>();
    const gates: unknown[] = [];
    probe.subscribe(
      new Observable<number>((subscriber) => {
        demand(subscriber, { name: 'outer' }, () => {
          gates.push(gateHere());
        });
      }),
    );
    expect(gates).toEqual([gateHere()]);
    expect(gates[0]).not.toBe(probe.gate);
  });
});
