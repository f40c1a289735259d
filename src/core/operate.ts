import { Observable, Subscriber, type OperatorFunction } from 'rxjs';
import { GATE, gateBelow, setSubscribing, subscribing } from './demand.ts';
import type { FlowNode } from './flow.ts';
import type { Gate } from './gate.ts';
import { hooks } from './hooks.ts';
import { checkFunction } from './options.ts';
import type { Connection } from './stage.ts';
import type { Telemetry } from './telemetry.ts';

/** What an operator does with what comes from above. A `Stage` is one. */
export interface Inlet<T> {
  /** Takes an item. An error that it throws ends the flow; one that comes when that is over is reported. */
  next(item: T): void;
  /** Takes an error. Default: passes it on. */
  error?(error: unknown): void;
  /** Takes the end. Default: passes it on. */
  complete?(): void;
  /** Called once, when the subscription is over in whatever way. */
  finalize?(): void;
  /** What everything above sees, if the operator holds items. */
  readonly gate?: Gate;
  /** Names it in that report. */
  readonly name?: string;
  /** Counts what arrives: that says there which item it was that `next` failed with. */
  readonly telemetry?: Telemetry;
}

/** An operator's {@link Connection}, with the RxJS subscribers behind it. */
export interface OperatorConnection<R> extends Connection<R> {
  readonly out: Subscriber<R>;
}

/**
 * Makes an operator from what it does with each notification. The only way in which this package makes operators.
 *
 * `connect` is called for every subscription. The operator hears an unsubscribe at once, also while its source emits
 * synchronously, and the gates below and above it find each other. An operator that holds no items returns a plain
 * {@link Inlet}; one that holds items returns a `Stage`.
 *
 * @example
 * ```ts
 * const double = () => operate<number, number>(({ out }) => ({ next: (n) => out.next(n * 2) }));
 * ```
 *
 * @throws TypeError if `connect` is no function.
 */
export function operate<T, R>(connect: (connection: OperatorConnection<R>) => Inlet<T>): OperatorFunction<T, R> {
  checkFunction('operate', 'connect', connect);
  return (source) =>
    new Observable<R>((out) => {
      const upstream = new InletSubscriber<T, R>(out);
      const inlet = connect({ out, upstream, below: gateBelow(out) });
      upstream.connect(inlet);
      out.add(() => inlet.finalize?.());
      if (out.closed) return;
      const outer = setSubscribing(inlet.gate ?? subscribing);
      try {
        source.subscribe(upstream);
      } finally {
        setSubscribing(outer);
      }
    });
}

/** The subscriber that an operator's source sees. It carries the operator's gate, where the walk of a source finds it. */
export class InletSubscriber<T, R> extends Subscriber<T> {
  [GATE]: Gate | undefined = undefined;
  #inlet!: Inlet<T>;
  /** Those of the inlet, at hand for each item. */
  #counters: Telemetry | undefined;
  /** Unlike `destination` still there when this is closed: a source may end within an item. */
  readonly #out: Subscriber<R> | undefined;

  /** Without `out` it stands at the end of a flow. */
  constructor(out?: Subscriber<R>) {
    super(out);
    this.#out = out;
  }

  connect(inlet: Inlet<T>): void {
    this.#inlet = inlet;
    this.#counters = inlet.telemetry;
    this[GATE] = inlet.gate;
  }

  protected override _next(item: T): void {
    const index = this.#counters?.in;
    // What runs from here on subscribes on its own account, even inside a source that emits while it is subscribed.
    const outer = subscribing;
    if (outer !== undefined) setSubscribing(undefined);
    try {
      this.#inlet.next(item);
    } catch (error) {
      const { gate, name } = this.#inlet;
      if (this.#out?.closed !== false) (gate?.flow ?? hooks).lateError(error, name ?? 'operate');
      else {
        if (name)
          gate?.flow?.failed?.(
            error,
            this.#inlet as Inlet<T> & FlowNode,
            index === undefined ? undefined : { item, index },
          );
        this.#out.error(error);
      }
    } finally {
      if (outer !== undefined) setSubscribing(outer);
    }
  }

  protected override _error(error: unknown): void {
    // The end of a flow hears of it, too: it has a gate, and no name.
    this.#inlet.gate?.flow?.failed?.(error, this.#inlet as Inlet<T> & FlowNode, null);
    try {
      if (this.#inlet.error === undefined) this.destination.error(error);
      else this.#inlet.error(error);
    } finally {
      this.unsubscribe();
    }
  }

  protected override _complete(): void {
    try {
      if (this.#inlet.complete === undefined) this.destination.complete();
      else this.#inlet.complete();
    } finally {
      this.unsubscribe();
    }
  }
}
