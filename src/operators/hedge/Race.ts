import type { Observable, Subscriber } from 'rxjs';
import { after, now, type Timer } from '../../core/clock.ts';
import { setSubscribing } from '../../core/demand.ts';
import { hooks } from '../../core/hooks.ts';
import { Waiter, type Gate } from '../../core/gate.ts';
import { InletSubscriber, type Inlet, type OperatorConnection } from '../../core/operate.ts';
import type { Budget } from '../../sync/Budget.ts';
import type { RecentDurations } from './RecentDurations.ts';

/** Checked options of `hedge`. */
export interface HedgeSettings {
  /** After how many milliseconds, or the durations of which a quantile says it. */
  readonly after: number | RecentDurations;
  readonly max: number;
  readonly budget: Budget;
}

/** Something that runs and can be given up. */
interface Attempt {
  unsubscribe(): void;
}

/** One subscription of `hedge`: one call, and its attempts, of which the first that answers wins. */
export class Race<T> {
  readonly #source: Observable<T>;
  readonly #settings: HedgeSettings;
  readonly #out: Subscriber<T>;
  readonly #below: Gate;
  readonly #began: number;
  readonly #running = new Set<Attempt>();
  #attempts = 1;
  #winner: Attempt | undefined;
  #timer: Timer | undefined;
  /** Stands in the queue of the gate below while that is closed and the time is up. */
  #waiter: Waiter | undefined;

  constructor(source: Observable<T>, settings: HedgeSettings, { out, below }: OperatorConnection<T>) {
    this.#source = source;
    this.#settings = settings;
    this.#out = out;
    this.#below = below;
    this.#began = typeof settings.after === 'number' ? 0 : now();
    settings.budget.earn();
  }

  /** The first attempt, which the operator itself subscribes. */
  first(attempt: Attempt): Inlet<T> {
    this.#running.add(attempt);
    this.#setTimer();
    return { ...this.#inlet(attempt), finalize: () => this.#stop() };
  }

  #inlet(attempt: Attempt): Inlet<T> {
    return {
      next: (value) => {
        if (this.#winner === undefined) this.#win(attempt);
        if (this.#winner === attempt) this.#out.next(value);
      },
      error: (error) => {
        this.#running.delete(attempt);
        if (this.#winner === attempt || this.#running.size === 0) this.#fail(error);
      },
      complete: () => {
        if (this.#winner === undefined) this.#win(attempt);
        if (this.#winner === attempt) this.#out.complete();
      },
    };
  }

  /** The others are over before anyone hears of the answer. */
  #win(winner: Attempt): void {
    this.#winner = winner;
    this.#stop();
    const { after: delay } = this.#settings;
    // Where the answer had to wait for the gate below, the time says nothing about who answered. All the call counts, not the
    // attempt: otherwise the slow ones, which lose, would never count, and the quantile would fall with each hedge.
    if (typeof delay !== 'number' && this.#waiter === undefined && this.#below.isOpen)
      delay.record(now() - this.#began);
    for (const attempt of this.#running) {
      if (attempt === winner) continue;
      try {
        attempt.unsubscribe();
      } catch (error) {
        // The answer must not be lost because a loser does not end well.
        (this.#below.flow ?? hooks).lateError(error, 'hedge');
      }
    }
    this.#running.clear();
  }

  #fail(error: unknown): void {
    this.#stop();
    this.#out.error(error);
  }

  #setTimer(): void {
    const { after: delay, max } = this.#settings;
    const ms = typeof delay === 'number' ? delay : delay.value;
    if (this.#attempts < max && ms !== undefined) this.#timer = after(ms, () => this.#isDue());
  }

  #stop(): void {
    this.#timer?.unsubscribe();
    this.#timer = undefined;
    this.#stopWaiting();
  }

  #isDue(): void {
    if (!this.#below.isOpen) this.#wait();
    else if (this.#settings.budget.trySpend()) {
      this.#attempts++;
      this.#setTimer();
      this.#begin();
    }
  }

  /** Nobody wants an answer now, so that none is late: the time begins again when somebody does. */
  #wait(): void {
    this.#waiter ??= new Waiter(() => {
      this.#below.attached--;
      this.#setTimer();
    });
    this.#below.attach();
    this.#below.wait(this.#waiter);
  }

  #stopWaiting(): void {
    if (this.#waiter?.gate === undefined) return;
    this.#waiter.cancel();
    this.#below.attached--;
  }

  #begin(): void {
    const attempt = new InletSubscriber<T, T>(this.#out);
    attempt.connect(this.#inlet(attempt));
    this.#running.add(attempt);
    // As if it were subscribed where this operator was.
    const outer = setSubscribing(this.#below);
    try {
      this.#source.subscribe(attempt);
    } finally {
      setSubscribing(outer);
    }
  }
}
