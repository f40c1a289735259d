import { Observable, Subscriber, type OperatorFunction } from 'rxjs';
import { wrongType } from '../core/errors.ts';
import type { Flow } from '../core/flow.ts';
import { Gate } from '../core/gate.ts';
import { operate, type Inlet } from '../core/operate.ts';
import { checkCount, holds } from '../core/options.ts';
import { showValue } from './diagram/showValue.ts';

/**
 * Ends a flow in a test: it has a gate to open and close by hand, and records what comes through.
 *
 * ```
 * source: [1, 2, 3, 4]
 * calls:  close  subscribe  allow(2)  open
 * values:                   1 2       3 4|
 * ```
 *
 * - **Records** each value in {@link Probe.values}, and the end in {@link Probe.ended} and {@link Probe.error}.
 * - **Holds back** everything above while its gate is closed. It holds nothing itself. A new probe is open.
 * - **Completes** and **errors** with its source, whatever the gate says.
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
 *
 * One probe is for one flow: for a second subscription make a second probe. It keeps every value, so it is nothing for
 * tests of constant memory.
 *
 * @see `gated` of {@link marbles}, which is a gate drawn as marbles. {@link ProbeSource}, the upper end of a flow.
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
  /** Called with each value after it was recorded. It may use the probe, and end the subscription. */
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

  /**
   * Subscribes `source` above this probe.
   *
   * @throws TypeError if `source` is no Observable.
   */
  subscribe(source: Observable<T>): this {
    if (!holds(() => typeof source.pipe === 'function'))
      throw wrongType('subscribe', 'source', 'an Observable', source);
    const heard$ = new Observable<T>((out) => source.subscribe(new Ear(out, this.#late)));
    heard$.pipe(this.operator()).subscribe({
      error: (error: unknown) => {
        this.error = error;
        this.#end('failed');
      },
      complete: () => this.#end('completed'),
    });
    return this;
  }

  /**
   * Opens the gate for `count` values; then it closes itself. For 0 values it closes at once.
   *
   * @param count An integer of 0 or more, or `Infinity`. It replaces what was allowed before.
   * @throws TypeError or RangeError if it is anything else.
   */
  allow(count: number): void {
    this.#allowed = checkCount('allow', 'count', count, 0, true);
    if (count === 0) this.gate.close();
    else this.gate.open();
  }

  /** Opens the gate until it is closed by hand. */
  open(): void {
    this.allow(Infinity);
  }

  /** Closes the gate after the value that is under way. */
  close(): void {
    this.gate.close();
  }

  /** Makes the probe a part of a flow that goes on below it; the end is recorded where {@link Probe.subscribe} is used. */
  operator(): OperatorFunction<T, T> {
    return operate(({ out }) => {
      this.#out = out;
      return this.#inlet(out);
    });
  }

  /** Ends the subscription, also from within it before `subscribe` has returned. Does nothing if there is none. */
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
        if (!this.gate.isOpen && !this.takesOverrun) this.#violation(value, 'through a closed gate');
        // each value is dealt with before the next one comes, for every observer below.
        if (this.#isTaking) this.#violation(value, 'inside another value');
        this.#isTaking = true;
        try {
          this.values.push(value);
          if (--this.#allowed <= 0) this.gate.close();
          this.onNext(value);
          out.next(value);
        } finally {
          this.#isTaking = false;
        }
      },
    };
  }

  #violation(value: T, what: string): void {
    this.violations.push(`${typeof value === 'string' ? value : showValue(value)} ${what}`);
  }

  #end(how: 'completed' | 'failed'): void {
    this.ended = how;
    this.onEnd();
  }

  /** Takes note of what comes after the end, and says whether there has been one. */
  readonly #late = (what: string, value?: { readonly value: T }): boolean => {
    if (this.ended === undefined) return false;
    const text = `after the flow ${this.ended}`;
    if (value === undefined) this.violations.push(`${what} ${text}`);
    else this.#violation(value.value, text);
    return true;
  };
}

/** Hears what a subscriber of RxJS hides: what is sent after the end. */
class Ear<T> extends Subscriber<T> {
  readonly #late: (what: string, value?: { readonly value: T }) => boolean;

  constructor(out: Subscriber<T>, late: (what: string, value?: { readonly value: T }) => boolean) {
    // oxlint-disable-next-line typescript/no-deprecated -- there is no other way to hear what comes after the end
    super(out);
    this.#late = late;
  }

  override next(value: T): void {
    if (!this.#late('value', { value })) super.next(value);
  }

  override error(error: unknown): void {
    if (!this.#late('failed')) super.error(error);
  }

  override complete(): void {
    if (!this.#late('completed')) super.complete();
  }
}
