import { Observable } from 'rxjs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { hooks } from '../../src/core/hooks.ts';
import { isAsyncIterable, iterate } from '../../src/core/iterate.ts';
import { atRest } from './PoolRun.ts';
import { Probe } from './Probe.ts';
import { TestFlow } from './TestFlow.ts';

let lateErrors: unknown[][] = [];
beforeEach(() => {
  lateErrors = [];
  vi.spyOn(hooks, 'lateError').mockImplementation((...args) => void lateErrors.push(args));
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const sourceOf = <T>(iterable: Iterable<T> | AsyncIterable<T>) =>
  new Observable<T>((subscriber) => iterate(iterable, subscriber, { name: 'numbers' }));

/** An async iterator to be answered by hand. It notes every call. */
class Asked<T> implements AsyncIterable<T> {
  readonly log: string[] = [];
  /** Calls of `next()` that have not been answered. */
  pending = 0;
  mostPending = 0;
  #answer: { resolve: (result: IteratorResult<T>) => void; reject: (error: unknown) => void } | undefined;
  readonly #returning: () => Promise<unknown>;

  constructor(returning: () => Promise<unknown> = () => Promise.resolve()) {
    this.#returning = returning;
  }

  [Symbol.asyncIterator](): AsyncIterator<T> {
    return {
      next: () => {
        this.log.push('next');
        this.mostPending = Math.max(this.mostPending, ++this.pending);
        return new Promise((resolve, reject) => {
          this.#answer = { resolve, reject };
        });
      },
      return: async () => {
        this.log.push('return');
        await this.#returning();
        return { done: true, value: undefined };
      },
    };
  }

  async give(value: T): Promise<void> {
    this.pending--;
    this.#answer!.resolve({ done: false, value });
    await settled();
  }

  async end(): Promise<void> {
    this.pending--;
    this.#answer!.resolve({ done: true, value: undefined });
    await settled();
  }

  async fail(error: unknown): Promise<void> {
    this.pending--;
    this.#answer!.reject(error);
    await settled();
  }
}

/** All promises that wait for nothing else have called back; no timer is needed for that, so that it may be a false one. */
async function settled(): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.resolve();
}

const bad = new Error('bad');

async function* one(): AsyncGenerator<number> {
  yield await Promise.resolve(1);
}

describe('an async iterable', () => {
  test('is asked for one value at a time, and only once the last has been taken', async () => {
    const asked = new Asked<number>();
    const probe = new Probe<number>().subscribe(sourceOf(asked));
    expect(asked.log).toEqual(['next']);
    await asked.give(1);
    expect([probe.values, asked.log.length]).toEqual([[1], 2]);
    probe.close();
    await asked.give(2);
    // It was asked for while the gate was open: it is kept.
    expect([probe.values, asked.log.length]).toEqual([[1], 2]);
    for (let i = 0; i < 3; i++) {
      probe.close();
      probe.allow(1);
    }
    expect([probe.values, asked.log.length]).toEqual([[1, 2], 3]);
    probe.open();
    await asked.give(3);
    await asked.end();
    expect([probe.values, probe.ended, asked.mostPending]).toEqual([[1, 2, 3], 'completed', 1]);
    expect(asked.log.includes('return')).toBe(false);
  });

  test('is asked once, however often the gate opens while it is at work', async () => {
    const asked = new Asked<number>();
    const probe = new Probe<number>().subscribe(sourceOf(asked));
    for (let i = 0; i < 5; i++) {
      probe.close();
      probe.open();
    }
    await asked.give(1);
    expect([asked.mostPending, probe.values]).toEqual([1, [1]]);
    probe.unsubscribe();
  });

  test('that fails, fails the flow, and is not closed: it has ended', async () => {
    const asked = new Asked<number>();
    const probe = new Probe<number>().subscribe(sourceOf(asked));
    await asked.fail(bad);
    expect([probe.error, asked.log, lateErrors]).toEqual([bad, ['next'], []]);
  });

  test('whose next throws instead of rejecting fails the flow', () => {
    const iterable = {
      [Symbol.asyncIterator]: () => ({
        next: (): Promise<IteratorResult<number>> => {
          throw bad;
        },
      }),
    };
    const probe = new Probe<number>().subscribe(sourceOf(iterable));
    expect([probe.ended, probe.error]).toEqual(['failed', bad]);
  });

  test('is closed on unsubscribe, once, also while it is at work; what it gives then is let go', async () => {
    const asked = new Asked<number>();
    const probe = new Probe<number>().subscribe(sourceOf(asked));
    probe.unsubscribe();
    expect(asked.log).toEqual(['next', 'return']);
    await asked.give(1);
    expect([probe.values, asked.log, lateErrors]).toEqual([[], ['next', 'return'], []]);
  });

  test('R-31: a failure after the unsubscribe is reported as a late error', async () => {
    const asked = new Asked<number>();
    const probe = new Probe<number>().subscribe(sourceOf(asked));
    probe.unsubscribe();
    await asked.fail(bad);
    expect(lateErrors).toEqual([[bad, 'numbers']]);
  });

  test('R-31: so is a failure to close it, and under run it goes to the run', async () => {
    const failing = new Asked<number>(() => Promise.reject(bad));
    new Probe<number>().subscribe(sourceOf(failing)).unsubscribe();
    await settled();
    expect(lateErrors).toEqual([[bad, 'numbers']]);

    const flow = new TestFlow();
    new Probe<number>(flow).subscribe(sourceOf(new Asked<number>(() => Promise.reject(bad)))).unsubscribe();
    await settled();
    expect([flow.lateErrors, lateErrors.length]).toEqual([[{ error: bad, stage: 'numbers' }], 1]);
  });

  test('under run keeps the end waiting until it is closed', async () => {
    const flow = new TestFlow();
    let close!: () => void;
    const closed = new Promise<void>((resolve) => {
      close = resolve;
    });
    new Probe<number>(flow).subscribe(sourceOf(new Asked<number>(() => closed))).unsubscribe();
    let released = false;
    void Promise.all(flow.released).then(() => (released = true));
    await settled();
    expect([flow.released.length, released]).toEqual([1, false]);
    close();
    await settled();
    expect(released).toBe(true);
  });

  test('counts the value that it keeps as held, and as abandoned if it is never taken', async () => {
    const flow = new TestFlow();
    const asked = new Asked<number>();
    const probe = new Probe<number>(flow).subscribe(sourceOf(asked));
    probe.close();
    await asked.give(1);
    const node = flow.node('numbers');
    expect([node.held, node.telemetry.out]).toEqual([1, 0]);
    probe.unsubscribe();
    expect([node.held, node.telemetry.abandoned, flow.live.size]).toEqual([0, 1, 0]);
  });
});

/** With a clock that stands still until it is moved. */
function quitting() {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout'] });
  const flow = new TestFlow();
  const asked = new Asked<number>();
  const probe = new Probe<number>(flow).subscribe(sourceOf(asked));
  return { asked, probe, quit: () => flow.node('numbers').quit() };
}

describe('an async iterable that is told to quit', () => {
  test('still gives the value that it is at work on, and asks for none more', async () => {
    const { asked, probe, quit } = quitting();
    quit();
    expect(probe.ended).toBe(undefined);
    await asked.give(1);
    expect([probe.values, probe.ended, asked.log]).toEqual([[1], 'completed', ['next', 'return']]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('waits no longer than 40 ms for it', () => {
    const { asked, probe, quit } = quitting();
    quit();
    vi.advanceTimersByTime(39);
    expect(probe.ended).toBe(undefined);
    vi.advanceTimersByTime(1);
    expect([probe.ended, asked.log]).toEqual(['completed', ['next', 'return']]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('gives the value that it keeps once the gate opens', async () => {
    const { asked, probe, quit } = quitting();
    probe.close();
    await asked.give(1);
    quit();
    vi.advanceTimersByTime(1000);
    expect(probe.ended).toBe(undefined);
    probe.open();
    expect([probe.values, probe.ended, asked.log]).toEqual([[1], 'completed', ['next', 'return']]);
  });

  test('gives the value that arrives behind a closed gate, however long that is closed', async () => {
    const { asked, probe, quit } = quitting();
    probe.close();
    quit();
    await asked.give(1);
    vi.advanceTimersByTime(1000);
    probe.open();
    expect([probe.values, probe.ended, vi.getTimerCount()]).toEqual([[1], 'completed', 0]);
  });

  test('completes at once if it is at work on nothing', () => {
    vi.useFakeTimers();
    const flow = new TestFlow();
    const asked = new Asked<number>();
    const probe = new Probe<number>(flow);
    probe.close();
    probe.subscribe(sourceOf(asked));
    flow.node('numbers').quit();
    expect([probe.ended, asked.log, vi.getTimerCount()]).toEqual(['completed', ['return'], 0]);
  });

  test('leaves no timer when it is unsubscribed meanwhile', () => {
    const { probe, quit } = quitting();
    quit();
    probe.unsubscribe();
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('an iterable', () => {
  test('is closed once on unsubscribe, and not when it has come to its end', () => {
    const log: string[] = [];
    const numbers = (count: number): Iterable<number> => ({
      [Symbol.iterator]: () => {
        let n = 0;
        return {
          next: () => ({ done: n === count, value: n++ }) as IteratorResult<number>,
          return: () => {
            log.push(`return of ${count}`);
            return { done: true, value: undefined };
          },
        };
      },
    });
    const probe = new Probe<number>();
    probe.allow(2);
    probe.subscribe(sourceOf(numbers(5)));
    probe.unsubscribe();
    new Probe<number>().subscribe(sourceOf(numbers(3)));
    expect([probe.values, log]).toEqual([[0, 1], ['return of 5']]);
  });

  test('that unsubscribes from within is closed once it has yielded', () => {
    const log: string[] = [];
    const probe = new Probe<number>();
    probe.subscribe(
      sourceOf(
        (function* () {
          try {
            yield 1;
            probe.unsubscribe();
            log.push('goes on');
            yield 2;
            log.push('goes too far');
          } finally {
            log.push('closed');
          }
        })(),
      ),
    );
    expect([probe.values, log]).toEqual([[1], ['goes on', 'closed']]);
  });

  test('that fails, fails the flow', () => {
    const probe = new Probe<number>().subscribe(
      sourceOf(
        (function* () {
          yield 1;
          throw bad;
        })(),
      ),
    );
    expect([probe.values, probe.error]).toEqual([[1], bad]);
  });

  test('R-31: whose closing fails ends all the same, and the failure is reported', async () => {
    const flow = new TestFlow();
    const iterable: Iterable<number> = {
      [Symbol.iterator]: () => ({
        next: () => ({ done: false, value: 1 }),
        return: () => {
          throw bad;
        },
      }),
    };
    const probe = new Probe<number>(flow);
    probe.allow(1);
    probe.subscribe(sourceOf(iterable));
    probe.unsubscribe();
    await settled();
    expect([probe.gate.waiting, probe.gate.attached, flow.live.size]).toEqual([0, 0, 0]);
    expect(flow.lateErrors).toEqual([{ error: bad, stage: 'numbers' }]);
  });

  test('gives way to the event loop when the run says so', async () => {
    const flow = new TestFlow();
    const probe = new Probe<number>(flow);
    probe.onNext = (n) => {
      if (n === 2) flow.turn.close();
    };
    probe.subscribe(sourceOf([1, 2, 3, 4]));
    expect([probe.values, flow.turn.waiting]).toEqual([[1, 2], 1]);
    await atRest();
    flow.turn.open();
    expect([probe.values, probe.ended, flow.turn.waiting]).toEqual([[1, 2, 3, 4], 'completed', 0]);
  });
});

describe('an iterator of which nothing was pulled', () => {
  test('is closed on unsubscribe', () => {
    const log: string[] = [];
    const numbers = {
      [Symbol.iterator]: () => ({
        next: () => expect.fail('pulled'),
        return: () => {
          log.push('return');
          return { done: true as const, value: undefined };
        },
      }),
    };
    const flow = new TestFlow();
    const probe = new Probe<number>(flow);
    probe.close();
    probe.subscribe(sourceOf<number>(numbers));
    probe.unsubscribe();
    expect(log).toEqual(['return']);
    // It was closed there and then: a run has nothing to wait for.
    expect(flow.released).toEqual([]);
  });
});

describe('an iterator whose next() gives something else than a result', () => {
  test.each([
    ['undefined', undefined],
    ['null', null],
    ['5', 5],
    ['text', 'text'],
  ])('%s, is an error of the flow that says so', async (text, result) => {
    const next = () => result as never;
    const message = `The iterator's next() gave ${text} instead of { done, value }`;
    const probes = [
      sourceOf<number>({ [Symbol.iterator]: () => ({ next }) }),
      sourceOf<number>({ [Symbol.asyncIterator]: () => ({ next: () => Promise.resolve(result as never) }) }),
    ].map((source) => new Probe<number>().subscribe(source));
    await settled();
    for (const { ended, error, values } of probes) {
      expect([ended, values]).toEqual(['failed', []]);
      expect(error).toBeInstanceOf(TypeError);
      expect((error as Error).message).toBe(message);
    }
  });

  test('a result without "done" is a value', async () => {
    const [sync, async] = [0, 0].map(() => {
      const results = [{ value: 1 }, { value: 2 }, { done: true, value: 3 }];
      return () => results.shift() as IteratorResult<number>;
    }) as [() => IteratorResult<number>, () => IteratorResult<number>];
    const probes = [
      sourceOf<number>({ [Symbol.iterator]: () => ({ next: sync }) }),
      sourceOf<number>({ [Symbol.asyncIterator]: () => ({ next: () => Promise.resolve(async()) }) }),
    ].map((source) => new Probe<number>().subscribe(source));
    await settled();
    expect(probes.map(({ ended, values }) => [ended, values])).toEqual([
      ['completed', [1, 2]],
      ['completed', [1, 2]],
    ]);
  });
});

test('isAsyncIterable takes nothing for one but an object with that method', () => {
  expect([undefined, null, 5, 'text', [], {}, { [Symbol.asyncIterator]: 5 }].map(isAsyncIterable)).not.toContain(true);
  expect(isAsyncIterable((async function* () {})())).toBe(true);
});

describe('a source that is subscribed again', () => {
  test('is one and the same in the report', () => {
    const settings = { name: 'numbers' };
    const flow = new TestFlow();
    const source = new Observable<number>((subscriber) => iterate(one(), subscriber, settings));
    for (let i = 0; i < 2; i++) new Probe<number>(flow).subscribe(source);
    expect(flow.nodes.map(({ definition }) => definition)).toEqual([settings, settings]);
  });
});
