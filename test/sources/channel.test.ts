import { getEventListeners } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import {
  Observable,
  concatMap,
  config,
  defer,
  filter,
  finalize,
  from,
  lastValueFrom,
  map,
  merge,
  of,
  repeat,
  retry,
  share,
  take,
  toArray,
  type ObservableInput,
  type Subscriber,
} from 'rxjs';
import { afterEach, beforeEach, describe, expect, expectTypeOf, test, vi } from 'vitest';
import { gateBelow, setSubscribing } from '../../src/core/demand.ts';
import { Gate } from '../../src/core/gate.ts';
import { hooks } from '../../src/core/hooks.ts';
import { run } from '../../src/observe/run.ts';
import { buffered } from '../../src/operators/buffered.ts';
import { workerPool } from '../../src/operators/workerPool.ts';
import { channel, type Channel, type ChannelOptions } from '../../src/sources/channel.ts';
import { ChannelClosedError } from '../../src/sources/ChannelClosedError.ts';
import { fromIterable } from '../../src/sources/fromIterable.ts';
import { marbles } from '../../src/testing/marbles.ts';
import { badCounts, badNames, badObjects, table, thrownBy } from '../operators/badOptions.ts';
import { Probe } from '../core/Probe.ts';
import { TestFlow } from '../core/TestFlow.ts';
import { turns } from './events.ts';

const late: [error: unknown, stage: string][] = [];
const unhandled: unknown[] = [];
const warnings: string[] = [];
const onUnhandled = (error: unknown): void => void unhandled.push(error);
const onWarning = ({ name, message }: Error): void => void warnings.push(`${name}: ${message}`);

beforeEach(() => {
  vi.spyOn(hooks, 'lateError').mockImplementation((error, stage) => void late.push([error, stage]));
  process.on('unhandledRejection', onUnhandled).on('warning', onWarning);
});
afterEach(async () => {
  await turns(2);
  process.off('unhandledRejection', onUnhandled).off('warning', onWarning);
  vi.restoreAllMocks();
  expect([late.splice(0), unhandled.splice(0), warnings.splice(0)]).toEqual([[], [], []]);
});

const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const all = <T>(source: Observable<T>): Promise<T[]> => lastValueFrom(source.pipe(toArray()));

/** What has become of a promise, by the time the microtasks have run. */
function fateOf(promise: Promise<unknown>): { now: string; error?: unknown } {
  const fate: { now: string; error?: unknown } = { now: 'waits' };
  promise.then(
    () => (fate.now = 'sent'),
    (error: unknown) => {
      fate.now = 'rejected';
      fate.error = error;
    },
  );
  return fate;
}

/** How many bytes are in use after everything that can be has been collected. */
function heapInUse(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}

interface Load {
  readonly load: number[];
}

/** Something that shows when it is kept. */
const load = (): Load => ({ load: Array.from({ length: 10_000 }, (_, i) => i) });

/** A receiver whose gate is closed. */
function closedProbe<T>(source: Channel<T>, flow?: TestFlow): Probe<T> {
  const probe = new Probe<T>(flow);
  probe.close();
  return probe.subscribe(source);
}

test('channel does what the diagram in its comment says', () => {
  marbles(({ hot, gated, expectObservable }) => {
    const demand = gated<string>('--x----o----');
    const send = '               a-b-c------|';
    const expected = '           a------(bc)|';
    const answers: string[] = [];
    const values = channel<string>({ capacity: 2 });
    hot(send).subscribe({
      next: (value) => answers.push(values.trySend(value)),
      complete: () => values.close(),
    });
    expectObservable(values.pipe(demand)).toBe(expected);
  });
});

test('channel does what the example in its comment says', async () => {
  const printed: number[] = [];
  const jobs = channel<number>({ capacity: 2 });
  const done = new Promise<void>((complete) => {
    jobs
      .pipe(workerPool((n) => turns(1).then(() => n * 2), { concurrency: 4 }))
      .subscribe({ next: (n) => printed.push(n), complete });
  });
  for (const n of [1, 2, 3]) await jobs.send(n);
  jobs.close();
  await done;
  expect(printed).toEqual([2, 4, 6]);
});

describe.each([0, 1, 3, Infinity])('channel of capacity %d', (capacity) => {
  test('R-01, R-03, R-04: is silent until something is sent, and completes when it is closed', async () => {
    const values = channel<number>({ capacity });
    const probe = new Probe<number>().subscribe(values);
    expect([probe.values, probe.ended, values.length, values.capacity, values.isClosed]).toEqual([
      [],
      undefined,
      0,
      capacity,
      false,
    ]);
    values.close();
    expect([probe.values, probe.ended, values.isClosed]).toEqual([[], 'completed', true]);
    // Also for those who come later, and at once.
    expect(await all(values)).toEqual([]);
    expect(await values[Symbol.asyncIterator]().next()).toEqual({ done: true, value: undefined });
  });

  test('delivers to a receiver that waits in the very call, whether by send or trySend', async () => {
    const values = channel<string>({ capacity });
    const probe = new Probe<string>().subscribe(values);
    const sent = values.send('a');
    expect([probe.values, values.trySend('b'), probe.values, values.length]).toEqual([
      ['a', 'b'],
      'sent',
      ['a', 'b'],
      0,
    ]);
    expect(await sent).toBe(undefined);
  });

  test('holds as many as it may, then send waits and trySend answers full; a receiver takes them all in order', async () => {
    const values = channel<number>({ capacity });
    const room = Math.min(capacity, 5);
    for (let n = 0; n < room; n++) expect(values.trySend(n)).toBe('sent');
    expect(values.length).toBe(room);
    const senders = [room, room + 1, room + 2].map((n) => fateOf(values.send(n)));
    if (capacity < Infinity) {
      expect([values.trySend(99), values.length]).toEqual(['full', capacity]);
      await turns(1);
      expect(senders.map(({ now }) => now)).toEqual(['waits', 'waits', 'waits']);
    }
    const probe = new Probe<number>().subscribe(values);
    expect([probe.values, values.length]).toEqual([numbers(room + 3), 0]);
    await turns(1);
    expect(senders.map(({ now }) => now)).toEqual(['sent', 'sent', 'sent']);
    // what was refused stays refused.
    values.close();
    expect([probe.values, probe.ended]).toEqual([numbers(room + 3), 'completed']);
  });

  test('R-06: lets falsy items through unchanged, from the buffer, from senders and directly; promises too', async () => {
    const items = [undefined, null, 0, -0, '', Number.NaN, false, 0n, Promise.resolve(1)];
    const values = channel<unknown>({ capacity });
    const sent = items.map((item) => values.send(item));
    const probe = new Probe<unknown>().subscribe(values);
    for (const item of items) expect(values.trySend(item)).toBe('sent');
    await Promise.all(sent);
    expect(probe.values).toEqual([...items, ...items]);
    expect(Object.is(probe.values[3], -0)).toBe(true);
    // A promise is an item like any other.
    expect(probe.values[8]).toBe(items[8]);
    const iterator = values[Symbol.asyncIterator]();
    probe.unsubscribe();
    const [first] = [iterator.next(), values.trySend(items[8])];
    expect((await first).value).toBe(items[8]);
  });

  test('R-10: with the gate closed it holds its capacity; R-11: all of it leaves before what comes later', async () => {
    const flow = new TestFlow();
    const values = channel<number>({ capacity });
    const probe = closedProbe(values, flow);
    const room = Math.min(capacity, 5);
    const sent = numbers(10).map((n) => fateOf(values.send(n)));
    await turns(1);
    expect(values.length).toBe(capacity === Infinity ? 10 : room);
    expect(sent.filter(({ now }) => now === 'sent').length).toBe(values.length);
    probe.allow(2);
    probe.open();
    void values.send(10);
    expect([probe.values, values.length]).toEqual([numbers(11), 0]);
    flow.check();
  });

  test('R-15: an end without anything left to take passes a closed gate at once', () => {
    for (const end of ['close', 'fail'] as const) {
      const values = channel<number>({ capacity });
      const probe = closedProbe(values);
      values[end]('reason');
      expect([probe.ended, probe.error]).toEqual(end === 'close' ? ['completed', undefined] : ['failed', 'reason']);
    }
  });

  test('R-22: a million values by trySend, and 100,000 to a receiver that closes and opens its gate for each', () => {
    const values = channel<number>({ capacity });
    let count = 0;
    values.pipe(map(() => count++)).subscribe();
    for (let n = 0; n < 1_000_000; n++) values.trySend(n);
    expect(count).toBe(1_000_000);
    const probe = new Probe<number>();
    probe.onNext = () => {
      probe.close();
      probe.open();
    };
    values.close();
    const others = channel<number>({ capacity });
    probe.subscribe(others);
    for (let n = 0; n < 100_000; n++) void others.trySend(n);
    expect(probe.values.length).toBe(100_000);
  }, 60_000);

  test('R-22: a hundred thousand senders that wait are served in order, in constant stack', async () => {
    const values = channel<number>({ capacity });
    const sent = Promise.all(numbers(100_000).map((n) => values.send(n)));
    const probe = new Probe<number>().subscribe(values);
    await sent;
    expect(probe.values).toEqual(numbers(100_000));
  }, 60_000);

  test('passes values of three producers to two receivers, each once, and each producer in order', async () => {
    const values = channel<[producer: number, n: number]>({ capacity });
    const producers = [0, 1, 2].map(async (producer) => {
      for (let n = 0; n < 1000; n++) await values.send([producer, n]);
    });
    const got: [number, number][][] = [[], []];
    const done = got.map((list) =>
      lastValueFrom(values.pipe(workerPool(async (value) => list.push(value), { concurrency: 2 })), {
        defaultValue: 0,
      }),
    );
    await Promise.all(producers);
    values.close();
    await Promise.all(done);
    expect(got.flat().length).toBe(3000);
    for (const list of got) {
      expect(list.length).toBeGreaterThan(0);
      for (const producer of [0, 1, 2]) {
        const own = list.filter((value) => value[0] === producer).map((value) => value[1]);
        expect(own).toEqual(own.toSorted((a, b) => a - b));
      }
    }
    expect(new Set(got.flat().map(String)).size).toBe(3000);
  }, 60_000);
});

describe('several receivers', () => {
  test('take turns while all are ready: each value goes to the one that has waited longest', () => {
    const values = channel<number>({ capacity: 0 });
    const probes = [0, 1, 2].map(() => new Probe<number>().subscribe(values));
    for (let n = 0; n < 7; n++) values.trySend(n);
    expect(probes.map((probe) => probe.values)).toEqual([
      [0, 3, 6],
      [1, 4],
      [2, 5],
    ]);
  });

  test('one whose gate is closed takes nothing: the open one gets all (R-14)', () => {
    const values = channel<number>({ capacity: 1 });
    const shut = closedProbe(values);
    const open = new Probe<number>().subscribe(values);
    for (let n = 0; n < 5; n++) expect(values.trySend(n)).toBe('sent');
    expect([shut.values, open.values]).toEqual([[], numbers(5)]);
    shut.open();
    values.trySend(5);
    values.trySend(6);
    expect([shut.values, open.values]).toEqual([[6], numbers(6)]);
  });

  test('one whose gate closes while it waits is passed over, and takes again when it has opened', () => {
    const values = channel<number>({ capacity: 1 });
    const [first, second] = [new Probe<number>().subscribe(values), new Probe<number>().subscribe(values)];
    first.close();
    second.close();
    expect([values.trySend(0), values.trySend(1)]).toEqual(['sent', 'full']);
    second.open();
    expect([second.values, values.length]).toEqual([[0], 0]);
    first.open();
    values.trySend(1);
    values.trySend(2);
    expect([first.values, second.values]).toEqual([[2], [0, 1]]);
  });

  test('R-14: one that unsubscribes, waiting or held back, does not hold up the others and loses nothing', () => {
    const values = channel<number>({ capacity: 2 });
    const [waiting, shut] = [new Probe<number>().subscribe(values), closedProbe(values)];
    waiting.unsubscribe();
    values.trySend(0);
    values.trySend(1);
    shut.unsubscribe();
    expect(values.length).toBe(2);
    const last = new Probe<number>().subscribe(values);
    expect([waiting.values, shut.values, last.values]).toEqual([[], [], [0, 1]]);
  });

  test('R-05, R-45: take(2) leaves the rest; the next subscription goes on there', async () => {
    const values = channel<number>({ capacity: 10 });
    for (const n of numbers(6)) values.trySend(n);
    expect(await all(values.pipe(take(2)))).toEqual([0, 1]);
    expect(await all(values.pipe(take(2), repeat(2)))).toEqual([2, 3, 4, 5]);
    const failing = values.pipe(
      map((n) => {
        if (n === 7) throw new Error('seven');
        return n;
      }),
      retry(1),
    );
    const probe = new Probe<number>().subscribe(failing);
    for (const n of [6, 7, 8]) values.trySend(n);
    values.close();
    expect([probe.values, probe.ended]).toEqual([[6, 8], 'completed']);
  });

  test('R-16: its gate is the nearest stage below, through stock operators and concatMap', async () => {
    const values = channel<number>({ capacity: 0 });
    const never = workerPool(() => new Promise<never>(() => {}), { concurrency: 1, capacity: 1 });
    const subscription = of(values)
      .pipe(
        concatMap((inner) => inner),
        filter(() => true),
        buffered({ capacity: 2 }),
        never,
      )
      .subscribe();
    const answers = numbers(6).map((n) => values.trySend(n));
    expect(answers).toEqual(['sent', 'sent', 'sent', 'sent', 'full', 'full']);
    subscription.unsubscribe();
  });

  test('is held back as the inner of a stage, too', () => {
    const values = channel<number>({ capacity: 0 });
    const probe = new Probe<number>();
    probe.allow(1);
    probe.subscribe(of(values).pipe(workerPool((inner) => inner, { concurrency: 1 })));
    expect([values.trySend(1), values.trySend(2), values.trySend(3)]).toEqual(['sent', 'sent', 'full']);
    probe.open();
    expect(probe.values).toEqual([1, 2]);
    values.close();
    expect(probe.ended).toBe('completed');
  });

  test('share makes one receiver of many', () => {
    const values = channel<number>({ capacity: 0 });
    const shared = values.pipe(share());
    const probes = [new Probe<number>().subscribe(shared), new Probe<number>().subscribe(shared)];
    values.trySend(1);
    expect(probes.map((probe) => probe.values)).toEqual([[1], [1]]);
  });

  test('a value sent while some stage subscribes does not lend that stage to what it starts', () => {
    const values = channel<number>({ capacity: 0 });
    const gate = new Gate();
    const seen: boolean[] = [];
    const look = defer(() => new Observable<never>((subscriber) => void seen.push(gateBelow(subscriber) === gate)));
    values.subscribe({ next: () => void look.subscribe(), complete: () => void look.subscribe() });
    const outer = setSubscribing(gate);
    try {
      values.trySend(1);
      values.close();
      look.subscribe();
    } finally {
      setSubscribing(outer);
    }
    expect(seen).toEqual([false, false, true]);
  });
});

describe('send', () => {
  test('is first come first served, and trySend does not overtake a sender that waits', async () => {
    const values = channel<string>({ capacity: 1 });
    const log: string[] = [];
    for (const name of ['a', 'b', 'c', 'd']) void values.send(name).then(() => log.push(name));
    const probe = new Probe<string>();
    probe.allow(1);
    probe.subscribe(values);
    expect([probe.values, values.trySend('x')]).toEqual([['a'], 'full']);
    await turns(1);
    expect(log).toEqual(['a', 'b']);
    probe.allow(1);
    await turns(1);
    expect(log).toEqual(['a', 'b', 'c']);
    probe.open();
    await turns(1);
    expect([probe.values, log]).toEqual([
      ['a', 'b', 'c', 'd'],
      ['a', 'b', 'c', 'd'],
    ]);
  });

  test('R-43: one that is cancelled leaves the queue, and its value is never delivered', async () => {
    const values = channel<string>({ capacity: 0 });
    const controller = new AbortController();
    const reason = new Error('changed my mind');
    const fates = [
      fateOf(values.send('a')),
      fateOf(values.send('b', { signal: controller.signal })),
      fateOf(values.send('c', {})),
      fateOf(values.send('d', { signal: undefined })),
    ];
    controller.abort(reason);
    await turns(1);
    expect(fates[1]).toEqual({ now: 'rejected', error: reason });
    const probe = new Probe<string>().subscribe(values);
    await turns(1);
    expect([probe.values, fates.map(({ now }) => now)]).toEqual([
      ['a', 'c', 'd'],
      ['sent', 'rejected', 'sent', 'sent'],
    ]);
  });

  test('cancelled from the middle, the first or the last place, the others keep their order', async () => {
    for (const gone of [[0], [2], [4], [0, 1, 2, 3, 4], [1, 3], [4, 3, 0]]) {
      const values = channel<number>({ capacity: 0 });
      const controllers = numbers(5).map(() => new AbortController());
      const fates = controllers.map(({ signal }, n) => fateOf(values.send(n, { signal })));
      for (const n of gone) controllers[n]!.abort(n);
      const probe = new Probe<number>().subscribe(values);
      await turns(1);
      expect(probe.values).toEqual(numbers(5).filter((n) => !gone.includes(n)));
      expect(fates.map(({ now }) => now === 'rejected')).toEqual(numbers(5).map((n) => gone.includes(n)));
      expect(values.trySend(5)).toBe('sent');
    }
  });

  test('R-44: with a signal that has aborted sends nothing, even if there is room', async () => {
    const values = channel<number>({ capacity: 5 });
    const probe = new Probe<number>().subscribe(values);
    const signal = AbortSignal.abort('not now');
    await expect(values.send(1, { signal })).rejects.toBe('not now');
    values.close();
    await expect(values.send(1, { signal })).rejects.toBe('not now');
    expect([probe.values, values.length]).toEqual([[], 0]);
  });

  test('R-42, R-44: leaves no listener on the signal, however the wait ends, nor more than one during it', async () => {
    const { signal, abort } = (() => {
      const controller = new AbortController();
      return { signal: controller.signal, abort: () => controller.abort('stop') };
    })();
    const listeners = (): number => getEventListeners(signal, 'abort').length;
    const [first, second] = [channel<number>({ capacity: 0 }), channel<number>({ capacity: 0 })];
    const fates = numbers(20).map((n) => fateOf(first.send(n, { signal })));
    // Node.js takes more than ten for a leak, and says so.
    expect(listeners()).toBe(1);
    const probe = new Probe<number>();
    probe.allow(5);
    probe.subscribe(first);
    expect(listeners()).toBe(1);
    first.close();
    await turns(1);
    expect([listeners(), fates.filter(({ now }) => now === 'sent').length]).toEqual([0, 5]);
    const order: number[] = [];
    const waits = [first, second].map(() => numbers(3).map((n) => second.send(n, { signal })));
    for (const [n, wait] of waits.flat().entries()) wait.catch(() => order.push(n));
    expect(listeners()).toBe(1);
    abort();
    await turns(1);
    expect([listeners(), order]).toEqual([0, numbers(6)]);
    const third = second.send(1, { signal: new AbortController().signal });
    new Probe<number>().subscribe(second);
    await third;
  });

  test('an abort that comes after the value was taken changes nothing', async () => {
    const values = channel<number>({ capacity: 0 });
    const controller = new AbortController();
    const sent = values.send(1, { signal: controller.signal });
    const probe = new Probe<number>().subscribe(values);
    controller.abort();
    expect([await sent, probe.values]).toEqual([undefined, [1]]);
  });

  test('an abort from within a receiver takes back what has not been taken', async () => {
    const values = channel<number>({ capacity: 0 });
    const controller = new AbortController();
    const fates = numbers(3).map((n) => fateOf(values.send(n, { signal: controller.signal })));
    const probe = new Probe<number>();
    probe.onNext = () => controller.abort();
    probe.subscribe(values);
    await turns(1);
    expect([probe.values, fates.map(({ now }) => now)]).toEqual([[0], ['sent', 'rejected', 'rejected']]);
  });

  test('on a closed channel rejects with a ChannelClosedError; trySend answers closed', async () => {
    const values = channel<number>({ capacity: 5, name: 'jobs' });
    values.close();
    const error: unknown = await values.send(1).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ChannelClosedError);
    expect(error).toMatchObject({ name: 'ChannelClosedError', code: 'ERR_CHANNEL_CLOSED', stage: 'jobs' });
    expect((error as Error).message).toMatch(/^Channel "jobs" is closed, so the value was not taken\. Close it when/);
    expect(error).not.toHaveProperty('cause');
    expect(values.trySend(1)).toBe('closed');
  });

  test.each([
    ['an object', 5],
    ['null', null],
    ['an array', []],
  ])('rejects if its options are not %s', async (_, options) => {
    const values = channel<number>({ capacity: 1 });
    await expect(values.send(1, options as never)).rejects.toMatchObject({
      code: 'ERR_INVALID_ARG_TYPE',
      option: 'options',
    });
    expect(values.length).toBe(0);
  });

  test('rejects, and sends nothing, if the signal is none or an option is unknown', async () => {
    const values = channel<number>({ capacity: 1 });
    for (const signal of [null, {}, { aborted: false }, 'x', 5, new AbortController()]) {
      const error: unknown = await values.send(1, { signal: signal as never }).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ name: 'TypeError', option: 'signal', received: signal });
      expect((error as Error).message).toMatch(/^send\(\): "signal" must be an AbortSignal\. Received /);
    }
    await expect(values.send(1, { signl: undefined } as never)).rejects.toThrow('Did you mean "signal"?');
    expect(values.length).toBe(0);
  });
});

describe('close', () => {
  test('lets what it holds be taken, and then completes every receiver; twice is harmless', () => {
    const values = channel<number>({ capacity: 3 });
    const probes = [closedProbe(values), closedProbe(values)];
    for (const n of numbers(3)) values.trySend(n);
    values.close();
    values.close();
    expect(probes.map(({ ended }) => ended)).toEqual([undefined, undefined]);
    probes[0]!.allow(2);
    expect(probes.map(({ ended }) => ended)).toEqual([undefined, undefined]);
    probes[0]!.allow(1);
    // The other completes too although its gate is closed: it holds nothing back.
    expect(probes.map((probe) => [probe.values, probe.ended])).toEqual([
      [numbers(3), 'completed'],
      [[], 'completed'],
    ]);
    values.close();
  });

  test('a receiver that comes between takes the rest', async () => {
    const values = channel<number>({ capacity: 3 });
    for (const n of numbers(3)) values.trySend(n);
    values.close();
    expect(values.trySend(9)).toBe('closed');
    expect(await all(values)).toEqual([0, 1, 2]);
    expect(await all(values)).toEqual([]);
  });

  test('senders that wait reject: their values were not taken, and are never delivered', async () => {
    const values = channel<number>({ capacity: 1, name: 'jobs' });
    const fates = numbers(4).map((n) => fateOf(values.send(n)));
    values.close();
    await turns(1);
    expect(fates.map(({ now }) => now)).toEqual(['sent', 'rejected', 'rejected', 'rejected']);
    expect(fates[1]!.error).toBeInstanceOf(ChannelClosedError);
    expect(await all(values)).toEqual([0]);
  });

  test('what is left is taken by whoever comes, also when the last to take it unsubscribes at that very value', () => {
    const values = channel<number>({ capacity: 2 });
    const shut = closedProbe(values);
    values.trySend(1);
    values.trySend(2);
    values.close();
    const leaves = new Probe<number>();
    leaves.onNext = (n) => {
      if (n === 2) leaves.unsubscribe();
    };
    leaves.subscribe(values);
    expect([leaves.values, leaves.ended, shut.ended]).toEqual([[1, 2], undefined, 'completed']);
  });

  test('R-02, R-21: inside next ends the receiver after that value, not within it', () => {
    for (const end of ['close', 'fail'] as const) {
      const values = channel<number>({ capacity: 3 });
      const probe = new Probe<number>();
      const other = new Probe<number>().subscribe(values);
      const seen: unknown[] = [];
      probe.onNext = (n) => {
        if (n !== 2) return;
        values[end]('reason');
        seen.push(probe.ended, other.ended);
      };
      other.close();
      probe.subscribe(values);
      for (const n of [1, 2]) values.trySend(n);
      const ended = end === 'close' ? 'completed' : 'failed';
      expect([seen, probe.values, probe.ended, other.ended]).toEqual([[undefined, ended], [1, 2], ended, ended]);
    }
  });
});

describe('fail', () => {
  test.each([undefined, null, 0, 'text', { a: 1 }, Object.freeze(new Error('frozen'))])(
    'R-33: lets what it holds be taken, and then errors with %o everywhere',
    async (error) => {
      const values = channel<number>({ capacity: 2 });
      const fates = numbers(3).map((n) => fateOf(values.send(n)));
      values.fail(error);
      const probe = closedProbe(values);
      expect(probe.ended).toBe(undefined);
      probe.open();
      expect([probe.values, probe.ended]).toEqual([[0, 1], 'failed']);
      expect(probe.error).toBe(error);
      const later = new Probe<number>().subscribe(values);
      expect([later.values, later.ended, later.error === error]).toEqual([[], 'failed', true]);
      await turns(1);
      // A sender learns why.
      expect(fates[2]!.error).toBeInstanceOf(ChannelClosedError);
      expect(Object.hasOwn(fates[2]!.error as Error, 'cause')).toBe(true);
      expect((fates[2]!.error as Error).cause).toBe(error);
      await expect(values.send(9)).rejects.toHaveProperty('cause', error);
    },
  );

  test('R-32: on a closed channel changes nothing, and its error is reported rather than lost', () => {
    const values = channel<number>({ capacity: 1, name: 'jobs' });
    values.trySend(1);
    values.close();
    values.fail('late');
    const probe = new Probe<number>().subscribe(values);
    expect([probe.values, probe.ended, late.splice(0)]).toEqual([[1], 'completed', [['late', 'jobs']]]);
    const failed = channel<number>({ capacity: 1 });
    failed.fail('first');
    failed.fail('second');
    failed.close();
    expect([new Probe<number>().subscribe(failed).error, late.splice(0)]).toEqual(['first', [['second', 'channel']]]);
  });

  test('of two receivers in one flow the other does not fail it before the last value has arrived', () => {
    const values = channel<number>({ capacity: 1 });
    const shut = new Probe<number>();
    shut.close();
    const probe = new Probe<number>();
    probe.close();
    probe.subscribe(merge(values, values.pipe(shut.operator())));
    values.trySend(1);
    values.fail('reason');
    probe.open();
    expect([probe.values, probe.error]).toEqual([[1], 'reason']);
  });
});

describe('inside next', () => {
  test('R-20: what is sent comes after the value under way, in order, for every receiver', async () => {
    for (const capacity of [0, 1, 100]) {
      const values = channel<number>({ capacity });
      const probe = new Probe<number>();
      const fates: { now: string }[] = [];
      probe.onNext = (n) => {
        if (n < 20) fates.push(fateOf(values.send(n * 2 + 1)), fateOf(values.send(n * 2 + 2)));
      };
      probe.subscribe(values);
      values.trySend(0);
      await turns(1);
      // A tree, level by level: the order of a queue.
      expect(probe.values).toEqual(numbers(41));
      expect(fates.every(({ now }) => now === 'sent')).toBe(true);
    }
  });

  test('R-20: trySend finds the receiver busy: a rendezvous has no room', () => {
    const values = channel<number>({ capacity: 0 });
    const probe = new Probe<number>();
    const answers: string[] = [];
    probe.onNext = () => answers.push(values.trySend(9));
    probe.subscribe(values);
    values.trySend(1);
    values.trySend(2);
    expect([probe.values, answers]).toEqual([
      [1, 2],
      ['full', 'full'],
    ]);
  });

  test('what is sent goes at once to another receiver that waits', () => {
    const values = channel<number>({ capacity: 0 });
    const [first, second] = [new Probe<number>(), new Probe<number>()];
    first.onNext = (n) => {
      expect(values.trySend(n + 1)).toBe('sent');
      second.onNext = () => {};
    };
    first.subscribe(values);
    second.subscribe(values);
    values.trySend(1);
    expect([first.values, second.values]).toEqual([[1], [2]]);
  });

  test('R-22: two channels that answer each other a hundred thousand times do not grow the stack', () => {
    const [ping, pong] = [channel<number>({ capacity: 1 }), channel<number>({ capacity: 1 })];
    let last = 0;
    ping.subscribe((n) => void pong.trySend(n + 1));
    pong.subscribe((n) => {
      last = n;
      if (n < 100_000) ping.trySend(n + 1);
    });
    ping.trySend(0);
    expect(last).toBeGreaterThanOrEqual(100_000);
  }, 60_000);

  test('R-21, R-40, R-41: unsubscribing there or closing the gate leaves the rest to others', () => {
    for (const act of ['unsubscribe', 'close'] as const) {
      const values = channel<number>({ capacity: 5 });
      for (const n of numbers(5)) values.trySend(n);
      const probe = new Probe<number>();
      probe.onNext = (n) => {
        if (n === 2) probe[act]();
      };
      probe.subscribe(values);
      const next = new Probe<number>().subscribe(values);
      expect([probe.values, next.values]).toEqual([
        [0, 1, 2],
        [3, 4],
      ]);
    }
  });

  test('R-41: in finalize, or twice, is harmless', () => {
    const values = channel<number>({ capacity: 1 });
    const subscription = values.pipe(finalize(() => subscription.unsubscribe())).subscribe();
    subscription.unsubscribe();
    subscription.unsubscribe();
    expect([values.trySend(1), values.length]).toEqual(['sent', 1]);
  });

  test('R-34: what a consumer throws is reported as RxJS does, and neither a sender nor other receivers hear of it', async () => {
    const reported: unknown[] = [];
    config.onUnhandledError = (error: unknown) => reported.push(error);
    try {
      const values = channel<number>({ capacity: 0 });
      values.subscribe(() => {
        throw new Error('consumer');
      });
      const probe = new Probe<number>().subscribe(values);
      expect([values.trySend(1), values.trySend(2)]).toEqual(['sent', 'sent']);
      expect(await values.send(3)).toBe(undefined);
      await vi.waitUntil(() => reported.length === 2);
      expect(probe.values).toEqual([2]);
    } finally {
      config.onUnhandledError = null;
    }
  });

  test('R-30: an error below ends that receiver, and the next value goes to another', () => {
    const values = channel<number>({ capacity: 0 });
    const error = new Error('below');
    const failing = new Probe<number>().subscribe(
      values.pipe(
        map(() => {
          throw error;
        }),
      ),
    );
    const probe = new Probe<number>().subscribe(values);
    values.trySend(1);
    values.trySend(2);
    expect([failing.error, failing.values, probe.values]).toEqual([error, [], [2]]);
  });
});

describe('as an async iterable', () => {
  test('gives everything and ends when it is closed', async () => {
    const values = channel<number>({ capacity: 2 });
    const producer = (async () => {
      for (const n of numbers(10)) await values.send(n);
      values.close();
    })();
    const got: number[] = [];
    for await (const n of values) got.push(n);
    await producer;
    expect(got).toEqual(numbers(10));
  });

  test('throws what it was failed with, after what it held', async () => {
    const values = channel<number>({ capacity: 2 });
    values.trySend(1);
    values.fail('reason');
    const got: number[] = [];
    const loop = async (): Promise<void> => {
      for await (const n of values) got.push(n);
    };
    await expect(loop()).rejects.toBe('reason');
    expect(got).toEqual([1]);
  });

  test('break leaves without loss: another loop, or a subscriber, goes on with the next value', async () => {
    const values = channel<number>({ capacity: 5 });
    for (const n of numbers(5)) values.trySend(n);
    const got: number[] = [];
    for await (const n of values) {
      got.push(n);
      if (n === 1) break;
    }
    for await (const n of values) {
      got.push(n);
      break;
    }
    expect(got).toEqual([0, 1, 2]);
    expect(new Probe<number>().subscribe(values).values).toEqual([3, 4]);
  });

  test('takes nothing ahead: one value for each next()', async () => {
    const values = channel<number>({ capacity: 1 });
    const iterator = values[Symbol.asyncIterator]();
    expect(iterator[Symbol.asyncIterator]()).toBe(iterator);
    values.trySend(1);
    await turns(1);
    expect(values.length).toBe(1);
    const fate = fateOf(values.send(2));
    expect(await iterator.next()).toEqual({ done: false, value: 1 });
    expect([values.length, fate.now]).toEqual([1, 'sent']);
  });

  test('answers several outstanding next() calls in order, and shares with subscribers in turns', async () => {
    const values = channel<number>({ capacity: 0 });
    const iterator = values[Symbol.asyncIterator]();
    const calls = [iterator.next(), iterator.next()];
    const probe = new Probe<number>().subscribe(values);
    calls.push(values[Symbol.asyncIterator]().next(), iterator.next());
    const answers = numbers(6).map((n) => values.trySend(n));
    expect(answers).toEqual(['sent', 'sent', 'sent', 'sent', 'sent', 'sent']);
    expect((await Promise.all(calls)).map(({ value }) => value as unknown)).toEqual([0, 1, 3, 4]);
    expect(probe.values).toEqual([2, 5]);
  });

  test('return() gives up the calls that wait: what they would have taken stays', async () => {
    const values = channel<number>({ capacity: 1 });
    const iterator = values[Symbol.asyncIterator]();
    const calls = [iterator.next(), iterator.next()];
    const done = { done: true, value: undefined };
    expect(await iterator.return!()).toEqual(done);
    expect(await Promise.all(calls)).toEqual([done, done]);
    expect([values.trySend(1), values.length]).toEqual(['sent', 1]);
    expect(await iterator.next()).toEqual(done);
    expect(await iterator.return!()).toEqual(done);
    expect(values.length).toBe(1);
  });

  test('return() ends it also when nothing waits', async () => {
    const values = channel<number>({ capacity: 1 });
    const iterator = values[Symbol.asyncIterator]();
    values.trySend(1);
    await iterator.return!();
    expect([await iterator.next(), values.length]).toEqual([{ done: true, value: undefined }, 1]);
  });

  test('closing ends the calls that wait; failing rejects the first of each iterator and ends the rest', async () => {
    const closed = channel<number>({ capacity: 0 });
    const waiting = closed[Symbol.asyncIterator]();
    const calls = [waiting.next(), waiting.next()];
    closed.close();
    const done = { done: true, value: undefined };
    expect(await Promise.all([...calls, waiting.next()])).toEqual([done, done, done]);

    const failed = channel<number>({ capacity: 0 });
    const iterators = [failed[Symbol.asyncIterator](), failed[Symbol.asyncIterator]()];
    const outcomes = Promise.allSettled(iterators.flatMap((iterator) => [iterator.next(), iterator.next()]));
    failed.fail('reason');
    const [rejected, over] = [
      { status: 'rejected', reason: 'reason' },
      { status: 'fulfilled', value: done },
    ];
    expect(await outcomes).toEqual([rejected, over, rejected, over]);
    // One that has not asked before hears of it too.
    const later = failed[Symbol.asyncIterator]();
    expect(await Promise.allSettled([later.next(), later.next(), iterators[0]!.next()])).toEqual([
      rejected,
      over,
      over,
    ]);
  });

  test('the last value of a closed channel, taken by a loop, completes the subscribers', async () => {
    const values = channel<number>({ capacity: 1 });
    const probe = closedProbe(values);
    values.trySend(1);
    values.close();
    expect(await values[Symbol.asyncIterator]().next()).toEqual({ done: false, value: 1 });
    expect([probe.values, probe.ended]).toEqual([[], 'completed']);
  });

  test('is an input of RxJS and of fromIterable', async () => {
    for (const read of [(values: Channel<number>) => from(values), (values: Channel<number>) => fromIterable(values)]) {
      const values = channel<number>({ capacity: 3 });
      for (const n of numbers(3)) values.trySend(n);
      values.close();
      expect(await all(read(values))).toEqual([0, 1, 2]);
    }
  });
});

describe('under run', () => {
  test('the report says what the channel holds and the most that it held', async () => {
    const values = channel<number>({ capacity: 4, name: 'jobs' });
    const finish: (() => void)[] = [];
    const work = workerPool(() => new Promise<void>((resolve) => finish.push(resolve)), { capacity: 0 });
    const started = run(values.pipe(work));
    const sent = numbers(10).map((n) => values.send(n));
    expect(started.stats().stages[0]).toMatchObject({ name: 'jobs', kind: 'source', held: 4, peak: 4, out: 1 });
    for (let n = 0; n < 6; n++) {
      finish[n]!();
      await turns(1);
      // As long as senders wait, one of them takes the room at once.
      expect(started.stats().stages[0]!.held).toBe(Math.min(4, 8 - n));
    }
    await Promise.all(sent);
    expect(started.stats().stages[0]).toMatchObject({ held: 3, peak: 4, out: 7 });
    values.close();
    for (let n = 6; n < 10; n++) {
      finish[n]!();
      await turns(1);
    }
    const report = await started.done;
    expect(report).toMatchObject({ ended: 'completed', results: 10, abandoned: 0 });
    expect(report.stages[0]).toMatchObject({ name: 'jobs', held: 0, peak: 4, out: 10, abandoned: 0 });
  });

  test('what it holds is counted once, however many receivers a flow has, and goes with none of them', () => {
    for (const order of [
      [0, 1, 2],
      [2, 1, 0],
      [1, 2, 0],
      [2, 0, 1],
    ]) {
      const flow = new TestFlow();
      const values = channel<number>({ capacity: 4, name: 'jobs' });
      const probes = numbers(3).map(() => closedProbe(values, flow));
      const held = (): number => [...flow.live].reduce((sum, node) => sum + node.held, 0);
      for (const n of numbers(3)) values.trySend(n);
      flow.check();
      expect(held()).toBe(3);
      for (const [left, n] of order.entries()) {
        probes[n]!.unsubscribe();
        flow.check();
        expect(held()).toBe(left === 2 ? 0 : 3);
      }
      expect([values.length, flow.live.size]).toEqual([3, 0]);
      expect(flow.nodes.map(({ telemetry }) => telemetry.abandoned)).toEqual([0, 0, 0]);
      expect(new Set(flow.nodes.map(({ definition }) => definition)).size).toBe(1);
    }
  });

  test('a graceful end makes a receiver take no more and complete; the rest stays in the channel', async () => {
    const values = channel<number>({ capacity: 10 });
    const done: number[] = [];
    const work = workerPool(
      async (n: number) => {
        await turns(1);
        done.push(n);
        if (n === 2) void started.shutdown();
      },
      { concurrency: 1, capacity: 0 },
    );
    for (const n of numbers(10)) values.trySend(n);
    const started = run(values.pipe(work));
    const report = await started.done;
    expect(report).toMatchObject({ ended: 'quit', abandoned: 0 });
    expect(done.length + values.length).toBe(10);
    values.close();
    expect(await all(values)).toEqual(numbers(10).slice(done.length));
    expect(done).toEqual(numbers(done.length));
  });

  test('a receiver that waits completes at once; one that comes later, too', async () => {
    const values = channel<number>({ capacity: 1 });
    expect((await run(values).shutdown()).ended).toBe('quit');
    const flow = new TestFlow();
    flow.admits = false;
    const probe = new Probe<number>(flow).subscribe(values);
    values.trySend(1);
    expect([probe.values, values.length]).toEqual([[], 1]);
    probe.unsubscribe();
    expect((await run(values, { signal: AbortSignal.abort() }).done).ended).toBe('aborted');
    expect(values.length).toBe(1);
  });

  test('values sent in one go leave the event loop its turns: the receiver pauses, and the channel fills', async () => {
    const flow = new TestFlow();
    const values = channel<number>({ capacity: 1 });
    const probe = new Probe<number>(flow).subscribe(values);
    flow.turn.close();
    expect([values.trySend(1), values.trySend(2), probe.values]).toEqual(['sent', 'full', []]);
    flow.turn.open();
    expect(probe.values).toEqual([1]);
    expect([values.trySend(3), probe.values]).toEqual(['sent', [1, 3]]);
  });

  test('the time for which it is held back is counted from the first value that cannot be sent', () => {
    const flow = new TestFlow();
    const values = channel<number>({ capacity: 1 });
    const probe = closedProbe(values, flow);
    values.trySend(1);
    probe.open();
    expect(flow.node('channel').telemetry.heldBack!.durations.count).toBe(1);
    flow.check();
  });
});

test.each([0, 1])(
  'a million values of asynchronous producers through capacity %d, in flat memory',
  async (capacity) => {
    const values = channel<{ n: number }>({ capacity });
    const heap: number[] = [];
    let [sum, count] = [0, 0];
    const done = lastValueFrom(
      values.pipe(
        map(({ n }) => {
          sum += n;
          if (++count % 250_000 === 0) heap.push(heapInUse());
        }),
      ),
    );
    const produce = async (first: number): Promise<void> => {
      for (let n = first; n < 1_000_000; n += 4) await values.send({ n });
    };
    await Promise.all([0, 1, 2, 3].map(produce));
    values.close();
    await done;
    expect([count, sum]).toEqual([1_000_000, (999_999 * 1_000_000) / 2]);
    // 750,000 objects that were kept would be more than 10 MB.
    expect(Math.max(...heap) - heap[0]!).toBeLessThan(4_000_000);
  },
  60_000,
);

test('a channel keeps hold of nothing that has been taken, refused, cancelled or left', async () => {
  const values = channel<Load>({ capacity: 2 });
  const { signal } = new AbortController();
  const loop = values[Symbol.asyncIterator]();
  const round = async (): Promise<void> => {
    const controller = new AbortController();
    const probe = closedProbe(values);
    const kept = load();
    probe.onNext = () => void kept.load.length;
    const wait = [1, 2, 3].map(() => fateOf(values.send(load(), { signal })));
    const cancelled = fateOf(values.send(load(), { signal: controller.signal }));
    controller.abort();
    probe.open();
    // It waits for a value now, and leaves without one; the next is over before it begins.
    probe.unsubscribe();
    let dead: Subscriber<Load> | undefined;
    new Observable<Load>((subscriber) => (dead = subscriber)).subscribe(() => void kept.load.length).unsubscribe();
    values.subscribe(dead);
    const left = values[Symbol.asyncIterator]();
    const call = left.next();
    await left.return!();
    await call;
    const looped = loop.next();
    expect(values.trySend(load())).toBe('sent');
    await looped;
    await turns(1);
    expect([wait.map(({ now }) => now), cancelled.now, values.length]).toEqual([
      ['sent', 'sent', 'sent'],
      'rejected',
      0,
    ]);
  };
  await round();
  const before = heapInUse();
  for (let n = 0; n < 100; n++) await round();
  // Whatever is kept of a round is 80 kB at least, so 8 MB.
  expect(heapInUse() - before).toBeLessThan(4_000_000);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
}, 60_000);

test('a channel to which nothing is sent keeps hold of no receiver that left', async () => {
  const values = channel<Load>({ capacity: 2 });
  let over: Subscriber<Load> | undefined;
  new Observable<Load>((subscriber) => (over = subscriber)).subscribe().unsubscribe();
  const round = (): void => {
    values.subscribe().unsubscribe();
    // One that is over before it begins.
    values.subscribe(over);
    void values[Symbol.asyncIterator]().return!();
  };
  round();
  const before = heapInUse();
  for (let n = 0; n < 20_000; n++) round();
  await turns(1);
  // Whatever is kept of a round is 200 bytes at least.
  expect(heapInUse() - before).toBeLessThan(2_000_000);
}, 60_000);

describe('channel refuses at the call', () => {
  const bad = { capacity: badCounts(0, true), name: badNames };

  test.each(table(bad))('$option: $shown', ({ option, bad: [value, type, code] }) => {
    const error = thrownBy(() => channel({ capacity: 1, [option]: value }));
    expect(error).toBeInstanceOf(type);
    expect(error).toMatchObject({ code, option, received: value });
    expect((error as Error).message).toContain(`channel(): "${option}" must be `);
  });

  test.each(table({ options: badObjects }))('options: $shown', ({ bad: [value, type, code] }) => {
    const error = thrownBy(() => channel(value as ChannelOptions));
    expect(error).toBeInstanceOf(type);
    expect(error).toMatchObject({ code, option: 'options' });
  });

  test('a capacity that is left out, and an option that it does not know', () => {
    expect(() => channel({} as ChannelOptions)).toThrow(
      '"capacity" must be given: an integer of 0 or more, or Infinity',
    );
    expect(() => channel({ capacity: undefined } as never)).toThrow(TypeError);
    expect(() => channel(undefined as never)).toThrow(TypeError);
    expect(() => channel({ capacty: 1 } as never)).toThrow('Did you mean "capacity"?');
  });

  test('what does not fit its type; and it infers the rest', async () => {
    const values = channel<number>({ capacity: 2 });
    expectTypeOf(values).toEqualTypeOf<Channel<number>>();
    expectTypeOf(values).toExtend<Observable<number> & AsyncIterable<number>>();
    expectTypeOf(values).toExtend<ObservableInput<number>>();
    expectTypeOf(values.pipe(map(String))).toEqualTypeOf<Observable<string>>();
    expectTypeOf(values.trySend).returns.toEqualTypeOf<'sent' | 'full' | 'closed'>();
    expectTypeOf(values.send).returns.toEqualTypeOf<Promise<void>>();
    // @ts-expect-error a channel of numbers takes no text
    expect(values.trySend('text')).toBe('sent');
    // @ts-expect-error the capacity is required
    expect(() => channel<number>({})).toThrow(TypeError);
    // @ts-expect-error its length is not to be set
    expect(() => (values.length = 0)).toThrow(TypeError);
    expect(values).toBeInstanceOf(Observable);
  });
});
