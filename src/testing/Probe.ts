import type { Observable, OperatorFunction, Subscriber } from 'rxjs';
import type { Flow } from '../core/flow.ts';
import { Gate } from '../core/gate.ts';
import { operate, type Inlet } from '../core/operate.ts';

/**
 * The lower end of a flow in a test: a gate to open and close by hand, and a record of what came through.
 *
 * A value that comes through the closed gate, inside another value, or after the end is a {@link Probe.violations | violation}:
 * written down, since an assertion that throws inside a flow would become an error of the flow. A test ends by expecting that
 * there are none.
 *
 * @example
 * ```ts
 * const probe = new Probe<number>();
 * probe.close();
 * probe.subscribe(fromIterable([1, 2, 3]));
 * probe.allow(2);
 * probe.values; // [1, 2]
 * ```
 */
export class Probe<T> {
  /** What the flow above sees. */
  readonly gate: Gate;
  /** What came through, in order. */
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
  /** What must not happen and did. */
  readonly violations: string[];
  #allowed = Infinity;
  #isTaking = false;
  #out: Subscriber<T> | undefined;

  /** @internal `flow` and a list of violations that several probes share. */
  constructor(flow?: Flow, violations: string[] = []) {
    this.gate = new Gate(flow);
    this.violations = violations;
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

  /** Opens the gate until it is closed by hand. */
  open(): void {
    this.#allowed = Infinity;
    this.gate.open();
  }

  /** Closes the gate after the value that is under way. */
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
        if (this.ended !== undefined) this.violations.push(`${String(value)} after the flow ${this.ended}`);
        if (!this.gate.isOpen && !this.takesOverrun) this.violations.push(`${String(value)} through a closed gate`);
        // each value is dealt with before the next one comes, for every observer below.
        if (this.#isTaking) this.violations.push(`${String(value)} inside another value`);
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
    if (this.ended !== undefined) this.violations.push(`${how} after the flow ${this.ended}`);
    this.ended = how;
    this.onEnd();
  }
}
