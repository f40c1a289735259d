import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Gate, Waiter } from '../../src/core/gate.ts';
import { MANY } from './many.ts';

/** A waiter that writes its name into `log` and then does `then`. */
function waiter(log: string[], name: string, then: () => void = () => {}): Waiter {
  return new Waiter(() => {
    log.push(name);
    then();
  });
}

describe('Gate', () => {
  test('is open at first, and wakes at once whoever waits at an open gate', () => {
    const gate = new Gate();
    const log: string[] = [];
    expect(gate.isOpen).toBe(true);
    gate.wait(waiter(log, 'a'));
    expect([log, gate.waiting]).toEqual([['a'], 0]);
  });

  test('G3: wakes in the order in which they came, each once', () => {
    const gate = new Gate();
    const log: string[] = [];
    gate.close();
    for (const name of ['a', 'b', 'c']) gate.wait(waiter(log, name));
    expect([log, gate.waiting]).toEqual([[], 3]);
    gate.open();
    gate.open();
    expect([log, gate.waiting]).toEqual([['a', 'b', 'c'], 0]);
  });

  test('G3: wakes no further one once it was closed again, and goes on with the next when it opens', () => {
    const gate = new Gate();
    const log: string[] = [];
    gate.close();
    for (const name of ['a', 'b', 'c']) gate.wait(waiter(log, name, () => gate.close()));
    gate.open();
    expect(log).toEqual(['a']);
    gate.open();
    expect(log).toEqual(['a', 'b']);
    gate.open();
    expect([log, gate.isOpen]).toEqual([['a', 'b', 'c'], false]);
  });

  test('G3: whoever waits again while being woken stands at the end of the queue', () => {
    const gate = new Gate();
    const log: string[] = [];
    gate.close();
    let again = 2;
    const a: Waiter = waiter(log, 'a', () => {
      if (again-- > 0) gate.wait(a);
    });
    gate.wait(a);
    gate.wait(waiter(log, 'b'));
    gate.open();
    expect(log).toEqual(['a', 'b', 'a', 'a']);
  });

  test('R-12: a waiter that closes and opens the gate while being woken loses no one', () => {
    const gate = new Gate();
    const log: string[] = [];
    gate.close();
    gate.wait(
      waiter(log, 'a', () => {
        gate.close();
        gate.open();
        log.push('a ends');
      }),
    );
    gate.wait(waiter(log, 'b'));
    gate.open();
    // One at a time: b is not woken from within a.
    expect(log).toEqual(['a', 'a ends', 'b']);
  });

  test('a waiter that leaves is not woken; leaving twice, or without having waited, is harmless', () => {
    const gate = new Gate();
    const log: string[] = [];
    gate.close();
    const [a, b, c] = ['a', 'b', 'c'].map((name) => waiter(log, name)) as [Waiter, Waiter, Waiter];
    a.cancel();
    for (const each of [a, b, c]) gate.wait(each);
    b.cancel();
    b.cancel();
    expect(gate.waiting).toBe(2);
    gate.open();
    expect(log).toEqual(['a', 'c']);
  });

  test('a waiter may take another out of the queue while being woken', () => {
    const gate = new Gate();
    const log: string[] = [];
    gate.close();
    const b = waiter(log, 'b');
    gate.wait(waiter(log, 'a', () => b.cancel()));
    gate.wait(b);
    gate.wait(waiter(log, 'c'));
    gate.open();
    expect(log).toEqual(['a', 'c']);
  });

  test('R-13: waiting twice keeps the place; waiting elsewhere leaves it', () => {
    const [first, second] = [new Gate(), new Gate()];
    const log: string[] = [];
    first.close();
    second.close();
    const a = waiter(log, 'a');
    first.wait(a);
    first.wait(waiter(log, 'b'));
    first.wait(a);
    expect(first.waiting).toBe(2);
    first.open();
    expect(log.splice(0)).toEqual(['a', 'b']);
    first.close();
    first.wait(a);
    first.wait(waiter(log, 'b'));
    second.wait(a);
    expect([first.waiting, second.waiting]).toEqual([1, 1]);
    first.remove(a);
    expect(second.waiting).toBe(1);
    first.open();
    second.open();
    expect(log).toEqual(['b', 'a']);
  });

  test('R-13: a waiter that throws keeps no other one waiting', () => {
    const gate = new Gate();
    const log: string[] = [];
    gate.close();
    const bad = waiter(log, 'a', () => {
      throw new Error('bad waiter');
    });
    gate.wait(bad);
    gate.wait(waiter(log, 'b'));
    try {
      gate.open();
    } catch (error) {
      expect(String(error)).toBe('Error: bad waiter');
    }
    expect([log, gate.waiting]).toEqual([['a', 'b'], 0]);
  });

  test('G7: is overrun when closed and no one who could wait is still missing', () => {
    const gate = new Gate();
    expect(gate.isOverrun).toBe(false);
    gate.close();
    expect(gate.isOverrun).toBe(true);
    gate.attached = 1;
    expect(gate.isOverrun).toBe(false);
    gate.wait(new Waiter(() => {}));
    expect(gate.isOverrun).toBe(true);
    gate.open();
    expect(gate.isOverrun).toBe(false);
  });

  test('R-22: any number of waits in a row, and of waiters at once, leaves the stack flat', () => {
    const gate = new Gate();
    let woken = 0;
    const again: Waiter = new Waiter(() => {
      if (++woken < MANY) gate.wait(again);
    });
    gate.wait(again);
    expect(woken).toBe(MANY);

    gate.close();
    for (let i = 0; i < MANY; i++) gate.wait(new Waiter(() => woken++));
    gate.open();
    expect(woken).toBe(2 * MANY);

    const pair: Waiter = new Waiter(() => {
      gate.close();
      if (++woken < 3 * MANY) gate.wait(pair);
      gate.open();
    });
    gate.wait(pair);
    expect(woken).toBe(3 * MANY);
  });

  /** What a waiter does when it is woken, or the test between wakings. */
  type Act = ['open'] | ['close'] | ['wait', number] | ['cancel', number];
  const COUNT = 5;
  const act: fc.Arbitrary<Act> = fc.oneof(
    fc.constant<Act>(['open']),
    fc.constant<Act>(['close']),
    fc.tuple(fc.constant('wait' as const), fc.nat(COUNT - 1)),
    fc.tuple(fc.constant('cancel' as const), fc.nat(COUNT - 1)),
  );
  /** For each waiter what it does at its first waking, at its second, ...; after that nothing, so that every run ends. */
  const scripts = fc.array(fc.array(fc.array(act, { maxLength: 4 }), { maxLength: 4 }), {
    minLength: COUNT,
    maxLength: COUNT,
  });

  test('R-12: any interleaving of opening, closing, waiting and leaving is as of a queue in an array', () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 40 }), scripts, (acts, script) => {
        const gate = new Gate();
        const log: string[] = [];
        let deepest = 0;
        let depth = 0;
        const woken = script.map(() => 0);
        const waiters = script.map(
          (_, i) =>
            new Waiter(() => {
              deepest = Math.max(deepest, ++depth);
              log.push(`${i}`);
              for (const each of script[i]![woken[i]!++] ?? []) perform(each);
              depth--;
            }),
        );
        const perform = ([name, i = 0]: Act): void => {
          if (name === 'open') gate.open();
          else if (name === 'close') gate.close();
          else if (name === 'wait') gate.wait(waiters[i]!);
          else waiters[i]!.cancel();
        };

        const expected: string[] = [];
        const wokenInModel = script.map(() => 0);
        const model = { queue: [] as number[], isOpen: true, waking: false };
        const performInModel = ([name, i = 0]: Act): void => {
          if (name === 'close') model.isOpen = false;
          else if (name === 'cancel') model.queue = model.queue.filter((each) => each !== i);
          else {
            if (name === 'open') model.isOpen = true;
            else if (!model.queue.includes(i)) model.queue.push(i);
            if (model.waking) return;
            model.waking = true;
            while (model.isOpen && model.queue.length > 0) {
              const next = model.queue.shift()!;
              expected.push(`${next}`);
              for (const each of script[next]![wokenInModel[next]!++] ?? []) performInModel(each);
            }
            model.waking = false;
          }
        };

        for (const each of acts) {
          perform(each);
          performInModel(each);
          // `expect` alone would take most of the time.
          if (log.join() !== expected.join()) expect(log).toEqual(expected);
          if (gate.isOpen !== model.isOpen || gate.waiting !== model.queue.length) expect(gate).toMatchObject(model);
        }
        gate.open();
        expect(gate.isOpen && gate.waiting > 0).toBe(false);
        expect(deepest).toBeLessThanOrEqual(1);
      }),
      { numRuns: Number(process.env['RUNS'] ?? 2_000) },
    );
  });

  /** What a waiter does when it is woken, or the test between wakings: to which gate, and with which waiter. */
  type Deed = readonly [
    'open' | 'close' | 'attach' | 'detach' | 'wait' | 'cancel' | 'remove' | 'throw',
    number,
    number,
  ];
  const GATES = 3;
  const deed: fc.Arbitrary<Deed> = fc.tuple(
    fc.constantFrom('open', 'open', 'close', 'attach', 'detach', 'wait', 'wait', 'wait', 'cancel', 'remove', 'throw'),
    fc.nat(GATES - 1),
    fc.nat(COUNT - 1),
  );
  const wakings = fc.array(fc.array(fc.array(deed, { maxLength: 4 }), { maxLength: 4 }), {
    minLength: COUNT,
    maxLength: COUNT,
  });

  test('R-12, R-13: several gates that share waiters of which some throw lose no one, and wake in order, one at a time', () => {
    fc.assert(
      fc.property(fc.array(deed, { maxLength: 40 }), wakings, (deeds, each) => {
        const gates = Array.from({ length: GATES }, () => new Gate());
        const model = gates.map(() => ({ isOpen: true, attached: 0, queue: [] as number[], waking: 0 }));
        const queueOf = (i: number) => model.find(({ queue }) => queue.includes(i));
        let thrown: Error[] = [];

        const waiters = each.map((script, i) => {
          let times = 0;
          return new Waiter(() => {
            const from = queueOf(i)!;
            if (!from.isOpen || from.queue.shift() !== i || from.waking > 0) throw new Error(`waiter ${i} is woken`);
            from.waking++;
            expectSame();
            try {
              for (const next of script[times++] ?? []) perform(next);
            } finally {
              from.waking--;
            }
          });
        });

        const perform = ([name, g, i]: Deed): void => {
          const [gate, { queue }, one] = [gates[g]!, model[g]!, waiters[i]!];
          // The model first: those that are woken look at it.
          if (name === 'open' || name === 'close') {
            model[g]!.isOpen = name === 'open';
            gate[name]();
          } else if (name === 'attach') gate.attached = ++model[g]!.attached;
          else if (name === 'detach') gate.attached = model[g]!.attached = Math.max(model[g]!.attached - 1, 0);
          else if (name === 'wait') {
            if (!queue.includes(i)) {
              leave(i);
              queue.push(i);
            }
            gate.wait(one);
          } else if (name === 'cancel') {
            leave(i);
            one.cancel();
          } else if (name === 'remove') {
            if (queue.includes(i)) leave(i);
            gate.remove(one);
          } else {
            thrown.push(new Error('bad waiter'));
            throw thrown.at(-1)!;
          }
          expectSame();
        };
        const leave = (i: number): void => {
          for (const { queue } of model) if (queue.includes(i)) queue.splice(queue.indexOf(i), 1);
        };
        /** Without `expect`, which would take most of the time. What it throws is none of what the waiters throw. */
        const expectSame = (): void => {
          for (const [g, { isOpen, attached, queue }] of model.entries()) {
            const gate = gates[g]!;
            const isOverrun = !isOpen && queue.length >= attached;
            if (gate.isOpen !== isOpen || gate.waiting !== queue.length || gate.isOverrun !== isOverrun)
              throw new Error(`gate ${g} is not as the model`);
            for (const i of queue) if (waiters[i]!.gate !== gate) throw new Error(`waiter ${i} is not at gate ${g}`);
          }
          for (const [i, { gate }] of waiters.entries())
            if (gate !== undefined && queueOf(i) === undefined) throw new Error(`waiter ${i} stands in a queue`);
        };

        for (const next of deeds) {
          thrown = [];
          let caught: unknown;
          try {
            perform(next);
          } catch (error) {
            caught = error;
          }
          // None is swallowed: whoever called hears of one of them.
          if (thrown.length === 0 ? caught !== undefined : !thrown.includes(caught as Error))
            expect.fail(String(caught));
          expectSame();
          if (model.some(({ isOpen, queue }) => isOpen && queue.length > 0))
            expect.fail('someone waits at an open gate');
        }
      }),
      { numRuns: Number(process.env['RUNS'] ?? 2_000) },
    );
  });
});
