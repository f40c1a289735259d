import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { CircuitBreaker, type CircuitBreakerOptions, type CircuitPermit } from '../../src/sync/CircuitBreaker.ts';

/**
 * A call that was admitted, as the model and as the breaker have it. Whether it has been settled is not looked at: twice must
 * count once.
 */
interface Call {
  readonly epoch: number;
  readonly began: number;
  isOver: boolean;
}

interface Outcome {
  readonly at: number;
  readonly failed: boolean;
  readonly slow: boolean;
}

/** What the options of a run are, all of them given. */
interface Rules {
  readonly window: { readonly calls: number } | { readonly ms: number };
  readonly minimumCalls: number;
  readonly failureRate: number;
  readonly consecutiveFailures: number;
  readonly slowCallDuration: number;
  readonly slowCallRate: number;
  readonly openFor: number;
  /** By how many milliseconds each opening in a row is longer. */
  readonly more: number;
  readonly halfOpenProbes: number;
  readonly successesToClose: number;
}

/** A breaker as its documentation describes it, in the plainest way: a list of all that happened, looked through each time. */
class Model {
  now = 0;
  state: 'closed' | 'open' | 'half-open' = 'closed';
  /** Counts the changes of the state. */
  epoch = 0;
  /** Everything counted since it was last closed. */
  history: Outcome[] = [];
  openings = 0;
  until = 0;
  isolations = 0;
  running = 0;
  wellDone = 0;
  changes: string[] = [];
  calls: Call[] = [];
  /** Those that wait, by number, and the order in which they were woken. */
  queue: number[] = [];
  woken: number[] = [];
  readonly rules: Rules;

  constructor(rules: Rules) {
    this.rules = rules;
  }

  look(): void {
    if (this.state === 'open' && this.isolations === 0 && this.now >= this.until) this.to('half-open');
  }

  to(state: Model['state']): void {
    this.changes.push(`${this.state} → ${state}`);
    this.state = state;
    this.epoch++;
    this.running = 0;
    this.wellDone = 0;
    if (state === 'closed') {
      this.history = [];
      this.openings = 0;
    }
    this.wake();
  }

  admits(): boolean {
    return this.state === 'closed' || (this.state === 'half-open' && this.running < this.rules.halfOpenProbes);
  }

  begin(): boolean {
    if (!this.admits()) return false;
    if (this.state === 'half-open') this.running++;
    this.calls.push({ epoch: this.epoch, began: this.now, isOver: false });
    return true;
  }

  wake(): void {
    while (this.queue.length > 0 && this.admits()) {
      this.woken.push(this.queue.shift()!);
      this.begin();
    }
  }

  settle(call: Call, how: 'succeeded' | 'failed' | 'ignored'): void {
    if (call.isOver) return;
    call.isOver = true;
    if (call.epoch !== this.epoch) return;
    const slow = this.now - call.began >= this.rules.slowCallDuration;
    if (this.state === 'half-open') {
      this.running--;
      if (how === 'failed' || (how === 'succeeded' && slow)) this.open();
      else if (how === 'succeeded' && ++this.wellDone === this.rules.successesToClose) this.to('closed');
      else this.wake();
    } else if (how !== 'ignored') {
      this.history.push({ at: this.now, failed: how === 'failed', slow });
      if (this.mustOpen()) this.open();
    }
  }

  open(): void {
    this.until = this.now + this.rules.openFor + this.openings * this.rules.more;
    this.openings++;
    this.to('open');
  }

  mustOpen(): boolean {
    const { window, minimumCalls, failureRate, consecutiveFailures, slowCallRate } = this.rules;
    const row = this.history.slice(-consecutiveFailures);
    if (row.length === consecutiveFailures && row.every(({ failed }) => failed)) return true;
    // By time: what happened in this tenth of a window and in the nine before.
    const tenth = (at: number): number => Math.floor(at / ('ms' in window ? window.ms / 10 : 1));
    const recent =
      'calls' in window
        ? this.history.slice(-window.calls)
        : this.history.filter(({ at }) => tenth(this.now) - tenth(at) < 10);
    if (recent.length < minimumCalls) return false;
    const share = (which: 'failed' | 'slow'): number => recent.filter((it) => it[which]).length / recent.length;
    return share('failed') >= failureRate || share('slow') >= slowCallRate;
  }
}

/** The breaker, and what the test holds of it. */
class Real {
  breaker: CircuitBreaker;
  readonly permits: CircuitPermit[] = [];
  readonly releases: (() => void)[] = [];
  readonly leaves = new Map<number, () => void>();
  readonly woken: number[] = [];
  readonly changes: string[] = [];
  readonly options: CircuitBreakerOptions;

  constructor({ openFor, more, ...rules }: Rules) {
    this.options = {
      ...rules,
      openFor: { delayOf: (attempt) => openFor + (attempt - 1) * more },
      isIgnored: (error) => error === 'ignored',
      isFailure: (error) => error !== 'harmless',
      onStateChange: ({ from, to }) => this.changes.push(`${from} → ${to}`),
    };
    this.breaker = new CircuitBreaker(this.options);
  }

  begin(): boolean {
    const permit = this.breaker.tryBegin();
    if (permit !== undefined) this.permits.push(permit);
    return permit !== undefined;
  }
}

abstract class Command implements fc.Command<Model, Real> {
  check(_model: Readonly<Model>): boolean {
    return true;
  }

  run(model: Model, real: Real): void {
    model.look();
    this.apply(model, real);
    // Looking may change it, in both.
    model.look();
    expect(real.breaker.state).toBe(model.state);
    expect(real.changes).toEqual(model.changes);
    expect(real.woken).toEqual(model.woken);
    expect(real.permits.length).toBe(model.calls.length);
    // A timer only while somebody waits for the time to pass.
    const waits = model.queue.length > 0 && model.state === 'open' && model.isolations === 0;
    expect(vi.getTimerCount()).toBe(waits ? 1 : 0);
  }

  abstract apply(model: Model, real: Real): void;
  abstract toString(): string;
}

class Begin extends Command {
  apply(model: Model, real: Real): void {
    expect(real.begin()).toBe(model.begin());
  }
  toString(): string {
    return 'begin';
  }
}

class Settle extends Command {
  readonly n: number;
  readonly how: 'succeeded' | 'failed' | 'ignored' | 'harmless' | 'given up';
  constructor(n: number, how: Settle['how']) {
    super();
    this.n = n;
    this.how = how;
  }
  override check(model: Readonly<Model>): boolean {
    return model.calls.length > 0;
  }
  apply(model: Model, real: Real): void {
    // The latest are those that matter most.
    const at = model.calls.length - 1 - (this.n % Math.min(model.calls.length, 6));
    const permit = real.permits[at]!;
    const call = model.calls[at]!;
    if (this.how === 'succeeded') permit.succeed();
    else if (this.how === 'given up') permit.ignore();
    else permit.fail(this.how);
    if (this.how === 'failed') model.settle(call, 'failed');
    else model.settle(call, this.how === 'succeeded' || this.how === 'harmless' ? 'succeeded' : 'ignored');
  }
  toString(): string {
    return `settle(${this.n}, ${this.how})`;
  }
}

class Pass extends Command {
  readonly ms: number;
  constructor(ms: number) {
    super();
    this.ms = ms;
  }
  apply(model: Model): void {
    // Step by step, as a timer may fire in between.
    for (let i = 0; i < this.ms; i++) {
      vi.advanceTimersByTime(1);
      model.now++;
      if (model.queue.length > 0) model.look();
    }
  }
  toString(): string {
    return `pass(${this.ms})`;
  }
}

class Isolate extends Command {
  apply(model: Model, real: Real): void {
    real.releases.push(real.breaker.isolate());
    model.isolations++;
    if (model.state !== 'open') {
      model.until = -Infinity;
      model.to('open');
    }
  }
  toString(): string {
    return 'isolate';
  }
}

class Release extends Command {
  override check(model: Readonly<Model>): boolean {
    return model.isolations > 0;
  }
  apply(model: Model, real: Real): void {
    const release = real.releases.pop()!;
    release();
    release();
    model.isolations--;
    model.look();
  }
  toString(): string {
    return 'release';
  }
}

class Wait extends Command {
  apply(model: Model, real: Real): void {
    const number = real.leaves.size;
    const wake = (): void => {
      real.woken.push(number);
      real.begin();
    };
    real.leaves.set(number, real.breaker.whenAdmitting(wake));
    model.queue.push(number);
    model.wake();
  }
  toString(): string {
    return 'wait';
  }
}

class Leave extends Command {
  readonly n: number;
  constructor(n: number) {
    super();
    this.n = n;
  }
  override check(model: Readonly<Model>): boolean {
    return model.queue.length > 0;
  }
  apply(model: Model, real: Real): void {
    const number = model.queue[this.n % model.queue.length]!;
    real.leaves.get(number)!();
    model.queue = model.queue.filter((it) => it !== number);
  }
  toString(): string {
    return `leave(${this.n})`;
  }
}

/** A new breaker goes on from the JSON of the old one. */
class Restart extends Command {
  override check(model: Readonly<Model>): boolean {
    return model.queue.length === 0 && model.isolations === 0;
  }
  apply(model: Model, real: Real): void {
    const state = JSON.parse(JSON.stringify(real.breaker)) as CircuitBreakerOptions['state'];
    real.breaker = new CircuitBreaker({ ...real.options, state });
    // The calls of the old one are none of its.
    for (const call of model.calls) call.isOver = true;
    for (const permit of real.permits) permit.ignore();
    model.running = 0;
  }
  toString(): string {
    return 'restart';
  }
}

const how = fc.constantFrom(
  'succeeded',
  'succeeded',
  'succeeded',
  'failed',
  'failed',
  'ignored',
  'harmless',
  'given up',
);
const commands = fc.commands(
  [
    fc.constant(new Begin()),
    fc.constant(new Begin()),
    fc.constant(new Begin()),
    fc.tuple(fc.nat(5), how).map(([n, ending]) => new Settle(n, ending)),
    fc.tuple(fc.nat(5), how).map(([n, ending]) => new Settle(n, ending)),
    fc.tuple(fc.nat(5), how).map(([n, ending]) => new Settle(n, ending)),
    fc.integer({ min: 1, max: 30 }).map((ms) => new Pass(ms)),
    fc.constant(new Wait()),
    fc.nat(5).map((n) => new Leave(n)),
    fc.constant(new Isolate()),
    fc.constant(new Release()),
    fc.constant(new Restart()),
  ],
  { maxCommands: 100, size: 'max' },
);

const rules: fc.Arbitrary<Rules> = fc
  .record({
    // Windows of time of which the tenths are whole milliseconds.
    window: fc.oneof(
      fc.record({ calls: fc.integer({ min: 1, max: 8 }) }),
      fc.record({ ms: fc.constantFrom(10, 50, 100) }),
    ),
    minimumCalls: fc.integer({ min: 1, max: 5 }),
    failureRate: fc.constantFrom(0.25, 0.5, 0.6, 1),
    consecutiveFailures: fc.constantFrom(1, 2, 3, 1000),
    slowCallDuration: fc.constantFrom(1, 20, 1000),
    slowCallRate: fc.constantFrom(0.5, 1),
    openFor: fc.constantFrom(0, 1, 10, 25),
    more: fc.constantFrom(0, 7),
    halfOpenProbes: fc.integer({ min: 1, max: 3 }),
    successesToClose: fc.integer({ min: 1, max: 3 }),
  })
  .map((given) => ({
    ...given,
    minimumCalls: 'calls' in given.window ? Math.min(given.minimumCalls, given.window.calls) : given.minimumCalls,
  }));

/** How often each change was seen in all runs: what never happens is not tested. */
const seen = new Map<string, number>();

beforeEach(() => vi.useFakeTimers({ now: 0 }));
afterEach(() => vi.useRealTimers());

test('R-52: does what the model does, whatever is done to it in whatever order', { timeout: 120_000 }, () => {
  fc.assert(
    fc.property(rules, commands, (given, steps) => {
      // The windows of time begin at a whole tenth.
      vi.clearAllTimers();
      vi.advanceTimersByTime(100 - (performance.now() % 100));
      const model = new Model(given);
      fc.modelRun(() => ({ model, real: new Real(given) }), steps);
      for (const change of model.changes) seen.set(change, (seen.get(change) ?? 0) + 1);
    }),
    { numRuns: 1000 },
  );
  expect([...seen.keys()].toSorted()).toEqual([
    'closed → open',
    'half-open → closed',
    'half-open → open',
    'open → half-open',
  ]);
  for (const count of seen.values()) expect(count).toBeGreaterThan(30);
});
