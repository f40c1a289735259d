import { EventEmitter, getEventListeners } from 'node:events';
import { PassThrough } from 'node:stream';
import { fromEvent, lastValueFrom, take, toArray, type Observable } from 'rxjs';
import { afterEach, beforeEach, describe, expect, expectTypeOf, test, vi } from 'vitest';
import { OverflowError } from '../../src/core/errors.ts';
import { hooks } from '../../src/core/hooks.ts';
import { run } from '../../src/observe/run.ts';
import { workerPool } from '../../src/operators/workerPool.ts';
import { fromEventEmitter, type FromEventEmitterOptions } from '../../src/sources/fromEventEmitter.ts';
import { Probe } from '../../src/testing/Probe.ts';
import { marbles } from '../../src/testing/marbles.ts';
import { TestFlow } from '../core/TestFlow.ts';
import { badCounts, badFunctions, badNames, badObjects, badWords, table, thrownBy } from '../operators/badOptions.ts';

const lateErrors: unknown[] = [];
beforeEach(() => {
  vi.spyOn(hooks, 'lateError').mockImplementation((error) => void lateErrors.push(error));
});
afterEach(() => {
  vi.restoreAllMocks();
  expect(lateErrors.splice(0)).toEqual([]);
});

type Options = FromEventEmitterOptions<unknown>;
const keepsAll: Options = { overflow: 'dropOldest', capacity: Infinity };

/** Listens to 'tick' of an emitter, and takes nothing until the probe is opened. */
function held(options: Partial<Options> = {}, emitter = new EventEmitter()) {
  const flow = new TestFlow();
  const probe = new Probe<unknown>(flow);
  probe.close();
  probe.subscribe(fromEventEmitter(emitter, 'tick', { ...keepsAll, ...options }));
  return { flow, probe, emitter, telemetry: flow.node('fromEventEmitter').telemetry };
}

/** How many listeners an emitter has, for whatever events. */
const listeners = (emitter: EventEmitter): number =>
  emitter.eventNames().reduce((sum, event) => sum + emitter.listenerCount(event), 0);

describe('fromEventEmitter', () => {
  test('does what the diagram in its comment says', () => {
    marbles(({ hot, gated, expectObservable }) => {
      const tick = '    a-b-c-d--e         ';
      const close = '   --------c          ';
      const demand = '  x----------o       ';
      const expected = '-----------(cd|)   ';
      const gate = gated<unknown>(demand);
      const emitter = new EventEmitter();
      hot(tick).subscribe((value) => emitter.emit('tick', value));
      hot(close).subscribe(() => emitter.emit('close'));
      const ticks = fromEventEmitter(emitter, 'tick', { overflow: 'dropOldest', capacity: 2, until: 'close' });
      expectObservable(ticks.pipe(gate)).toBe(expected);
    });
  });

  test('everything passes as it comes while the gate is open, as with fromEvent of RxJS', () => {
    marbles(({ hot, expectObservable }) => {
      const tick = '-a-(bc)--d--';
      const unsub = '----------!';
      const emitter = new EventEmitter();
      expectObservable(fromEventEmitter(emitter, 'tick', { overflow: 'latest' }), unsub).toBe('-a-(bc)--d-');
      expectObservable(fromEvent(emitter, 'tick'), unsub).toBe('-a-(bc)--d-');
      hot(tick).subscribe((value) => emitter.emit('tick', value));
    });
  });

  test('R-01: listens only while it is subscribed, once for each event', () => {
    const emitter = new EventEmitter();
    const ticks = fromEventEmitter(emitter, 'tick', { ...keepsAll, until: ['end', 'close', 'end'] });
    expect(listeners(emitter)).toBe(0);
    const first = ticks.subscribe();
    expect(['tick', 'error', 'end', 'close'].map((event) => emitter.listenerCount(event))).toEqual([1, 1, 1, 1]);
    const second = ticks.subscribe();
    expect(listeners(emitter)).toBe(8);
    first.unsubscribe();
    second.unsubscribe();
    expect(listeners(emitter)).toBe(0);
  });

  test('does not make the emitter warn of too many listeners', () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const emitter = new EventEmitter().setMaxListeners(1);
    const until = ['a', 'b', 'c', 'd'];
    fromEventEmitter(emitter, 'tick', { ...keepsAll, until })
      .subscribe()
      .unsubscribe();
    expect(warn).not.toHaveBeenCalled();
  });

  test('of several arguments it makes an array, of none undefined', () => {
    const { emitter, probe } = held();
    probe.open();
    emitter.emit('tick');
    emitter.emit('tick', 1);
    emitter.emit('tick', 1, 'two');
    emitter.emit('tick', 1, 'two', 3);
    emitter.emit('tick', [1, 2]);
    expect(probe.values).toEqual([undefined, 1, [1, 'two'], [1, 'two', 3], [1, 2]]);
  });

  test('R-04: an emitter that never emits, and one that emits before it is subscribed', () => {
    const emitter = new EventEmitter();
    emitter.emit('tick', 0);
    const { probe } = held({}, emitter);
    probe.open();
    expect([probe.values, probe.ended]).toEqual([[], undefined]);
    probe.unsubscribe();
    expect(listeners(emitter)).toBe(0);
  });

  test('R-05: two subscriptions hold their events each for itself', () => {
    const emitter = new EventEmitter();
    const ticks = fromEventEmitter(emitter, 'tick', { overflow: 'latest' });
    const [first, second] = [new Probe<unknown>(), new Probe<unknown>()];
    first.close();
    first.subscribe(ticks);
    emitter.emit('tick', 1);
    second.close();
    second.subscribe(ticks);
    first.open();
    emitter.emit('tick', 2);
    second.open();
    expect([first.values, second.values]).toEqual([[1, 2], [2]]);
    first.unsubscribe();
    second.unsubscribe();
  });

  test('R-06: false values are held like any other', () => {
    const odd = [undefined, null, 0, '', NaN, false];
    const { emitter, probe } = held();
    for (const value of odd) emitter.emit('tick', value);
    probe.open();
    expect(probe.values).toEqual(odd);
  });

  test('R-23, R-42: take stops it within an event, and the listeners are gone', () => {
    const emitter = new EventEmitter();
    const values: unknown[] = [];
    fromEventEmitter(emitter, 'tick', keepsAll)
      .pipe(take(2))
      .subscribe((value) => values.push(value));
    for (let n = 0; n < 5; n++) emitter.emit('tick', n);
    expect([values, listeners(emitter)]).toEqual([[0, 1], 0]);
  });

  test('R-20: what the emitter emits while an event is taken comes after it, for every observer', () => {
    const { emitter, probe, flow } = held();
    probe.open();
    probe.onNext = (n) => {
      if ((n as number) < 5) emitter.emit('tick', (n as number) + 1);
    };
    emitter.emit('tick', 1);
    expect([probe.values, probe.violations]).toEqual([[1, 2, 3, 4, 5], []]);
    flow.check();
  });

  test('R-40, R-41: after an unsubscribe, also within an event or while events are held, nothing comes', () => {
    const { emitter, probe, flow } = held();
    emitter.emit('tick', 1);
    emitter.emit('tick', 2);
    probe.onNext = () => probe.unsubscribe();
    probe.open();
    emitter.emit('tick', 3);
    expect([probe.values, listeners(emitter), flow.live.size]).toEqual([[1], 0, 0]);
    flow.check();
  });
});

describe('fromEventEmitter that is held back', () => {
  test.each([
    ['dropOldest', 2, [4, 5], [1, 2, 3]],
    ['dropNewest', 2, [1, 2], [3, 4, 5]],
    ['latest', undefined, [5], [1, 2, 3, 4]],
    ['dropOldest', Infinity, [1, 2, 3, 4, 5], []],
  ] as const)(
    'R-11, R-17 %s with a capacity of %s keeps %j and tells onDrop of %j',
    (overflow, capacity, kept, dropped) => {
      const drops: unknown[] = [];
      const onDrop = (item: unknown, reason: string): void => void drops.push([item, reason]);
      const { emitter, probe, flow, telemetry } = held({ overflow, capacity, onDrop });
      for (const n of [1, 2, 3, 4, 5]) {
        emitter.emit('tick', n);
        flow.check();
      }
      probe.open();
      expect([probe.values, drops]).toEqual([kept, dropped.map((n) => [n, overflow])]);
      expect(telemetry).toMatchObject({ in: 5, out: kept.length, dropped: dropped.length });
    },
  );

  test("'fail' fails with the first event too many, with the name and the numbers", () => {
    const emitter = new EventEmitter();
    const probe = new Probe<unknown>();
    probe.close();
    probe.subscribe(fromEventEmitter(emitter, 'tick', { overflow: 'fail', capacity: 2, name: 'ticks' }));
    for (const n of [1, 2, 3]) emitter.emit('tick', n);
    expect(probe.error).toBeInstanceOf(OverflowError);
    expect(probe.error).toMatchObject({ stage: 'ticks', held: 3, bound: 2 });
    expect(listeners(emitter)).toBe(0);
  });

  test('{ merge } makes the newest two into one', () => {
    const { emitter, probe, telemetry, flow } = held({
      overflow: { merge: (a, b) => (a as number) * 10 + (b as number) },
      capacity: 2,
    });
    for (const n of [1, 2, 3, 4]) emitter.emit('tick', n);
    probe.open();
    expect([probe.values, telemetry.merged]).toEqual([[1, 234], 2]);
    flow.check();
  });

  test('an onDrop that throws ends the flow, and not the emitter', () => {
    const error = new Error('onDrop');
    const onDrop = (): void => {
      throw error;
    };
    const { emitter, probe, flow } = held({ overflow: 'latest', capacity: 1, onDrop });
    emitter.emit('tick', 1);
    expect(() => emitter.emit('tick', 2)).not.toThrow();
    expect([probe.error, listeners(emitter)]).toEqual([error, 0]);
    flow.check();
  });

  test('holds no more above a slow stage than that stage and its own capacity', async () => {
    const emitter = new EventEmitter();
    const flow = fromEventEmitter<number>(emitter, 'tick', { overflow: 'dropNewest', capacity: 3 });
    const values = lastValueFrom(
      flow.pipe(
        workerPool(async (n) => n, { capacity: 1 }),
        take(5),
        toArray(),
      ),
    );
    for (let n = 0; n < 100; n++) emitter.emit('tick', n);
    expect(await values).toEqual([0, 1, 2, 3, 4]);
    expect(listeners(emitter)).toBe(0);
  });
});

describe('the end of fromEventEmitter', () => {
  test('with an event of `until` it stops listening at once, and completes when what is held has left', () => {
    const { emitter, probe } = held({ until: ['end', 'close'] });
    emitter.emit('tick', 1);
    emitter.emit('close', 'whatever');
    expect([listeners(emitter), probe.ended]).toEqual([0, undefined]);
    emitter.emit('tick', 2);
    probe.open();
    expect([probe.values, probe.ended]).toEqual([[1], 'completed']);
  });

  test("G6, R-30: 'error' fails it at once with the same error, and what is held is given up", () => {
    const { emitter, probe, flow, telemetry } = held();
    const error = new Error('of the emitter');
    emitter.emit('tick', 1);
    emitter.emit('error', error, 'more');
    expect([probe.values, probe.error, probe.error === error, listeners(emitter)]).toEqual([[], error, true, 0]);
    expect(telemetry.abandoned).toBe(1);
    flow.check();
  });

  test.each([undefined, null, 0, 'text', { a: 1 }])('R-33: it fails with %o if the emitter says so', (value) => {
    const { emitter, probe } = held();
    emitter.emit('error', value);
    expect([probe.ended, probe.error]).toEqual(['failed', value]);
  });

  test('`failOn` names other events, or none: then the emitter deals with its errors itself', () => {
    const other = held({ failOn: 'broken' });
    other.emitter.emit('broken', 'why');
    expect([other.probe.error, listeners(other.emitter)]).toEqual(['why', 0]);

    const none = held({ failOn: [] });
    const error = new Error('nobody listens');
    expect(() => none.emitter.emit('error', error)).toThrow(error);
    expect(none.probe.ended).toBeUndefined();
    none.probe.unsubscribe();
  });

  test("'error' may be the event itself: then it is a value", () => {
    const emitter = new EventEmitter();
    const probe = new Probe<unknown>().subscribe(fromEventEmitter(emitter, 'error', keepsAll));
    emitter.emit('error', 'a value');
    expect([probe.values, probe.ended]).toEqual([['a value'], undefined]);
    probe.unsubscribe();
    expect(listeners(emitter)).toBe(0);
  });

  test('events may be symbols', () => {
    const [tick, end] = [Symbol('tick'), Symbol('end')];
    const emitter = new EventEmitter();
    const probe = new Probe<unknown>().subscribe(fromEventEmitter(emitter, tick, { ...keepsAll, until: end }));
    emitter.emit(tick, 1);
    emitter.emit(end);
    expect([probe.values, probe.ended]).toEqual([[1], 'completed']);
  });

  test('under run, a graceful end stops listening, and what is held leaves', async () => {
    const emitter = new EventEmitter();
    const taken: unknown[] = [];
    const work = workerPool(
      async (item: unknown) => {
        await new Promise((resolve) => setImmediate(resolve));
        taken.push(item);
      },
      { capacity: 0 },
    );
    const started = run(fromEventEmitter(emitter, 'tick', { ...keepsAll, name: 'ticks' }).pipe(work));
    for (let n = 0; n < 4; n++) emitter.emit('tick', n);
    const done = started.shutdown();
    expect(listeners(emitter)).toBe(0);
    const report = await done;
    expect([report.ended, report.abandoned, taken]).toEqual(['quit', 0, [0, 1, 2, 3]]);
    expect(report.stages[0]).toMatchObject({ name: 'ticks', in: 4, out: 4, dropped: 0 });
  });
});

describe('an emitter that is broken', () => {
  test.each(['tick', 'close', 'error'])(
    "R-30: whose 'on' throws for %s fails the subscription, and nothing is left",
    (bad) => {
      const emitter = new EventEmitter();
      const error = new Error('on');
      const on = emitter.on.bind(emitter);
      emitter.on = (event, listener) => {
        if (event === bad) throw error;
        return on(event, listener);
      };
      const { probe } = held({ until: 'close' }, emitter);
      expect([probe.error, listeners(emitter)]).toEqual([error, 0]);
    },
  );

  test("R-35: whose 'off' throws is reported, and keeps no other listener", () => {
    const emitter = new EventEmitter();
    const error = new Error('off');
    const off = emitter.off.bind(emitter);
    emitter.off = (event, listener) => {
      if (event === 'close') throw error;
      return off(event, listener);
    };
    const { probe, flow } = held({ until: 'close' }, emitter);
    expect(() => probe.unsubscribe()).not.toThrow();
    expect(flow.lateErrors).toEqual([{ error, stage: 'fromEventEmitter' }]);
    expect(['tick', 'error'].map((event) => emitter.listenerCount(event))).toEqual([0, 0]);

    fromEventEmitter(emitter, 'tick', { ...keepsAll, until: 'close' })
      .subscribe()
      .unsubscribe();
    expect(lateErrors.splice(0)).toEqual([error]);
  });

  test('that ends while a listener is being added keeps none', () => {
    const emitter = new EventEmitter();
    emitter.on('newListener', (event) => {
      if (event === 'tick') emitter.emit('close');
    });
    const { probe } = held({ until: 'close' }, emitter);
    expect([probe.ended, listeners(emitter)]).toEqual(['completed', 1]);
  });
});

describe('an emitter that fails while it is listened to', () => {
  test('is not listened to any further', () => {
    const emitter = new EventEmitter();
    const added: unknown[] = [];
    emitter.on('newListener', (event) => {
      added.push(event);
      if (event === 'close') emitter.emit('error', 'at once');
    });
    const { probe } = held({ until: ['close', 'end'] }, emitter);
    expect([probe.error, added, listeners(emitter)]).toEqual(['at once', ['error', 'close'], 1]);
  });
});

describe('fromEventEmitter of an event target', () => {
  test('gives its events, and listens only while it is subscribed', () => {
    const target = new EventTarget();
    const probe = new Probe<Event>();
    probe.subscribe(fromEventEmitter(target, 'tick', { overflow: 'latest', until: 'close' }));
    const counts = (): number[] => ['tick', 'close', 'error'].map((event) => getEventListeners(target, event).length);
    expect(counts()).toEqual([1, 1, 0]);
    const tick = new Event('tick');
    target.dispatchEvent(tick);
    target.dispatchEvent(new Event('error'));
    target.dispatchEvent(new Event('close'));
    expect([probe.values, probe.ended, counts()]).toEqual([[tick], 'completed', [0, 0, 0]]);
  });

  test('fails with the event that `failOn` names', () => {
    const target = new EventTarget();
    const probe = new Probe<Event>();
    probe.subscribe(fromEventEmitter(target, 'tick', { overflow: 'latest', failOn: 'error' }));
    const error = new Event('error');
    target.dispatchEvent(error);
    expect([probe.ended, probe.error]).toEqual(['failed', error]);
    expect(getEventListeners(target, 'tick')).toEqual([]);
  });

  test('R-44: the listeners of an AbortSignal are as many as before', () => {
    const controller = new AbortController();
    const probe = new Probe<Event>();
    probe.subscribe(fromEventEmitter(controller.signal, 'abort', { overflow: 'latest' }));
    controller.abort();
    expect(probe.values.map(({ type }) => type)).toEqual(['abort']);
    probe.unsubscribe();
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
  });

  test('what has the methods of both is an emitter: it gives values, not events around them', () => {
    const both = Object.assign(new EventEmitter(), { addEventListener: vi.fn(), removeEventListener: vi.fn() });
    const { probe, emitter } = held({}, both);
    probe.open();
    emitter.emit('tick', 1);
    probe.unsubscribe();
    expect([probe.values, both.addEventListener.mock.calls]).toEqual([[1], []]);
  });

  test('what has only addListener and removeListener is an emitter too', () => {
    const emitter = new EventEmitter();
    const old = {
      addListener: (event: string, listener: () => void) => emitter.on(event, listener),
      removeListener: (event: string, listener: () => void) => emitter.off(event, listener),
    };
    const probe = new Probe<unknown>().subscribe(fromEventEmitter(old as never, 'tick', keepsAll));
    emitter.emit('tick', 1);
    probe.unsubscribe();
    expect([probe.values, listeners(emitter)]).toEqual([[1], 0]);
  });
});

describe('bad input of fromEventEmitter', () => {
  const emitter = new EventEmitter();

  test('overflow has to be given, since an emitter cannot be told to wait', () => {
    const policies = 'one of dropOldest, dropNewest, latest, fail or { merge: a function }';
    expect(thrownBy(() => fromEventEmitter(emitter, 'tick', {} as never))).toMatchObject({
      name: 'TypeError',
      code: 'ERR_INVALID_ARG_TYPE',
      option: 'overflow',
      message: `fromEventEmitter(): "overflow" must be given: ${policies}. Received undefined (undefined)`,
    });
    expect(thrownBy(() => (fromEventEmitter as (...args: unknown[]) => unknown)(emitter, 'tick'))).toMatchObject({
      option: 'overflow',
    });
    expect(thrownBy(() => fromEventEmitter(emitter, 'tick', { overflow: 'wait' } as never))).toMatchObject({
      code: 'ERR_INVALID_ARG_VALUE',
      option: 'overflow',
      received: 'wait',
    });
  });

  test('a capacity has to be given, except with latest', () => {
    expect(thrownBy(() => fromEventEmitter(emitter, 'tick', { overflow: 'dropOldest' }))).toMatchObject({
      option: 'capacity',
      message: expect.stringContaining('must be given: an integer of 1 or more, or Infinity'),
    });
  });

  test.each([undefined, null, 5, 'text', {}, () => {}, { on: () => {} }, { on: 1, off: 2 }, []])(
    'emitter: %# is refused at the call',
    (value) => {
      const error = thrownBy(() => fromEventEmitter(value as unknown as EventEmitter, 'tick', keepsAll));
      expect(error).toMatchObject({ name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE', option: 'emitter' });
      expect((error as Error).message).toContain('must be an event emitter or an event target. Received ');
    },
  );

  test('a revoked proxy is refused like any other', () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(thrownBy(() => fromEventEmitter(proxy as EventEmitter, 'tick', keepsAll))).toMatchObject({
      option: 'emitter',
    });
  });

  test.each([undefined, null, 5, {}, ['tick'], true])('event: %o is refused at the call', (value) => {
    const error = thrownBy(() => fromEventEmitter(emitter, value as never, keepsAll));
    expect(error).toMatchObject({ name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE', option: 'event', received: value });
  });

  test('a symbol is no event of an event target', () => {
    const target = new EventTarget();
    expect(thrownBy(() => fromEventEmitter(target, Symbol('tick') as never, keepsAll as never))).toMatchObject({
      option: 'event',
    });
    const until = Symbol('end');
    expect(thrownBy(() => fromEventEmitter(target, 'tick', { overflow: 'latest', until }))).toMatchObject({
      option: 'until',
      message: expect.stringContaining('"until" must be a string, or a list of such. Received Symbol(end)'),
    });
  });

  test.each(['until', 'failOn'] as const)('%s: no name, or that of the event itself, is refused', (option) => {
    for (const value of [null, 5, {}, [5], ['end', null], Array(3)]) {
      const error = thrownBy(() => fromEventEmitter(emitter, 'tick', { ...keepsAll, [option]: value }));
      expect(error).toMatchObject({ code: 'ERR_INVALID_ARG_TYPE', option, received: value });
    }
    for (const value of ['tick', ['end', 'tick']]) {
      const error = thrownBy(() => fromEventEmitter(emitter, 'tick', { ...keepsAll, [option]: value }));
      expect(error).toMatchObject({ code: 'ERR_INVALID_ARG_VALUE', option });
      expect((error as Error).message).toContain(`"${option}" must be another event than tick. Received `);
    }
  });

  const bad = table({
    capacity: badCounts(1, true),
    overflow: [...badWords('Latest', 'wait', 'block'), [{ merge: 1 }, TypeError, 'ERR_INVALID_ARG_TYPE']],
    onDrop: badFunctions,
    name: badNames,
  });
  test.each(bad)('$option: $shown is refused at the call', ({ option, bad: [value, type, code] }) => {
    const error = thrownBy(() => fromEventEmitter(emitter, 'tick', { ...keepsAll, [option]: value }));
    expect(error).toBeInstanceOf(type);
    expect(error).toMatchObject({ code, option });
    expect((error as Error).message).toMatch(
      new RegExp(`^fromEventEmitter\\(\\): "${option}" must be .+[.] Received `),
    );
  });

  test.each(table({ options: badObjects }))('options: $shown is refused', ({ bad: [value, type, code] }) => {
    const error = thrownBy(() => fromEventEmitter(emitter, 'tick', value as never));
    expect(error).toBeInstanceOf(type);
    expect(error).toMatchObject({ code, option: 'options' });
  });

  test('an unknown option is refused with the nearest name, and nothing was listened to by any of these', () => {
    const error = thrownBy(() => fromEventEmitter(emitter, 'tick', { ...keepsAll, untill: 'end' } as never));
    expect((error as Error).message).toContain('Did you mean "until"?');
    expect(listeners(emitter)).toBe(0);
  });
});

describe('the types of fromEventEmitter', () => {
  test('are those of the emitter, where it knows them', () => {
    const typed = new EventEmitter<{ tick: [number]; pair: [string, number]; end: [] }>();
    expectTypeOf(fromEventEmitter(typed, 'tick', { overflow: 'latest' })).toEqualTypeOf<Observable<number>>();
    expectTypeOf(fromEventEmitter(typed, 'pair', { overflow: 'latest' })).toEqualTypeOf<Observable<[string, number]>>();
    expectTypeOf(fromEventEmitter(typed, 'end', { overflow: 'latest' })).toEqualTypeOf<Observable<undefined>>();
    fromEventEmitter(typed, 'tick', {
      overflow: { merge: (a, b) => a + b },
      capacity: 1,
      onDrop: (item) => expectTypeOf(item).toEqualTypeOf<number>(),
    });
    const untyped = new EventEmitter();
    expectTypeOf(fromEventEmitter(untyped, 'tick', { overflow: 'latest' })).toEqualTypeOf<Observable<unknown>>();
    expectTypeOf(fromEventEmitter<string>(untyped, 'tick', { overflow: 'latest' })).toEqualTypeOf<Observable<string>>();
    expectTypeOf(fromEventEmitter<Buffer>(new PassThrough(), 'data', { overflow: 'latest' })).toEqualTypeOf<
      Observable<Buffer>
    >();
    expectTypeOf(fromEventEmitter(new EventTarget(), 'tick', { overflow: 'latest' })).toEqualTypeOf<
      Observable<Event>
    >();
    expectTypeOf(() => {
      // @ts-expect-error -- overflow is missing
      fromEventEmitter(untyped, 'tick', { capacity: 2 });
      // @ts-expect-error -- so are the options
      fromEventEmitter(untyped, 'tick');
      // @ts-expect-error -- an emitter cannot wait
      fromEventEmitter(untyped, 'tick', { overflow: 'wait', capacity: 2 });
      // @ts-expect-error -- no emitter
      fromEventEmitter({}, 'tick', { overflow: 'latest' });
    }).toBeFunction();
  });
});
