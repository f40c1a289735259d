import type { Observable, OperatorFunction, Subscriber } from 'rxjs';
import { Gate } from '../../src/core/gate.ts';
import { operate, type Inlet } from '../../src/core/operate.ts';
import type { Flow } from '../../src/core/flow.ts';
import { violations } from './violations.ts';

/**
 * The lower end of a flow in a test: a gate to open and close by hand, and a record of what came through. It takes a value
 * only while its gate is open, and nothing after the end, or the test fails.
 */
export class Probe<T> {
  readonly gate: Gate;
  readonly values: T[] = [];
  /** How the flow ended. */
  ended: 'completed' | 'failed' | undefined;
  /** What it failed with. */
  error: unknown;
  /** Called with each value after it was recorded. */
  onNext: (value: T) => void = () => {};
  /** Called at the end, whichever it is. */
  onEnd: () => void = () => {};
  /** Whether values may come while the gate is closed, because something above cannot be paused. */
  takesOverrun = false;
  #allowed = Infinity;
  #isTaking = false;
  #out: Subscriber<T> | undefined;

  constructor(flow?: Flow) {
    this.gate = new Gate(flow);
  }

  /** Subscribes `source` above this probe. */
  subscribe(source: Observable<T>): this {
    source.pipe(this.operator()).subscribe({
      error: (error: unknown) => {
        this.error = error;
        this.#end('failed');
      },
      complete: () => this.#end('completed'),
    });
    return this;
  }

  /** Opens the gate for `count` values; then it closes itself. */
  allow(count: number): void {
    this.#allowed = count;
    this.gate.open();
  }

  open(): void {
    this.#allowed = Infinity;
    this.gate.open();
  }

  close(): void {
    this.gate.close();
  }

  /** The probe as a part of a flow that goes on below it. */
  operator(): OperatorFunction<T, T> {
    return operate(({ out }) => {
      this.#out = out;
      return this.#inlet(out);
    });
  }

  /** Ends the subscription, also from within it before `subscribe` has returned. */
  unsubscribe(): void {
    this.#out?.unsubscribe();
  }

  /** Whether the subscription is over and torn down. */
  get isClosed(): boolean {
    return this.#out?.closed === true;
  }

  #inlet(out: Subscriber<T>): Inlet<T> {
    return {
      gate: this.gate,
      next: (value) => {
        if (this.ended !== undefined) violations.push(`${String(value)} after the flow ${this.ended}`);
        if (!this.gate.isOpen && !this.takesOverrun) violations.push(`${String(value)} through a closed gate`);
        // each value is dealt with before the next one comes, for every observer below.
        if (this.#isTaking) violations.push(`${String(value)} inside another value`);
        this.#isTaking = true;
        this.values.push(value);
        if (--this.#allowed <= 0) this.gate.close();
        this.onNext(value);
        out.next(value);
        this.#isTaking = false;
      },
    };
  }

  #end(how: 'completed' | 'failed'): void {
    if (this.ended !== undefined) violations.push(`${how} after the flow ${this.ended}`);
    this.ended = how;
    this.onEnd();
  }
}
