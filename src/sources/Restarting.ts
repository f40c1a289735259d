import { Subscription, take, type ObservableInput, type Subscriber } from 'rxjs';
import { after, now } from '../core/clock.ts';
import { gateBelow, setSubscribing } from '../core/demand.ts';
import { wrongType } from '../core/errors.ts';
import type { Gate } from '../core/gate.ts';
import { hooks } from '../core/hooks.ts';
import { InletSubscriber } from '../core/operate.ts';
import { safely } from '../core/safely.ts';
import type { Restart, RestartableOptions } from './restartable.ts';
import { sourceOf } from './sourceOf.ts';

/** The checked options of `restartable`. */
export interface RestartingSettings {
  readonly backoff: RestartableOptions['backoff'];
  readonly max: number;
  readonly resetAfter: number;
  readonly restartsOnComplete: boolean;
  readonly onRestart: RestartableOptions['onRestart'];
}

/** One subscription of `restartable`: the source that runs, or the wait for the next. */
export class Restarting<T> {
  readonly #factory: () => ObservableInput<T>;
  readonly #settings: RestartingSettings;
  readonly #subscriber: Subscriber<T>;
  readonly #below: Gate;
  #count = 0;
  #began = 0;
  /** Whether a source is to be started. */
  #isDue = true;
  #isLooping = false;
  /** How many sources have been started in a row, and until when that may go on. */
  #inTurn = 0;
  #turnEnds = 0;

  constructor(factory: () => ObservableInput<T>, settings: RestartingSettings, subscriber: Subscriber<T>) {
    this.#factory = factory;
    this.#settings = settings;
    this.#subscriber = subscriber;
    // Later on nobody could tell what was being subscribed when this was.
    this.#below = gateBelow(subscriber);
    this.#beginTurn();
  }

  /** Starts the source, and starts it again for as long as that needs no waiting: in a loop, so that the stack does not grow. */
  start(): void {
    if (this.#isLooping) return;
    this.#isLooping = true;
    try {
      while (this.#isDue && !this.#subscriber.closed) {
        this.#isDue = false;
        this.#inTurn++;
        this.#run();
      }
    } catch (error) {
      // What the factory throws.
      this.#subscriber.error(error);
    } finally {
      this.#isLooping = false;
    }
  }

  #run(): void {
    this.#began = now();
    const made: unknown = this.#factory();
    // The factory may have ended the subscription.
    if (this.#subscriber.closed) return;
    const source = sourceOf(made);
    if (source === undefined) {
      throw wrongType('restartable', 'result of factory', 'an Observable, a promise, an iterable or the like', made);
    }
    const inlet = new InletSubscriber<unknown, T>(this.#subscriber);
    const end = (restart: Omit<Restart, 'count'>): void => {
      // What comes after it begins when it has been left.
      safely(
        () => inlet.unsubscribe(),
        (thrown) => (this.#below.flow ?? hooks).lateError(thrown, 'restartable'),
      );
      this.#ended(restart);
    };
    inlet.connect({
      next: (value) => this.#subscriber.next(value as T),
      error: (error) => end({ ended: 'failed', error }),
      complete: () => {
        if (this.#settings.restartsOnComplete) end({ ended: 'completed', error: undefined });
        else this.#subscriber.complete();
      },
    });
    const outer = setSubscribing(this.#below);
    try {
      source.subscribe(inlet);
    } finally {
      setSubscribing(outer);
    }
  }

  #ended({ ended, error }: Omit<Restart, 'count'>): void {
    const { max, resetAfter, onRestart, backoff } = this.#settings;
    if (now() - this.#began >= resetAfter) this.#count = 0;
    if (this.#count >= max) {
      if (ended === 'failed') this.#subscriber.error(error);
      else this.#subscriber.complete();
      return;
    }
    const count = ++this.#count;
    const outer = setSubscribing(undefined);
    try {
      onRestart?.({ count, ended, error });
      if (this.#subscriber.closed) return;
      if (typeof backoff === 'number') this.#wait(backoff);
      else {
        const notifier = backoff(error, count);
        if (!this.#subscriber.closed) this.#waitFor(notifier);
      }
    } catch (thrown) {
      this.#subscriber.error(thrown);
    } finally {
      setSubscribing(outer);
    }
  }

  #wait(ms: number): void {
    if (ms === 0 && (this.#inTurn < IN_TURN || now() < this.#turnEnds)) return this.#again();
    const waiting = new Subscription();
    this.#subscriber.add(waiting);
    waiting.add(
      after(ms, () => {
        waiting.unsubscribe();
        this.#beginTurn();
        this.#again();
      }),
    );
  }

  /** The event loop has come round. */
  #beginTurn(): void {
    this.#turnEnds = now() + TURN;
    this.#inTurn = 0;
  }

  #waitFor(notifier: unknown): void {
    const source = sourceOf(notifier);
    if (source === undefined) {
      throw wrongType(
        'restartable',
        'result of backoff',
        'an Observable, a promise, an iterable or the like',
        notifier,
      );
    }
    let isTold = false;
    const waiting = new Subscription();
    this.#subscriber.add(waiting);
    waiting.add(
      source.pipe(take(1)).subscribe({
        next: () => (isTold = true),
        error: (error: unknown) => this.#subscriber.error(error),
        complete: () => {
          waiting.unsubscribe();
          if (isTold) this.#wait(0);
          else this.#subscriber.complete();
        },
      }),
    );
  }

  #again(): void {
    this.#isDue = true;
    this.start();
  }
}

/**
 * For how many milliseconds sources are started one after the other, and how many at least, before the event loop has its turn.
 */
const TURN = 10;
const IN_TURN = 100;
