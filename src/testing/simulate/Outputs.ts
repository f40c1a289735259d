import { Observable, type Subscriber } from 'rxjs';
import type { StageOutput } from '../../core/execute.ts';
import { iterate } from '../../core/iterate.ts';
import type { Item } from './Item.ts';
import type { Scene } from './Scene.ts';
import { beforeTold, stubborn, untilAborted } from './promises.ts';

/** Whom an output tells, before it tells the operator. */
export interface OutputListener {
  /** It gives one value, which has the name that is given back; `state` says whether more will come. */
  give(item: Item, state: 'running' | 'done'): string;
  /** It ends. */
  finish(item: Item): void;
  /** It fails, with the error that is given back. */
  fail(item: Item): Error;
}

/** Makes what the function gives back for an item: a promise, an Observable or an async iterable that does what the schedule says. */
export class Outputs {
  readonly #scene: Scene;
  readonly #work: OutputListener;

  constructor(scene: Scene, work: OutputListener) {
    this.#scene = scene;
    this.#work = work;
  }

  /** Begins the work on an item. */
  of(item: Item): StageOutput<string> {
    const { kind } = item.task;
    if (kind === 'observable' || kind === 'failing observable' || kind === 'silence') return this.#inner(item);
    if (kind === 'burst') return this.#burst(item);
    if (kind === 'pausable') return this.#pausable(item);
    if (kind === 'iterable') return this.#iterable(item);
    if (kind === 'value' || kind === 'throw') return '';
    const { promise, settle } = kind === 'stubborn' ? stubborn<string>() : untilAborted<string>(item.context?.signal);
    beforeTold(promise, () => item.told?.());
    this.#endAfter(item, item.task.duration, () => {
      if (kind === 'rejection') settle.reject(this.#work.fail(item));
      else settle.resolve(this.#work.give(item, 'done'));
    });
    return promise;
  }

  /** A `settle` from outside may come first; what has ended does not end again. */
  #endAfter(item: Item, frames: number, end: () => void): void {
    const once = (): void => {
      timer?.unsubscribe();
      if (item.state === 'running') end();
    };
    const endless = item.task.kind === 'never' || item.task.kind === 'silence';
    const timer = endless ? undefined : this.#scene.clock.after(frames, once);
    if (!endless) item.settle = once;
  }

  /** Gives its values one after the other, whatever the gate says. */
  #inner(item: Item): Observable<string> {
    const { kind, duration, values } = item.task;
    return this.#opened(item, (subscriber) => {
      const count = kind === 'silence' ? 0 : values;
      for (let i = 0; i < count; i++) {
        const timer = this.#scene.clock.after((i + 1) * duration, () =>
          subscriber.next(this.#work.give(item, 'running')),
        );
        subscriber.add(timer);
      }
      this.#endAfter(item, (values + 1) * duration, () => {
        if (subscriber.closed) return;
        if (kind === 'failing observable') subscriber.error(this.#work.fail(item));
        else {
          this.#work.finish(item);
          subscriber.complete();
        }
      });
    });
  }

  #burst(item: Item): Observable<string> {
    return this.#opened(item, (subscriber) => {
      for (let i = 0; i < item.task.values; i++) {
        if (subscriber.closed) return;
        subscriber.next(this.#work.give(item, 'running'));
      }
      if (subscriber.closed) return;
      this.#work.finish(item);
      subscriber.complete();
    });
  }

  #pausable(item: Item): Observable<string> {
    let left = item.task.values;
    const next = (): IteratorResult<string> => {
      if (left-- > 0) return { done: false, value: this.#work.give(item, 'running') };
      this.#work.finish(item);
      return { done: true, value: undefined };
    };
    const iterable = { [Symbol.iterator]: () => ({ next }) };
    return this.#opened(item, (subscriber) => iterate(iterable, subscriber, { name: 'simulated task' }));
  }

  #opened(item: Item, subscribe: (subscriber: Subscriber<string>) => void): Observable<string> {
    return new Observable((subscriber) => {
      if (item.isOpen)
        this.#scene.journal.break('conservation', `the output of item ${item.index} is subscribed twice`);
      item.isOpen = true;
      subscriber.add(() => (item.isOpen = false));
      subscribe(subscriber);
    });
  }

  #iterable(item: Item): AsyncIterable<string> {
    let left = item.task.values;
    const close = (): void => {
      item.isOpen = false;
    };
    const next = (): Promise<IteratorResult<string>> =>
      new Promise((resolve) => {
        this.#scene.clock.after(item.task.duration, () => {
          if (left-- > 0 && item.isOpen) return resolve({ done: false, value: this.#work.give(item, 'running') });
          if (item.isOpen) this.#work.finish(item);
          close();
          resolve({ done: true, value: undefined });
        });
      });
    const iterator = (): AsyncIterator<string> => {
      item.isOpen = true;
      return {
        next,
        return: () => {
          close();
          return Promise.resolve({ done: true, value: undefined });
        },
      };
    };
    return { [Symbol.asyncIterator]: iterator };
  }
}
