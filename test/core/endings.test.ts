import { defer, finalize, map, of, take, timer, type MonoTypeOperatorFunction, type Observable } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { operate } from '../../src/core/operate.ts';
import type { Order } from '../../src/core/options.ts';
import type { ItemContext } from '../../src/core/slot.ts';
import { Stage } from '../../src/core/stage.ts';
import { workerPool } from '../../src/operators/workerPool.ts';
import { fromIterable } from '../../src/sources/fromIterable.ts';
import { atRest } from './PoolRun.ts';
import { Probe } from './Probe.ts';
import { TestFlow } from './TestFlow.ts';
import { violations } from './violations.ts';

/** How the stage functions work: at once, later, or a mixture of everything that a function may give back. */
type Mode = 'sync' | 'async' | 'mixed';

interface Setting {
  readonly source: 'sync' | 'async';
  readonly mode: Mode;
  readonly order: Order;
}

const ITEMS = 30;
/** The item, or value, at which it happens. */
const WHEN = 7;
/** What each of the three stages may hold. */
const BOUND = 4;

const settings: Setting[] = (['sync', 'async'] as const).flatMap((source) =>
  (['sync', 'async', 'mixed'] as const).flatMap((mode) =>
    (['completion', 'input'] as const).map((order) => ({ source, mode, order })),
  ),
);
/** 0 is the source, and the others are the stages. */
const positions = [0, 1, 2, 3];

/** A source and three pools, and everything they start. */
class ThreeStages {
  readonly flow = new TestFlow();
  readonly probe: Probe<number>;
  produced = 0;
  returned = 0;
  exhausted = false;
  isOver = false;
  /** Does something at a position before item `index` is worked on; 0 is the source. */
  before: (position: number, index: number) => void = () => {};
  /** Something to put below a position. */
  below: (position: number) => MonoTypeOperatorFunction<number> = () => (source) => source;
  readonly #setting: Setting;
  readonly #works: { context: ItemContext; signal: AbortSignal; done: boolean }[] = [];
  #timers = 0;

  constructor(setting: Setting) {
    this.#setting = setting;
    // Nothing here may overrun a gate.
    this.flow.strict = true;
    this.probe = new Probe(this.flow);
    this.probe.onEnd = () => this.over();
  }

  start(): void {
    let flow = fromIterable(this.#setting.source === 'sync' ? this.#iterable() : this.#asyncIterable());
    flow = flow.pipe(this.below(0));
    for (const position of [1, 2, 3]) flow = flow.pipe(this.#stage(position), this.below(position));
    this.probe.subscribe(flow);
  }

  /** From here on nothing may start, and nothing arrive. */
  over(): void {
    this.isOver = true;
    for (const { context, signal, done } of this.#works) {
      if (!done && !signal.aborted) violations.push(`item ${context.index} of ${context.stage} runs on`);
    }
  }

  /** Everything that goes on by itself has gone on. */
  async rest(): Promise<void> {
    for (let still = 0, before = NaN; still < 3;) {
      await atRest();
      const now =
        this.produced + this.probe.values.length + this.#works.length + this.#works.filter((w) => w.done).length;
      still = now === before && this.#timers === 0 ? still + 1 : 0;
      before = now;
    }
  }

  async expectNothingLeft(): Promise<void> {
    const { probe, flow } = this;
    const before = [probe.values.length, this.produced];
    expect([this.isOver, probe.isClosed], 'over, closed').toEqual([true, true]);
    expect(this.#timers, 'timers').toBe(0);
    await this.rest();
    expect(
      this.#works.filter(({ signal, done }) => !done && !signal.aborted),
      'running',
    ).toEqual([]);
    expect([probe.values.length, this.produced], 'values, produced').toEqual(before);
    expect(this.returned, 'calls of return()').toBe(this.exhausted ? 0 : 1);
    expect([...flow.live].map(({ name }) => name)).toEqual([]);
    for (const { attached, waiting } of [probe.gate, ...flow.nodes.flatMap(({ gate }) => gate ?? [])]) {
      expect({ attached, waiting }).toEqual({ attached: 0, waiting: 0 });
    }
    expect(flow.nodes.reduce((sum, { held }) => sum + held, 0)).toBe(0);
    expect(flow.lateErrors).toEqual([]);
    flow.check();
  }

  #iterable(): Iterable<number> {
    const iterator = { next: () => this.#next(), return: () => this.#return() };
    return { [Symbol.iterator]: () => iterator };
  }

  #asyncIterable(): AsyncIterable<number> {
    // A promise hop for every item, and its failures are rejections.
    const iterator = { next: async () => this.#next(), return: async () => this.#return() };
    return { [Symbol.asyncIterator]: () => iterator };
  }

  #next(): IteratorResult<number> {
    if (this.isOver) violations.push('the source goes on after the end');
    if (this.produced === ITEMS) {
      this.exhausted = true;
      return { done: true, value: undefined };
    }
    try {
      this.before(0, this.produced);
    } catch (error) {
      this.exhausted = true;
      throw error;
    }
    return { done: false, value: this.produced++ };
  }

  #return(): IteratorResult<number> {
    this.returned++;
    return { done: true, value: undefined };
  }

  #stage(position: number): MonoTypeOperatorFunction<number> {
    const { order } = this.#setting;
    const name = `stage ${position}`;
    return workerPool((item: number, context) => this.#work(position, item, context), {
      concurrency: 2,
      capacity: BOUND - 2,
      order,
      name,
    });
  }

  #work(position: number, item: number, context: ItemContext): number | Promise<number> | Observable<number> {
    if (this.isOver) violations.push(`R-40: item ${context.index} of ${context.stage} starts after the end`);
    const { mode } = this.#setting;
    const kind = { sync: 0, async: 2, mixed: (item + position) % 6 }[mode];
    const work = { context, signal: context.signal, done: false };
    this.#works.push(work);
    const end = (): number => {
      if (this.isOver && !work.signal.aborted) violations.push(`item ${context.index} of ${context.stage} ran on`);
      work.done = true;
      return item;
    };
    try {
      this.before(position, context.index);
    } catch (error) {
      work.done = true;
      throw error;
    }
    if (kind === 0) return end();
    if (kind === 1) return Promise.resolve().then(end);
    if (kind === 2) return patiently(context.signal).then(end);
    if (kind === 3) return this.#timer().pipe(map(end));
    if (kind === 4) return fromIterable([item]).pipe(map(end));
    return of(item).pipe(map(end));
  }

  #timer(): Observable<number> {
    return defer(() => {
      this.#timers++;
      return timer(1).pipe(finalize(() => this.#timers--));
    });
  }
}

/** Takes a turn of the event loop, and gives up when it is cancelled. */
function patiently(signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const give = () => reject(signal.reason as Error);
    if (signal.aborted) return give();
    signal.addEventListener('abort', give, { once: true });
    setImmediate(() => {
      signal.removeEventListener('abort', give);
      resolve();
    });
  });
}

/** Lets some items through, and then none until it is opened by hand. */
class Lock extends Stage<number, number> {
  #left = WHEN;

  open(): void {
    this.#left = Infinity;
    this.drain();
  }

  protected override step(): boolean {
    if (this.#left === 0 || this.waiting.length === 0) return false;
    this.#left--;
    this.telemetry.completed++;
    this.deliver(this.waiting.shift()!);
    return true;
  }
}

const where = (position: number) => (position === 0 ? 'the source' : `stage ${position}`);
const cases = positions.flatMap((position) =>
  settings.map((setting) => ({ place: where(position), position, ...setting })),
);

describe('three stages, ended in every place, leave nothing running', () => {
  test.each(cases)('an error in $place ($source source, $mode, $order order)', async ({ position, ...setting }) => {
    const stages = new ThreeStages(setting);
    const bad = new Error('bad');
    stages.before = (at, index) => {
      if (at === position && index === WHEN) throw bad;
    };
    stages.start();
    await stages.rest();
    expect([stages.probe.ended, stages.probe.error]).toEqual(['failed', bad]);
    await stages.expectNothingLeft();
  });

  test.each(cases)(
    'an unsubscribe in $place ($source source, $mode, $order order)',
    async ({ position, ...setting }) => {
      const stages = new ThreeStages(setting);
      stages.before = (at, index) => {
        if (at !== position || index !== WHEN) return;
        stages.probe.unsubscribe();
        stages.isOver = true;
      };
      stages.start();
      await stages.rest();
      stages.over();
      await stages.expectNothingLeft();
    },
  );

  test.each(cases)('an unsubscribe below $place ($source source, $mode, $order order)', async (each) => {
    const { position, ...setting } = each;
    const stages = new ThreeStages(setting);
    let passed = 0;
    stages.below = (at) =>
      map((item) => {
        if (at === position && ++passed === WHEN) {
          stages.probe.unsubscribe();
          stages.over();
        }
        return item;
      });
    stages.start();
    await stages.rest();
    expect(stages.probe.values.length).toBeLessThan(WHEN);
    await stages.expectNothingLeft();
  });

  test.each(cases)('a take below $place ($source source, $mode, $order order)', async ({ position, ...setting }) => {
    const stages = new ThreeStages(setting);
    stages.below = (at) => (at === position ? take(WHEN) : (source) => source);
    // It completes first, and unsubscribes then.
    stages.probe.onEnd = () => (stages.isOver = true);
    stages.start();
    await stages.rest();
    expect([stages.probe.ended, stages.probe.values.length]).toEqual(['completed', WHEN]);
    await stages.expectNothingLeft();
  });

  describe.each(['unsubscribed', 'opened'] as const)('by a closed gate that is then %s', (then) => {
    test.each(cases)('below $place ($source source, $mode, $order order)', async ({ position, ...setting }) => {
      const stages = new ThreeStages(setting);
      let lock!: Lock;
      const locked = operate<number, number>((connection) => (lock = new Lock(connection, { name: 'lock', bound: 1 })));
      stages.below = (at) => (at === position ? locked : (source) => source);
      stages.start();
      await stages.rest();
      stages.flow.check();

      expect(lock.gate.isOpen).toBe(false);
      expect(stages.probe.values.length).toBe(WHEN);
      // All that is above it stands still, full; an async source may have one more in its hand.
      const above = stages.flow.nodes.filter(({ name }) => Number(name.split(' ')[1]) <= position);
      expect(above.map(({ gate }) => gate!.isOpen)).toEqual(Array.from({ length: position }, () => false));
      const inHand = stages.produced - WHEN - lock.held - position * BOUND;
      expect(inHand).toBeLessThanOrEqual(setting.source === 'async' ? 1 : 0);
      // An inner source that is held back between its last value and its end keeps the place of its item.
      expect(inHand).toBeGreaterThanOrEqual(setting.mode === 'mixed' ? -position : 0);

      if (then === 'unsubscribed') {
        stages.probe.unsubscribe();
        stages.over();
      } else {
        lock.open();
        await stages.rest();
        const all = Array.from({ length: ITEMS }, (_, i) => i);
        const { values } = stages.probe;
        expect(setting.order === 'input' ? values : values.toSorted((a, b) => a - b)).toEqual(all);
        expect(stages.probe.ended).toBe('completed');
      }
      await stages.expectNothingLeft();
    });
  });
});
