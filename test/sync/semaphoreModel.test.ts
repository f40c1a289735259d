import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Semaphore } from '../../src/sync/Semaphore.ts';
import { turns } from '../sources/events.ts';

/** What became of a request. */
type Fate = 'waits' | 'has' | 'left' | 'given back';

/** A request, as it is and as the model says it must be. */
interface Request {
  readonly weight: number;
  readonly controller: AbortController;
  fate: Fate;
}

/** A semaphore as its documentation describes it: a queue of weights, and a loop for everything. */
class Model {
  free: number;
  readonly size: number;
  readonly requests: Request[] = [];
  readonly queue: Request[] = [];

  constructor(size: number) {
    this.free = this.size = size;
  }

  ask(weight: number): Request {
    const request: Request = { weight, controller: new AbortController(), fate: 'waits' };
    this.requests.push(request);
    if (weight <= this.size) this.queue.push(request);
    this.serve();
    return request;
  }

  leave(request: Request): void {
    request.fate = 'left';
    if (this.queue.includes(request)) this.queue.splice(this.queue.indexOf(request), 1);
    this.serve();
  }

  giveBack(request: Request): void {
    request.fate = 'given back';
    this.free += request.weight;
    this.serve();
  }

  serve(): void {
    for (let first = this.queue[0]; first !== undefined && first.weight <= this.free; first = this.queue[0]) {
      this.queue.shift();
      this.free -= first.weight;
      first.fate = 'has';
    }
  }

  chosen(n: number, ...fates: Fate[]): Request | undefined {
    const some = this.requests.filter(({ fate }) => fates.includes(fate));
    return some[n % some.length];
  }
}

/** The semaphore itself, and what it told about each request. */
interface Real {
  readonly semaphore: Semaphore;
  readonly told: Map<Request, Fate>;
  readonly cancels: Map<Request, () => void>;
  /** The requests in the order in which they were served. */
  readonly served: Request[];
}

abstract class Command implements fc.AsyncCommand<Model, Real> {
  protected readonly n: number;

  constructor(n: number) {
    this.n = n;
  }

  check(_model: Readonly<Model>): boolean {
    return true;
  }

  abstract step(model: Model, real: Real): void;

  async run(model: Model, real: Real): Promise<void> {
    const before = new Set(model.requests.filter(({ fate }) => fate === 'has'));
    this.step(model, real);
    const { semaphore, told } = real;
    expect([semaphore.available, semaphore.waiting]).toEqual([model.free, model.queue.length]);
    await Promise.resolve();
    await Promise.resolve();
    for (const request of model.requests) {
      const { fate } = request;
      expect(told.get(request)).toBe(fate === 'given back' ? 'has' : fate);
    }
    const held = model.requests.filter(({ fate }) => fate === 'has').reduce((sum, { weight }) => sum + weight, 0);
    expect(held + semaphore.available).toBe(semaphore.size);
    // FIFO: what was served in this step was served in the order of asking. Promises tell it a little later than callbacks.
    for (const isPromise of [true, false]) {
      const news = real.served.filter(
        (it) => !before.has(it) && it.fate === 'has' && real.cancels.has(it) !== isPromise,
      );
      expect(news).toEqual(news.toSorted((a, b) => model.requests.indexOf(a) - model.requests.indexOf(b)));
    }
  }

  toString(): string {
    return `${this.constructor.name}(${this.n})`;
  }
}

class Acquire extends Command {
  override step(model: Model, { semaphore, told, served }: Real): void {
    const controller = new AbortController();
    const promise = semaphore.acquire(this.n, { signal: controller.signal });
    const request = Object.assign(model.ask(this.n), { controller });
    told.set(request, 'waits');
    promise.then(
      () => {
        served.push(request);
        return told.set(request, 'has');
      },
      () => told.set(request, 'left'),
    );
  }
}

class Wait extends Command {
  override step(model: Model, { semaphore, told, served, cancels }: Real): void {
    const request = model.ask(this.n);
    told.set(request, 'waits');
    const cancel = semaphore.wait(this.n, () => {
      served.push(request);
      told.set(request, 'has');
    });
    cancels.set(request, cancel);
  }
}

class TryAcquire extends Command {
  override step(model: Model, { semaphore, told }: Real): void {
    const expected = model.queue.length === 0 && this.n <= model.free;
    expect(semaphore.tryAcquire(this.n)).toBe(expected);
    if (expected) told.set(model.ask(this.n), 'has');
  }
}

class Release extends Command {
  override step(model: Model, { semaphore }: Real): void {
    const request = model.chosen(this.n, 'has');
    if (request === undefined) {
      expect(() => semaphore.release()).toThrow(RangeError);
      return;
    }
    model.giveBack(request);
    semaphore.release(request.weight);
  }
}

class ReleaseTooMuch extends Command {
  override step(model: Model, { semaphore }: Real): void {
    expect(() => semaphore.release(model.size - model.free + this.n)).toThrow(RangeError);
  }
}

class Cancel extends Command {
  override step(model: Model, real: Real): void {
    // Also one that has been served, or has left: that must change nothing.
    const request = model.chosen(this.n, 'waits', 'waits', 'has', 'left');
    if (request === undefined) return;
    if (request.fate === 'waits') model.leave(request);
    const cancel = real.cancels.get(request);
    if (cancel === undefined) request.controller.abort();
    else {
      cancel();
      if (request.fate === 'left') real.told.set(request, 'left');
    }
  }
}

test('is a FIFO queue of weights, whatever is asked, given back and cancelled (model, 1,500 runs)', async () => {
  const weight = fc.integer({ min: 1, max: 6 });
  const which = fc.nat(30);
  const commands = fc.commands(
    [
      weight.map((n) => new Acquire(n)),
      weight.map((n) => new Wait(n)),
      weight.map((n) => new TryAcquire(n)),
      which.map((n) => new Release(n)),
      which.map((n) => new Release(n)),
      weight.map((n) => new ReleaseTooMuch(n)),
      which.map((n) => new Cancel(n)),
    ],
    { maxCommands: 60 },
  );
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 5 }), commands, async (size, list) => {
      const model = new Model(size);
      const real: Real = { semaphore: new Semaphore(size), told: new Map(), cancels: new Map(), served: [] };
      await fc.asyncModelRun(() => ({ model, real }), list);
      // In the end everything is given back and everyone who can be is served.
      for (let held = model.chosen(0, 'has'); held !== undefined; held = model.chosen(0, 'has')) {
        model.giveBack(held);
        real.semaphore.release(held.weight);
      }
      await turns(1);
      expect([real.semaphore.available, real.semaphore.waiting]).toEqual([size, 0]);
      for (const request of model.requests) {
        if (request.weight <= size) expect(real.told.get(request)).not.toBe('waits');
      }
    }),
    { numRuns: 1500 },
  );
}, 120_000);
