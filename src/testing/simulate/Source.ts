import { Observable, map, type Subscriber } from 'rxjs';
import { gateBelow } from '../../core/demand.ts';
import type { Gate } from '../../core/gate.ts';
import { iterate } from '../../core/iterate.ts';
import type { Item } from './Item.ts';
import type { Scene } from './Scene.ts';

/** The source of one run: gives the items of the schedule, and sees whether the operator holds it back in time. */
export class Source {
  readonly items$: Observable<number>;
  /** What the operator's gate says, once it is subscribed. */
  gate: Gate | undefined;
  /** Whether it has come to its end, or been made to. */
  isEnded = false;
  /** Whether it is subscribed. */
  isSubscribed = false;
  readonly #scene: Scene;
  #next = 0;
  /** How many items are on their way into the operator at this moment, one inside the other. */
  #depth = 0;
  #subscriber: Subscriber<number> | undefined;

  constructor(scene: Scene) {
    this.#scene = scene;
    const { source } = scene.schedule;
    const raw = new Observable<number>((subscriber) => {
      if (this.#subscriber !== undefined) scene.journal.break('conservation', 'the source is subscribed twice');
      this.#subscriber = subscriber;
      this.isSubscribed = true;
      subscriber.add(() => (this.isSubscribed = false));
      this.gate = gateBelow(subscriber);
      if (source === 'hot') this.#pushWhatIsDue(subscriber);
      else iterate(source === 'sync' ? this.#sync() : this.#async(), subscriber, { name: 'simulated source' });
    });
    // Noted where it leaves, so that what waits in an async iterator has not been sent.
    this.items$ = raw.pipe(map((index) => this.#send(index)));
  }

  /** Whether it could go on and does not. */
  get standsStill(): boolean {
    return this.#scene.schedule.source === 'sync' && this.isSubscribed && !this.isEnded && this.gate?.isOpen === true;
  }

  /** Sends the next item now, if nothing can hold it back. */
  push(): void {
    if (this.#scene.schedule.source !== 'hot' || this.isEnded) return;
    const item = this.#take();
    if (item === undefined) return;
    this.#depth++;
    this.#subscriber?.next(item.index);
    this.#depth--;
  }

  /** Ends, wherever it is. */
  end(): void {
    if (this.isEnded || !this.isSubscribed) return;
    this.isEnded = true;
    this.#scene.journal.note(() => 'the source completes');
    this.#subscriber!.complete();
  }

  /** Fails, wherever it is. */
  fail(): void {
    if (this.isEnded || !this.isSubscribed) return;
    this.isEnded = true;
    const error = this.#failure();
    this.#subscriber!.error(error);
  }

  #sync(): Iterable<number> {
    const next = (): IteratorResult<number> => {
      this.#asked();
      this.#scene.perform('source', this.#next);
      const item = this.#take();
      if (item !== undefined) return { done: false, value: item.index };
      return this.#atEnd();
    };
    return { [Symbol.iterator]: () => ({ next, return: () => DONE }) };
  }

  #async(): AsyncIterable<number> {
    const next = (): Promise<IteratorResult<number>> => {
      this.#asked();
      return new Promise((resolve, reject) => {
        const answer = (): void => {
          if (!this.isSubscribed) return resolve(DONE);
          this.#scene.perform('source', this.#next);
          const item = this.#take();
          if (item !== undefined) return resolve({ done: false, value: item.index });
          if (this.#scene.schedule.ending === 'silence') return;
          try {
            resolve(this.#atEnd());
          } catch (error) {
            reject(error);
          }
        };
        this.#scene.clock.after(this.#upcoming?.task.gap ?? 0, answer);
      });
    };
    return { [Symbol.asyncIterator]: () => ({ next, return: () => Promise.resolve(DONE) }) };
  }

  /** Items without a gap follow in the same call. */
  #pushWhatIsDue(subscriber: Subscriber<number>): void {
    for (;;) {
      if (this.isEnded || subscriber.closed) return;
      const item = this.#upcoming;
      if (item === undefined) return this.#endHot(subscriber);
      if (item.task.gap > 0) break;
      this.#scene.perform('source', this.#next);
      this.push();
    }
    const { clock } = this.#scene;
    clock.after(this.#upcoming!.task.gap, () => {
      if (this.isEnded || subscriber.closed) return;
      this.#scene.perform('source', this.#next);
      this.push();
      this.#pushWhatIsDue(subscriber);
    });
  }

  #endHot(subscriber: Subscriber<number>): void {
    const { ending, source } = this.#scene.schedule;
    if (ending === 'silence' && source === 'hot') return;
    this.isEnded = true;
    if (ending === 'error') subscriber.error(this.#failure());
    else {
      this.#scene.journal.note(() => 'the source completes');
      subscriber.complete();
    }
  }

  get #upcoming(): Item | undefined {
    return this.#scene.items.all[this.#next];
  }

  #take(): Item | undefined {
    const item = this.#upcoming;
    this.#next++;
    return item;
  }

  #atEnd(): IteratorResult<number> {
    if (this.isEnded) return DONE;
    this.isEnded = true;
    if (this.#scene.schedule.ending === 'error') throw this.#failure();
    this.#scene.journal.note(() => 'the source completes');
    return DONE;
  }

  #failure(): Error {
    const error = new Error('the source failed');
    this.#scene.failures.push(error);
    this.#scene.journal.note(() => 'the source fails');
    return error;
  }

  /** What must hold when a source that can be held back is asked for its next item. */
  #asked(): void {
    const { journal, isOver } = this.#scene;
    if (isOver) journal.break('after the end', 'the source is asked for an item after the end');
    else if (this.gate?.isOpen === false) journal.break('gate', 'the source is asked for an item at a closed gate');
    else this.#checkRoom();
  }

  #send(index: number): number {
    const { items, journal, schedule, isOver } = this.#scene;
    // One more may come from a sync source, since what happens inside it may close the gate; and one from inside another,
    // which a gate sees only once it is in.
    const isFirst = schedule.source === 'async' || (schedule.source === 'hot' && this.#depth === 1);
    if (isFirst && this.gate?.isOpen === true && !isOver) this.#checkRoom();
    const item = items.all[index]!;
    journal.note(() => `item ${index} is sent${this.gate?.isOpen === false ? ', at a closed gate' : ''}`);
    item.state = 'sent';
    return index;
  }

  /** An open gate says that there is room for one more. */
  #checkRoom(): void {
    const { items, journal, bound, rules } = this.#scene;
    const most = rules.drops ? bound : Math.max(bound - 1, 0);
    const { held } = items;
    if (held > most) journal.break('bound', `the gate is open while ${held} items are held, where ${bound} may be`);
  }
}

const DONE: IteratorResult<number> = { done: true, value: undefined };
