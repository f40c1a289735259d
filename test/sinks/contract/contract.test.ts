import { setImmediate as turn } from 'node:timers/promises';
import { EMPTY, Observable, Subject, from } from 'rxjs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { hooks } from '../../../src/core/hooks.ts';
import { fromIterable } from '../../../src/sources/fromIterable.ts';
import { ProbeSource } from '../../../src/testing/ProbeSource.ts';
import type { Consumer, Sink, Started } from './Sink.ts';
import { sinks } from './sinks.ts';

const numbers = (end: number): number[] => Array.from({ length: end }, (_, i) => i);

function* naturals(): Generator<number> {
  for (let n = 0; ; n++) yield n;
}

/** Whoever waits for nothing but turns of the event loop is done by then: streams need a few for an item. */
async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await turn();
}

/** A consumer that keeps each item until it is told to go on. */
class Desk {
  readonly taken: unknown[] = [];
  #release: (() => void) | undefined;

  readonly consumer: Consumer = (item) => {
    this.taken.push(item);
    return new Promise((resolve) => (this.#release = resolve));
  };

  goOn(): void {
    this.#release?.();
  }

  /** Goes on with whatever comes until a cancel is done. */
  async until(cancelled: unknown): Promise<void> {
    const state = { isDone: false };
    const done = Promise.resolve(cancelled).then(() => (state.isDone = true));
    while (!state.isDone) {
      this.goOn();
      await turn();
    }
    await done;
  }
}

/** How a use of a sink ended: with `undefined` if it went well. */
const outcome = async ({ done }: Started): Promise<unknown> =>
  done.then(
    () => undefined,
    (error: unknown) => ({ error }),
  );

const late: unknown[] = [];
const warnings: string[] = [];
const floating: unknown[] = [];
const onFloating = (error: unknown): void => void floating.push(error);

beforeEach(() => {
  vi.spyOn(hooks, 'lateError').mockImplementation((error) => void late.push(error));
  vi.spyOn(hooks, 'warn').mockImplementation((_, code) => void warnings.push(code));
  process.on('unhandledRejection', onFloating);
  process.on('uncaughtException', onFloating);
});

afterEach(async () => {
  await settle();
  process.off('unhandledRejection', onFloating);
  process.off('uncaughtException', onFloating);
  vi.restoreAllMocks();
  expect([late.splice(0), warnings.splice(0), floating.splice(0)]).toEqual([[], [], []]);
});

describe.each(sinks)('$name', (sink: Sink) => {
  test('R-01 does nothing before it is used', async () => {
    const source = new ProbeSource(numbers(3));
    const prepared = sink.prepare(source.items$, () => {});
    // A web stream that fetches ahead is used as soon as it is there.
    if (sink.name.startsWith('toWeb, 3')) return;
    await settle();
    expect(source.subscriptions).toBe(0);
    await prepared.start().done;
    expect(source.subscriptions).toBe(1);
  });

  test.each([0, 1, 2, 17, 1000])('hands on all of %d items, in order, and then ends', async (count) => {
    const taken: unknown[] = [];
    const source = new ProbeSource(numbers(count));
    await sink.prepare(source.items$, (item) => void taken.push(item)).start().done;
    expect(taken).toEqual(numbers(count));
    expect(source).toMatchObject({ produced: count, producedWhileClosed: 0, isSubscribed: false, subscriptions: 1 });
  });

  test('hands on what comes one by one, later', async () => {
    const taken: unknown[] = [];
    const source = new ProbeSource<number>([], false);
    const started = sink.prepare(source.items$, (item) => void taken.push(item)).start();
    await settle();
    for (const n of numbers(5)) {
      source.push(n);
      await settle();
    }
    source.complete();
    await started.done;
    expect(taken).toEqual(numbers(5));
  });

  test('R-03 ends with an empty source, R-04 is silent with one that never says anything', async () => {
    await sink.prepare(EMPTY, () => expect.unreachable()).start().done;
    const source = new ProbeSource([], false);
    const started = sink.prepare(source.items$, () => expect.unreachable()).start();
    const ended = vi.fn();
    started.done.finally(ended).catch(() => {});
    await settle();
    expect(ended).not.toHaveBeenCalled();
    await started.cancel();
    expect(source.isSubscribed).toBe(false);
  });

  test('R-06 hands on falsy items as they are', async () => {
    const items = [0, undefined, null, '', NaN, false, -0, 0n].filter(sink.takes);
    const taken: unknown[] = [];
    await sink.prepare(fromIterable(items), (item) => void taken.push(item)).start().done;
    expect(taken).toEqual(items);
    expect(taken.some((item) => Object.is(item, -0))).toBe(items.some((item) => Object.is(item, -0)));
  });

  test('R-05 is used twice at once, each on its own', async () => {
    const source = new ProbeSource(numbers(50));
    const taken: unknown[][] = [[], []];
    await Promise.all(taken.map((to) => sink.prepare(source.items$, (item) => void to.push(item)).start().done));
    expect(taken).toEqual([numbers(50), numbers(50)]);
  });

  test('R-22 takes 100,000 items of a synchronous source without growing the stack', { timeout: 30_000 }, async () => {
    const source = new ProbeSource(numbers(100_000));
    let sum = 0;
    await sink.prepare(source.items$, (item) => void (sum += item as number)).start().done;
    expect(sum).toBe((99_999 * 100_000) / 2);
    expect(source.producedWhileClosed).toBe(0);
  });

  test('R-33 R-31 ends with the error of its source, whenever that comes, and releases everything', async () => {
    for (const count of [0, 1, 5]) {
      for (const error of [new Error('source'), { a: 1 }, 'text']) {
        const source = new ProbeSource<number>(numbers(count), false);
        const taken: unknown[] = [];
        const started = sink.prepare(source.items$, (item) => void taken.push(item)).start();
        await vi.waitUntil(() => source.isSubscribed, { interval: 1 });
        await vi.waitUntil(() => taken.length === count || !sink.hasConsumer, { interval: 1 });
        source.fail(error);
        expect(await outcome(started)).toEqual({ error });
        expect(taken).toEqual(sink.hasConsumer ? numbers(count) : []);
        expect(source.isSubscribed).toBe(false);
      }
    }
  });

  test('R-33 does not take a falsy error for a good end', async () => {
    for (const error of [undefined, null, 0, '']) {
      const source = new Observable((subscriber) => subscriber.error(error));
      const ended = (await outcome(sink.prepare(source, () => {}).start())) as { error: unknown };
      expect(ended).toBeDefined();
      // Where it cannot be carried as it is, it is the cause.
      expect(ended.error instanceof Error ? ended.error.cause : ended.error).toBe(error);
    }
  });

  test('G7 keeps what a source sends that cannot be paused, and says so once', async () => {
    const taken: unknown[] = [];
    const slowly: Consumer = async (item) => {
      taken.push(item);
      await turn();
    };
    await sink.prepare(from(numbers(60)), slowly).start().done;
    expect(taken).toEqual(numbers(60));
    expect(warnings.splice(0)).toEqual(sink.hasConsumer ? ['SLUICE_OVERRUN'] : []);
  });

  test('R-40 R-41 R-45 leaves its source when it is cancelled before an item has come', async () => {
    const source = new Subject<number>();
    const started = sink.prepare(source, () => expect.unreachable()).start();
    await settle();
    expect(source.observed).toBe(true);
    await started.cancel();
    expect(source.observed).toBe(false);
    source.next(1);
    await settle();
  });
});

describe.each(sinks.filter(({ hasConsumer }) => hasConsumer))('$name, with a consumer that takes its time', (sink) => {
  test('R-10 G1 holds its source back within its bound at every step, and loses nothing', async () => {
    const desk = new Desk();
    const source = new ProbeSource(numbers(60));
    const started = sink.prepare(source.items$, desk.consumer).start();
    for (let given = 1; given <= 60; given++) {
      await vi.waitUntil(() => desk.taken.length === given, { interval: 1 });
      await turn();
      expect(source.produced - given).toBeLessThanOrEqual(sink.ahead);
      expect(source.producedWhileClosed).toBe(0);
      desk.goOn();
    }
    await started.done;
    expect(desk.taken).toEqual(numbers(60));
  });

  test('R-10 uses its bound while nobody takes anything', async () => {
    const desk = new Desk();
    const source = new ProbeSource(naturals());
    const started = sink.prepare(source.items$, desk.consumer).start();
    await settle();
    // The consumer has one item at hand. One that is being written counts as held by some.
    expect(desk.taken).toEqual([0]);
    expect(source.produced - 1).toBeGreaterThanOrEqual(sink.ahead - 1);
    expect(source.produced - 1).toBeLessThanOrEqual(sink.ahead);
    await desk.until(started.cancel());
    expect(source.isSubscribed).toBe(false);
  });

  test('R-07 ends only after the last item has been taken', async () => {
    const desk = new Desk();
    const source = new ProbeSource([1]);
    const started = sink.prepare(source.items$, desk.consumer).start();
    const ended = vi.fn();
    void started.done.then(ended);
    await settle();
    expect(desk.taken).toEqual([1]);
    expect(ended).not.toHaveBeenCalled();
    desk.goOn();
    await started.done;
    expect(ended).toHaveBeenCalledTimes(1);
  });

  test.each([0, 1, 7])('R-30 leaves its source when the consumer fails at item %d, and says why', async (k) => {
    const error = new Error('consumer');
    const source = new ProbeSource(naturals());
    let count = 0;
    const started = sink
      .prepare(source.items$, async () => {
        await turn();
        if (count++ === k) throw error;
      })
      .start();
    const ended = (await outcome(started)) as { error: Error };
    expect([ended.error, ended.error.cause]).toContain(error);
    expect(source.isSubscribed).toBe(false);
    expect(source.produced).toBeLessThanOrEqual(k + 1 + sink.ahead);
    const { produced } = source;
    await settle();
    expect(count).toBe(k + 1);
    expect(source).toMatchObject({ produced, producedWhileClosed: 0 });
  });

  test('R-40 R-41 is cancelled in the middle of any item, and nothing begins after that', async () => {
    for (const k of [1, 2, 10]) {
      const desk = new Desk();
      const source = new ProbeSource(numbers(10));
      const started = sink.prepare(source.items$, desk.consumer).start();
      while (desk.taken.length < k) {
        await settle();
        if (desk.taken.length < k) desk.goOn();
      }
      const cancelled = started.cancel();
      expect(source.isSubscribed).toBe(sink.finishesRead === true);
      const { produced } = source;
      await desk.until(cancelled);
      await settle();
      expect(source.isSubscribed).toBe(false);
      expect(source.produced).toBeLessThanOrEqual(k + sink.ahead);
      if (sink.finishesRead === true) expect(desk.taken).toEqual(numbers(source.produced));
      else expect([desk.taken, source.produced]).toEqual([numbers(k), produced]);
    }
  });

  test('R-23 stops a synchronous source that never ends, when it is cancelled', async () => {
    let made = 0;
    let closed = 0;
    const source = fromIterable(function* () {
      try {
        for (;;) yield made++;
      } finally {
        closed++;
      }
    });
    const desk = new Desk();
    const started = sink.prepare(source, desk.consumer).start();
    await settle();
    await desk.until(started.cancel());
    const before = made;
    await settle();
    expect([made, closed]).toEqual([before, 1]);
    expect(made).toBeLessThanOrEqual(1 + sink.ahead);
  });
});
