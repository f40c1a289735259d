import fc from 'fast-check';
import { expect, test } from 'vitest';
import { channel, type Channel } from '../../src/sources/channel.ts';
import { ChannelClosedError } from '../../src/sources/ChannelClosedError.ts';
import { Probe } from '../core/Probe.ts';
import { TestFlow } from '../core/TestFlow.ts';
import { violations } from '../core/violations.ts';
import { turns } from './events.ts';

/** One step of a schedule. Numbers choose among what there is when the step is taken. */
type Step =
  | { do: 'send'; signal: boolean }
  | { do: 'trySend' | 'close' | 'fail' | 'iterate' }
  | { do: 'abort' | 'open' | 'shut' | 'unsubscribe' | 'next' | 'return'; which: number }
  | { do: 'subscribe'; open: boolean }
  | { do: 'allow'; which: number; count: number };

type Gating = Extract<Step, { which: number }>;

const anyOf = fc.nat(7);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('send' as const), signal: fc.boolean() }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('trySend' as const) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom('abort', 'open', 'shut', 'next') as fc.Arbitrary<'abort'>,
      which: anyOf,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constantFrom('open', 'shut', 'next') as fc.Arbitrary<'open'>, which: anyOf }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('allow' as const), which: anyOf, count: fc.integer({ min: 1, max: 4 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom('unsubscribe', 'return') as fc.Arbitrary<'return'>, which: anyOf }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('subscribe' as const), open: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('iterate' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('close', 'fail') as fc.Arbitrary<'close'> }) },
);
const steps = fc.array(step, { minLength: 1, maxLength: 60 });
const room = fc.constantFrom(0, 1, 2, 5, Infinity);

const choose = <E>(list: readonly E[], n: number): E | undefined => list[n % list.length];

/** What became of a send or of a call of `next()`. */
type Fate = string;

interface Receiver {
  kind: 'receiver';
  isOpen: boolean;
  allowed: number;
  /** Whether it stands before its closed gate. */
  isHeld: boolean;
  got: number[];
  ended: string | undefined;
  isGone: boolean;
}

interface Call {
  kind: 'call';
  loop: { isOver: boolean };
  fate: Fate;
}

/** A channel as its documentation describes it, in the plainest way: arrays, and a loop for everything. */
class Model {
  buffer: number[] = [];
  senders: { value: number; fate: Fate }[] = [];
  waiting: (Receiver | Call)[] = [];
  receivers: Receiver[] = [];
  end: 'completed' | 'failed' | undefined;
  readonly capacity: number;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  get isDrained(): boolean {
    return this.end !== undefined && this.buffer.length === 0;
  }

  put(value: number): 'sent' | 'full' | 'closed' {
    if (this.end !== undefined) return 'closed';
    for (let taker = this.waiting.shift(); taker !== undefined; taker = this.waiting.shift()) {
      if (taker.kind === 'call') {
        taker.fate = `value ${value}`;
        return 'sent';
      }
      if (taker.isOpen) {
        this.#give(taker, value);
        this.pull(taker);
        return 'sent';
      }
      taker.isHeld = true;
    }
    if (this.buffer.length >= this.capacity) return 'full';
    this.buffer.push(value);
    return 'sent';
  }

  take(): number | undefined {
    const value = this.buffer.length > 0 ? this.buffer.shift() : this.#accept();
    if (this.buffer.length < this.capacity) {
      const next = this.#accept();
      if (next !== undefined) this.buffer.push(next);
    }
    return value;
  }

  pull(receiver: Receiver): void {
    while (!this.isDrained) {
      if (!receiver.isOpen) {
        receiver.isHeld = true;
        return;
      }
      const value = this.take();
      if (value === undefined) return void this.waiting.push(receiver);
      this.#give(receiver, value);
    }
    this.endAll();
  }

  next(call: Call): void {
    if (call.loop.isOver) call.fate = 'done';
    else {
      const value = this.take();
      if (value !== undefined) {
        call.fate = `value ${value}`;
        this.endAll();
      } else if (this.isDrained) this.#finish(call);
      else this.waiting.push(call);
    }
  }

  close(end: 'completed' | 'failed'): void {
    if (this.end !== undefined) return;
    this.end = end;
    for (const sender of this.senders) sender.fate = 'closed';
    this.senders = [];
    this.endAll();
  }

  endAll(): void {
    if (!this.isDrained) return;
    for (const taker of this.waiting) if (taker.kind === 'call') this.#finish(taker);
    this.waiting = [];
    for (const receiver of this.receivers) if (!receiver.isGone) receiver.ended ??= this.end;
  }

  #finish(call: Call): void {
    call.fate = this.end === 'failed' && !call.loop.isOver ? 'failed' : 'done';
    call.loop.isOver = true;
  }

  #give(receiver: Receiver, value: number): void {
    receiver.got.push(value);
    if (--receiver.allowed <= 0) receiver.isOpen = false;
  }

  #accept(): number | undefined {
    const sender = this.senders.shift();
    if (sender !== undefined) sender.fate = 'sent';
    return sender?.value;
  }
}

/** Takes the same steps with a channel and with the model, and compares them after each. */
class Bench {
  readonly values: Channel<number>;
  readonly model: Model;
  readonly flow = new TestFlow();
  readonly answers: string[] = [];
  readonly expected: string[] = [];
  readonly probes: { probe: Probe<number>; receiver: Receiver }[] = [];
  readonly loops: { iterator: AsyncIterator<number>; loop: { isOver: boolean } }[] = [];
  readonly sends: { controller: AbortController; fate: Fate; model: { value: number; fate: Fate } }[] = [];
  readonly calls: { fate: Fate; model: Call }[] = [];
  #last = 0;

  constructor(capacity: number) {
    this.values = channel<number>({ capacity });
    this.model = new Model(capacity);
  }

  take(it: Step): void {
    const { values, model } = this;
    if (it.do === 'send') this.#send(it.signal);
    else if (it.do === 'trySend') {
      const value = this.#last++;
      this.answers.push(values.trySend(value));
      this.expected.push(model.put(value));
    } else if (it.do === 'close') {
      values.close();
      model.close('completed');
    } else if (it.do === 'fail') {
      // A second end would be reported: other tests look at that.
      if (!values.isClosed) values.fail('broken');
      model.close('failed');
    } else if (it.do === 'iterate') {
      this.loops.push({ iterator: values[Symbol.asyncIterator](), loop: { isOver: false } });
    } else if (it.do === 'subscribe') this.#subscribe(it.open);
    else if (it.do === 'abort') this.#abort(it.which);
    else if (it.do === 'next') this.#next(it.which);
    else if (it.do === 'return') this.#return(it.which);
    else if ('which' in it) this.#gate(it);
  }

  compare(): void {
    const { values, model } = this;
    expect(this.answers).toEqual(this.expected);
    expect(values.length).toBe(model.buffer.length);
    expect(values.length).toBeLessThanOrEqual(model.capacity);
    for (const { probe, receiver } of this.probes) {
      expect(probe.values).toEqual(receiver.got);
      expect(probe.ended).toBe(receiver.ended);
    }
    expect(this.sends.map(({ fate }) => fate)).toEqual(this.sends.map(({ model: { fate } }) => fate));
    expect(this.calls.map(({ fate }) => fate)).toEqual(this.calls.map(({ model: { fate } }) => fate));
    // In the report too nothing is counted twice.
    const held = [...this.flow.live].reduce((sum, node) => sum + node.held, 0);
    expect(held).toBe(this.flow.live.size === 0 ? 0 : values.length);
  }

  #send(withSignal: boolean): void {
    const controller = new AbortController();
    const model = { value: this.#last++, fate: 'waits' };
    const send = { controller, fate: 'waits', model };
    this.sends.push(send);
    this.values.send(model.value, withSignal ? { signal: controller.signal } : undefined).then(
      () => (send.fate = 'sent'),
      (error: unknown) => (send.fate = error instanceof ChannelClosedError ? 'closed' : String(error)),
    );
    const answer = this.model.put(model.value);
    if (answer === 'full') this.model.senders.push(model);
    else model.fate = answer;
    if (!withSignal) Object.assign(send, { controller: undefined });
  }

  #abort(n: number): void {
    const waiting = this.sends.filter(({ controller, model }) => (controller as unknown) && model.fate === 'waits');
    const send = choose(waiting, n);
    if (send === undefined) return;
    send.controller.abort('aborted');
    send.model.fate = 'aborted';
    this.model.senders = this.model.senders.filter((sender) => sender !== send.model);
  }

  #subscribe(isOpen: boolean): void {
    const receiver: Receiver = {
      kind: 'receiver',
      isOpen,
      allowed: Infinity,
      isHeld: false,
      got: [],
      ended: undefined,
      isGone: false,
    };
    const probe = new Probe<number>(this.flow);
    if (!isOpen) probe.close();
    this.probes.push({ probe, receiver });
    probe.subscribe(this.values);
    this.model.receivers.push(receiver);
    this.model.pull(receiver);
  }

  #gate(it: Gating): void {
    const chosen = choose(
      this.probes.filter(({ receiver }) => receiver.ended === undefined && !receiver.isGone),
      it.which,
    );
    if (chosen === undefined) return;
    const { probe, receiver } = chosen;
    if (it.do === 'shut') {
      probe.close();
      receiver.isOpen = false;
    } else if (it.do === 'unsubscribe') {
      probe.unsubscribe();
      receiver.isGone = true;
      this.model.waiting = this.model.waiting.filter((taker) => taker !== receiver);
    } else {
      receiver.isOpen = true;
      receiver.allowed = it.do === 'allow' ? it.count : Infinity;
      const wasHeld = receiver.isHeld;
      receiver.isHeld = false;
      if (wasHeld) this.model.pull(receiver);
      if (it.do === 'allow') probe.allow(it.count);
      else probe.open();
    }
  }

  #next(n: number): void {
    const chosen = choose(this.loops, n);
    if (chosen === undefined) return;
    const call = { fate: 'waits', model: { kind: 'call', loop: chosen.loop, fate: 'waits' } as Call };
    this.calls.push(call);
    chosen.iterator.next().then(
      (result) => (call.fate = result.done === true ? 'done' : `value ${result.value}`),
      (error: unknown) => (call.fate = error === 'broken' ? 'failed' : String(error)),
    );
    this.model.next(call.model);
  }

  #return(n: number): void {
    const chosen = choose(this.loops, n);
    if (chosen === undefined) return;
    void chosen.iterator.return!();
    chosen.loop.isOver = true;
    for (const taker of this.model.waiting) {
      if (taker.kind === 'call' && taker.loop === chosen.loop) taker.fate = 'done';
    }
    this.model.waiting = this.model.waiting.filter((taker) => taker.kind !== 'call' || taker.loop !== chosen.loop);
  }
}

test('R-12, R-24: a channel behaves as the plainest model of it, whatever producers and receivers do (property)', async () => {
  await fc.assert(
    fc.asyncProperty(room, steps, async (capacity, schedule) => {
      const bench = new Bench(capacity);
      for (const it of schedule) {
        bench.take(it);
        await turns(1);
        bench.compare();
      }
      // Whoever is left takes the rest, and then everything has settled.
      bench.take({ do: 'close' });
      bench.take({ do: 'subscribe', open: true });
      await turns(1);
      bench.compare();
      expect(bench.values.length).toBe(0);
      expect([...bench.sends, ...bench.calls].filter(({ fate }) => fate === 'waits')).toEqual([]);
      const taken = bench.calls.flatMap(({ fate }) => (fate.startsWith('value ') ? [Number(fate.slice(6))] : []));
      const delivered = [...bench.probes.flatMap(({ probe }) => probe.values), ...taken];
      expect(new Set(delivered).size).toBe(delivered.length);
    }),
    { numRuns: 1500 },
  );
}, 120_000);

test('R-20, R-21, R-41: nothing is lost, doubled or overtaken when all of that happens inside next, too (property)', async () => {
  await fc.assert(
    fc.asyncProperty(room, steps, steps, async (capacity, outer, inner) => {
      const values = channel<number>({ capacity });
      const flow = new TestFlow();
      const probes: Probe<number>[] = [];
      const controllers: AbortController[] = [];
      const iterators: AsyncIterator<number>[] = [];
      /** Every value that was accepted, and every value that came out, in the order in which it did. */
      const [accepted, started, looped]: number[][] = [[], [], []];
      const script = inner.values();
      let last = 0;
      let [unsettled, depth] = [0, 0];

      const subscribe = (isOpen: boolean): void => {
        const probe = new Probe<number>(flow);
        if (!isOpen) probe.close();
        probes.push(probe);
        probe.onNext = (value) => {
          started!.push(value);
          if (depth > 5) return;
          depth++;
          for (let n = 0; n < 2; n++) {
            const { value: next } = script.next();
            // The first that takes a value may do anything, itself included.
            if (next !== undefined) act(next);
          }
          depth--;
        };
        probe.subscribe(values);
      };
      const act = (it: Step): void => {
        const n = 'which' in it ? it.which : 0;
        const value = last++;
        if (values.length > capacity) violations.push(`holds ${values.length} of ${capacity}`);
        if (it.do === 'trySend') {
          if (values.trySend(value) === 'sent') accepted!.push(value);
        } else if (it.do === 'send') {
          const controller = new AbortController();
          controllers.push(controller);
          unsettled++;
          values.send(value, { signal: controller.signal }).then(
            () => {
              unsettled--;
              return accepted!.push(value);
            },
            (error: unknown) => {
              unsettled--;
              if (error !== 'aborted' && !(error instanceof ChannelClosedError)) violations.push(String(error));
            },
          );
        } else if (it.do === 'close') values.close();
        else if (it.do === 'fail') {
          if (!values.isClosed) values.fail('broken');
        } else if (it.do === 'iterate') iterators.push(values[Symbol.asyncIterator]());
        else if (it.do === 'subscribe') subscribe(it.open);
        else if (it.do === 'abort') choose(controllers, n)?.abort('aborted');
        else if (it.do === 'next') {
          unsettled++;
          const call = choose(iterators, n)?.next() ?? Promise.resolve({ done: true, value: 0 });
          call.then(
            (result) => {
              unsettled--;
              return result.done === true || looped!.push(result.value);
            },
            (error: unknown) => {
              unsettled--;
              if (error !== 'broken') violations.push(String(error));
            },
          );
        } else if (it.do === 'return') void choose(iterators, n)?.return!();
        else if (it.do === 'open') choose(probes, n)?.open();
        else if (it.do === 'allow') choose(probes, n)?.allow(it.count);
        else if (it.do === 'shut') choose(probes, n)?.close();
        else choose(probes, n)?.unsubscribe();
      };

      for (const it of outer) {
        act(it);
        flow.check();
        if (it.do === 'send') await turns(1);
      }
      values.close();
      depth = 10;
      subscribe(true);
      await turns(2);
      expect([values.length, unsettled]).toEqual([0, 0]);
      const delivered = [...started!, ...looped!];
      expect(delivered.toSorted((a, b) => a - b)).toEqual(accepted!.toSorted((a, b) => a - b));
      expect(new Set(delivered).size).toBe(delivered.length);
      // Values are numbered in the order in which they were sent, and so they come, to every receiver and to all together.
      expect(started).toEqual(started!.toSorted((a, b) => a - b));
      for (const probe of probes) expect(probe.isClosed || probe.ended !== undefined).toBe(true);
      expect(flow.live.size).toBe(0);
    }),
    { numRuns: 1500 },
  );
}, 120_000);
