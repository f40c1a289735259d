import {
  BehaviorSubject,
  EMPTY,
  Subject,
  from,
  map,
  pipe,
  tap,
  type MonoTypeOperatorFunction,
  type Observable,
} from 'rxjs';
import { expect } from 'vitest';
import type { DeadLetter, Result } from '../../src/core/options.ts';
import type { ItemContext } from '../../src/core/slot.ts';
import { workerPool } from '../../src/operators/workerPool.ts';
import { fromIterable } from '../../src/sources/fromIterable.ts';
import { hold } from './hold.ts';
import { Probe } from './Probe.ts';
import { TestFlow } from './TestFlow.ts';
import { violations } from './violations.ts';

/** What the stage function gives back for an item. Promises and subjects are settled by commands. */
export type Kind = 'value' | 'throw' | 'empty' | 'many' | 'pausable' | 'async pausable' | 'promise' | 'subject';

/** Something that happens to the flow. The number picks one of those it may happen to, or says how many. */
export type Command =
  | ['open' | 'close' | 'end' | 'break' | 'unsubscribe']
  | ['allow' | 'emit' | 'finish' | 'fail' | 'push' | 'limit' | 'letter', number];

/** Commands by the index of the item or value at which they happen. */
export type Script = Readonly<Record<number, readonly Command[]>>;

export interface Schedule {
  readonly source: 'sync' | 'async' | 'subject';
  readonly items: number;
  /** Of the items in turn. */
  readonly kinds: readonly Kind[];
  readonly concurrency: number;
  readonly isDynamic: boolean;
  readonly capacity: number | undefined;
  readonly order: 'completion' | 'input';
  readonly onError: 'stop' | 'skip' | 'emit' | 'deadLetter' | 'slow deadLetter';
  /** Happen one after the other, from outside. */
  readonly commands: readonly Command[];
  /** Happen inside the source, the stage function, the consumer. */
  readonly whileProducing: Script;
  readonly whileStarting: Script;
  readonly whileConsuming: Script;
}

interface Work {
  readonly index: number;
  readonly kind: Kind;
  readonly context: ItemContext;
  state: 'running' | 'letter' | 'done' | 'failed';
  /** Values that the stage has been given, and the failure if that is one too; in that order. */
  readonly given: string[];
  readonly subject?: Subject<string>;
  settle?: (value: string | Error) => void;
  /** Lets a slow dead letter end. */
  taken?: () => void;
}

const VALUES_EACH = 6;

/** One flow of a pool under a schedule, with everything that has to hold of it at each moment. */
export class PoolRun {
  readonly probe: Probe<string | Result<string, number>>;
  readonly #flow = new TestFlow();
  readonly #schedule: Schedule;
  readonly #works: Work[] = [];
  readonly #pushes = new Subject<number>();
  readonly #limits: BehaviorSubject<number>;
  /** All values in the order in which the stage was given them. */
  readonly #given: string[] = [];
  #limit: number;
  #produced = 0;
  #sourceEnded = false;
  #failure: { error: unknown } | undefined;
  #unsubscribed = false;

  constructor(schedule: Schedule) {
    this.#schedule = schedule;
    this.#limits = new BehaviorSubject(schedule.concurrency);
    this.#limit = schedule.concurrency;
    this.probe = new Probe(this.#flow);
    this.probe.onNext = () => {
      this.#flow.check();
      this.perform(schedule.whileConsuming[this.probe.values.length - 1]);
    };
    this.probe.onEnd = () => this.#checkSignals();
  }

  get isOver(): boolean {
    return this.probe.ended !== undefined || this.#unsubscribed;
  }

  get #bound(): number {
    return this.#limit + (this.#schedule.capacity ?? 2 * this.#limit);
  }

  start(): void {
    const { isDynamic, concurrency, capacity, order, onError } = this.#schedule;
    const stage = workerPool<number, string>((item, context) => this.#begin(item, context), {
      name: 'stage',
      concurrency: isDynamic ? this.#limits : concurrency,
      capacity,
      order,
      onError: (onError.endsWith('deadLetter')
        ? { deadLetter: (letter: DeadLetter<number>) => this.#letter(letter) }
        : onError) as 'skip',
    });
    this.probe.subscribe(this.#source().pipe(stage));
  }

  perform(commands: readonly Command[] = []): void {
    for (const [name, n = 0] of commands) {
      if (name === 'open') this.probe.open();
      else if (name === 'close') this.probe.close();
      else if (name === 'allow') this.probe.allow(n + 1);
      else if (name === 'emit') this.#pick(n, ({ subject }) => subject !== undefined)?.subject!.next('');
      else if (name === 'finish') finish(this.#pick(n, isManual));
      else if (name === 'fail') fail(this.#pick(n, isManual));
      else if (name === 'push') for (let i = 0; i < n; i++) this.#push();
      else if (name === 'end') this.#endSource();
      else if (name === 'break') this.#breakSource();
      else if (name === 'limit') this.#setLimit(n);
      else if (name === 'letter') this.#pick(n, ({ taken }) => taken !== undefined, 'letter')?.taken!();
      else this.#unsubscribe();
      this.#flow.check();
    }
  }

  /** Expects what must be the case whenever nothing more happens by itself. */
  expectRest(): void {
    this.#flow.check();
    hold(violations.splice(0), [], 'violations');
    if (this.isOver) return this.#expectReleased();
    const { probe } = this;
    const { source, isDynamic } = this.#schedule;
    const { held, telemetry, gate } = this.#flow.node('stage');
    const running = this.#running();
    const waiting = telemetry.in - this.#works.length;
    if (source !== 'subject' && !isDynamic)
      hold(held <= this.#bound, true, `${held} held, where ${this.#bound} may be`);
    this.#expectInnersHeldBack();
    this.#expectOrderWithinItems();
    hold(telemetry.out, probe.values.length, 'out');
    if (!probe.gate.isOpen) return;
    hold(waiting === 0 || running >= this.#limit, true, `${waiting} wait, ${running} of ${this.#limit} run`);
    hold(this.#delivered(), this.#deliverable(), 'delivered');
    if (this.#sourceEnded && waiting + running === 0) hold(probe.ended, 'completed', 'end');
    if (source === 'sync' && !this.#sourceEnded) hold(gate!.isOpen, false, 'the gate, with a source that stands still');
  }

  /** Lets everything go its way to the end. */
  async finish(): Promise<void> {
    for (let round = 0; !this.isOver; round++) {
      if (round > 500) expect.fail('the flow does not end');
      this.perform([['limit', 2], ['open'], ['end'], ['letter', 0], ['finish', 0]]);
      await atRest();
      this.expectRest();
    }
  }

  #source(): Observable<number> {
    const { source, items } = this.#schedule;
    if (source === 'subject') return this.#pushes;
    const produce = () => this.#produce();
    const end = () => {
      this.#sourceEnded = true;
    };
    if (source === 'sync') {
      return fromIterable(function* () {
        for (let i = 0; i < items; i++) yield produce();
        end();
      });
    }
    return fromIterable(async function* () {
      for (let i = 0; i < items; i++) {
        await Promise.resolve();
        yield produce();
      }
      end();
    });
  }

  #produce(): number {
    if (this.#schedule.source === 'sync') {
      if (this.isOver) violations.push('the source goes on after the end');
      const { held, gate } = this.#flow.node('stage');
      if (held >= this.#bound || !gate!.isOpen)
        violations.push(`a new item while the stage holds ${held} of ${this.#bound}`);
      this.perform(this.#schedule.whileProducing[this.#produced]);
    }
    return this.#produced++;
  }

  #push(): void {
    if (this.#schedule.source === 'subject' && !this.#sourceEnded) this.#pushes.next(this.#produced++);
  }

  #endSource(): void {
    if (this.#schedule.source !== 'subject' || this.#sourceEnded) return;
    this.#sourceEnded = true;
    this.#pushes.complete();
  }

  #breakSource(): void {
    if (this.#schedule.source !== 'subject' || this.#sourceEnded || this.isOver) return;
    this.#sourceEnded = true;
    this.#failure = { error: new Error('source') };
    this.#pushes.error(this.#failure.error);
    if (this.probe.ended !== 'failed') violations.push('G6: an error waits');
  }

  #setLimit(limit: number): void {
    if (!this.#schedule.isDynamic || this.isOver) return;
    this.#limit = limit;
    this.#limits.next(limit);
  }

  #unsubscribe(): void {
    if (this.isOver) return;
    this.#unsubscribed = true;
    this.probe.unsubscribe();
    this.#checkSignals();
  }

  /** The stage function. */
  #begin(item: number, context: ItemContext): never {
    const { kinds, whileStarting } = this.#schedule;
    const kind = kinds[item % kinds.length]!;
    if (this.isOver) violations.push('R-40: an item starts after the end');
    if (!this.probe.gate.isOpen) violations.push('G5: an item starts while the gate below is closed');
    if (context.index !== this.#works.length) violations.push(`item ${item} has the index ${context.index}`);
    const subject = kind === 'subject' ? { subject: new Subject<string>() } : {};
    const work: Work = { index: item, kind, context, state: 'running', given: [], ...subject };
    this.#works.push(work);
    // Read early for one half of the items, and late for the other.
    if (item % 2 === 0 && context.signal.aborted) violations.push('a signal has aborted before the end');
    if (this.#running() > this.#limit) violations.push(`${this.#running()} run, where ${this.#limit} may`);
    const output = this.#outputOf(work);
    this.perform(whileStarting[item]);
    if (kind === 'value') return this.#give(work, 'done') as never;
    if (kind === 'throw') {
      const error = new Error(`item ${item}`);
      this.#noteFailed(work, error);
      throw error;
    }
    return output as never;
  }

  #outputOf(work: Work): unknown {
    const { kind, subject } = work;
    const values = Array.from({ length: VALUES_EACH }, () => '');
    if (kind === 'empty') return EMPTY.pipe(this.#inner(work));
    if (kind === 'many') return from(values).pipe(this.#inner(work));
    if (kind === 'pausable') return fromIterable(values).pipe(this.#inner(work));
    if (kind === 'subject') return subject!.pipe(this.#inner(work));
    if (kind === 'promise') return this.#promise(work);
    if (kind === 'value' || kind === 'throw') return undefined;
    return fromIterable(async function* () {
      yield* values;
    }).pipe(this.#inner(work));
  }

  /** Notes what the stage is given, just before it is. */
  #inner(work: Work): MonoTypeOperatorFunction<string> {
    return pipe(
      tap({
        error: (error: unknown) => this.#noteFailed(work, error),
        complete: () => {
          work.state = 'done';
        },
      }),
      map(() => {
        if (this.isOver || work.state !== 'running') violations.push(`item ${work.index} goes on after its end`);
        return this.#give(work, 'running');
      }),
    );
  }

  #promise(work: Work): Promise<string> {
    const promise = new Promise<string>((resolve, reject) => {
      work.settle = (value) => {
        if (typeof value === 'string') resolve(value);
        else reject(value);
      };
    });
    // Its own `then`, so that what the stage is told is noted just before it is told.
    const { then } = promise;
    // oxlint-disable-next-line unicorn/no-thenable -- It is a promise.
    promise.then = ((done: (value: string) => void, failed: (error: unknown) => void) =>
      then.call(
        promise,
        () => done(this.#give(work, 'done')),
        (error: unknown) => {
          this.#noteFailed(work, error);
          failed(error);
        },
      )) as never;
    return promise;
  }

  #give(work: Work, state: 'running' | 'done'): string {
    const text = `${work.index}.${work.given.length}`;
    if (!this.isOver) {
      work.given.push(text);
      this.#given.push(text);
    }
    work.state = state;
    return text;
  }

  #noteFailed(work: Work, error: unknown): void {
    work.state = 'failed';
    const { onError } = this.#schedule;
    if (this.isOver) return;
    if (onError === 'stop') this.#failure ??= { error };
    if (onError !== 'emit') return;
    work.given.push(`${work.index} failed`);
    this.#given.push(`${work.index} failed`);
  }

  #letter({ item, attempts, stage }: DeadLetter<number>): void | Promise<void> {
    if (attempts !== 1 || stage !== 'stage') violations.push('a wrong dead letter');
    if (this.#schedule.onError === 'deadLetter') return;
    const work = this.#works[item]!;
    work.state = 'letter';
    return new Promise<void>((resolve) => {
      work.taken = () => {
        // The stage hears of it in the same turn of the event loop.
        work.state = 'failed';
        resolve();
      };
    });
  }

  #running(): number {
    return this.#works.filter(({ state }) => state === 'running' || state === 'letter').length;
  }

  #pick(n: number, fits: (work: Work) => boolean, state: Work['state'] = 'running'): Work | undefined {
    if (this.isOver) return undefined;
    const candidates = this.#works.filter((work) => work.state === state && fits(work));
    return candidates[n % candidates.length];
  }

  #delivered(): string[] {
    return this.probe.values.map((value) =>
      typeof value === 'string' ? value : value.ok ? value.value : `${value.item} failed`,
    );
  }

  /** What must have left by now, in that order. */
  #deliverable(): string[] {
    if (this.#schedule.order === 'completion') return this.#given;
    const firstRunning = this.#works.findIndex(({ state }) => state === 'running' || state === 'letter');
    const works = firstRunning === -1 ? this.#works : this.#works.slice(0, firstRunning + 1);
    return works.flatMap(({ given }) => given);
  }

  #expectOrderWithinItems(): void {
    const delivered = this.#delivered();
    for (const { index, given } of this.#works) {
      const own = delivered.filter((text) => text.startsWith(`${index}.`) || text.startsWith(`${index} `));
      hold(own, given.slice(0, own.length), `of item ${index}`);
    }
  }

  /** An inner that can be paused gives at most one value too many; in input order those behind the first fill the bound. */
  #expectInnersHeldBack(): void {
    const { order, concurrency, isDynamic } = this.#schedule;
    const delivered = new Set(this.#delivered());
    const kept = this.#works
      .filter(({ kind }) => kind.includes('pausable'))
      .map(({ given }) => given.filter((text) => !delivered.has(text)).length);
    const sum = kept.reduce((a, b) => a + b, 0);
    const most = order === 'completion' ? 1 : isDynamic ? Infinity : this.#bound + concurrency;
    hold(sum <= most, true, `${sum} values kept, where ${most} may be`);
  }

  /** As soon as the end is told, or the subscription given up. */
  #checkSignals(): void {
    for (const { state, context, index } of this.#works) {
      if ((state === 'running' || state === 'letter') && !context.signal.aborted)
        violations.push(`the signal of item ${index} has not aborted`);
    }
  }

  #expectReleased(): void {
    const { probe } = this;
    hold(probe.isClosed, true, 'the subscription is over');
    if (probe.ended === 'failed') hold(probe.error, this.#failure?.error, 'R-30');
    hold([probe.gate.waiting, probe.gate.attached], [0, 0], 'waiters, and attached');
    hold(
      [...this.#flow.live].map(({ name }) => name),
      [],
      'stages that go on',
    );
    const subjects = [this.#pushes, this.#limits, ...this.#works.flatMap(({ subject }) => subject ?? [])];
    hold(
      subjects.some(({ observed }) => observed),
      false,
      'subjects that are observed',
    );
    const { telemetry, held } = this.#flow.node('stage');
    hold([telemetry.out, held], [probe.values.length, 0], 'out, held');
    this.#expectOrderWithinItems();
    if (probe.ended !== 'completed') return;
    hold(this.#delivered(), this.#deliverable(), 'delivered at the end');
    hold(telemetry.abandoned, 0, 'abandoned');
  }
}

function isManual({ subject, settle }: Work): boolean {
  return subject !== undefined || settle !== undefined;
}

function finish(work: Work | undefined): void {
  work?.subject?.complete();
  work?.settle?.('');
}

function fail(work: Work | undefined): void {
  const error = new Error(`item ${work?.index}`);
  work?.subject?.error(error);
  work?.settle?.(error);
}

/** Settles once no promise can do anything more by itself. */
export function atRest(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
