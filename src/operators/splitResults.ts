import { Observable, type OperatorFunction, type Subscriber } from 'rxjs';
import { gateBelow } from '../core/demand.ts';
import { Gate, Waiter } from '../core/gate.ts';
import { InletSubscriber, operate, type OperatorConnection } from '../core/operate.ts';
import { checkFunction, type Result } from '../core/options.ts';
import { Stage } from '../core/stage.ts';

/** A result that is not `ok`. */
export type Failure<I> = Extract<Result<never, I>, { ok: false }>;

/**
 * Sends the values of results one way and the failures another, and merges what comes out of both.
 *
 * ```
 * source: a-e-b-|     (e: { ok: false })
 * values: a---b-|
 * failed: --e---|
 * result: a-f-b-|     splitResults((values$) => values$, (failures$) => failures$.pipe(map(() => 'f')))
 * ```
 *
 * - **Emits** whatever either way emits.
 * - **Holds back** its source while the way that the next result has to go is held back: one slow way holds back both, so
 *   that nothing piles up. It holds one result.
 * - **Completes** when both ways have completed.
 * - **Errors** with its source and with either way. A way that completes early gets nothing any more: what would have
 *   gone there is counted as dropped. When both have, the source is unsubscribed.
 *
 * @example
 * ```ts
 * urls$.pipe(
 *   workerPool(fetchPage, { concurrency: 8, onError: 'emit' }),
 *   splitResults(
 *     (pages$) => pages$.pipe(forEach(store)),
 *     (failures$) => failures$.pipe(map(({ item, error }) => `${item}: ${error}\n`), toFile('failed.txt')),
 *   ),
 * );
 * ```
 *
 * @see {@link okOnly}, which leaves the failures out; `partition` of RxJS, which subscribes to its source twice.
 * @param values Is given the values, and says what becomes of them. Called once a subscription.
 * @param failures Is given the failures, each with its `error` and `item`.
 * @throws TypeError if an argument is not a function.
 */
export function splitResults<T, I, A, B>(
  values: (values$: Observable<T>) => Observable<A>,
  failures: (failures$: Observable<Failure<I>>) => Observable<B>,
): OperatorFunction<Result<T, I>, A | B> {
  checkFunction('splitResults', 'values', values);
  checkFunction('splitResults', 'failures', failures);
  return operate((connection) => new Splitter<T, I, A | B>(connection, values, failures));
}

const SETTINGS = { name: 'splitResults', bound: 1 };

class Splitter<T, I, R> extends Stage<Result<T, I>, R> {
  readonly #values: Way<T, R>;
  readonly #failures: Way<Failure<I>, R>;

  constructor(
    connection: OperatorConnection<R>,
    values: (values$: Observable<T>) => Observable<R>,
    failures: (failures$: Observable<Failure<I>>) => Observable<R>,
  ) {
    // Either way has a gate of its own below it, so the stage itself must not wait for the one at the end of both.
    super({ ...connection, below: new Gate(connection.below.flow, connection.below.isInner) }, SETTINGS);
    const events = {
      opened: () => this.drain(),
      failed: (error: unknown) => this.fail(error),
      completed: () => this.#wayCompleted(connection),
    };
    this.#values = new Way(connection, values, events);
    this.#failures = new Way(connection, failures, events);
    this.#values.connect();
    this.#failures.connect();
  }

  override get outlets(): readonly Gate[] {
    return [this.#values.gate, this.#failures.gate].filter((gate) => gate !== undefined);
  }

  protected override step(): boolean {
    const result = this.waiting.peek();
    if (result === undefined) return false;
    const way = result.ok ? this.#values : this.#failures;
    if (!way.wants()) return false;
    this.waiting.shift();
    if (!way.isOpen) this.telemetry.dropped++;
    else {
      this.telemetry.completed++;
      this.telemetry.out++;
      if (result.ok) this.#values.send(result.value);
      else this.#failures.send(result);
    }
    return true;
  }

  /** The input has ended: so do both ways, and when they have, the stage. */
  protected override finish(): void {
    this.#values.complete();
    this.#failures.complete();
  }

  protected override cancel(): void {
    this.#values.cancel();
    this.#failures.cancel();
  }

  #wayCompleted({ upstream }: OperatorConnection<R>): void {
    if (!this.#values.hasCompleted || !this.#failures.hasCompleted) return;
    upstream.unsubscribe();
    super.finish();
  }
}

interface WayEvents {
  opened(): void;
  failed(error: unknown): void;
  completed(): void;
}

/** One of the two ways: what goes in, the gate that it shows, and what comes out. */
class Way<T, R> {
  hasCompleted = false;
  /** What decides whether this way takes a result. Known once its input is subscribed. */
  gate: Gate | undefined;
  readonly #output: Observable<R>;
  readonly #exit: InletSubscriber<R, R>;
  readonly #waiter: Waiter;
  #input: Subscriber<T> | undefined;

  constructor({ out }: OperatorConnection<R>, make: (input$: Observable<T>) => Observable<R>, events: WayEvents) {
    this.#waiter = new Waiter(() => events.opened());
    this.#exit = new InletSubscriber<R, R>(out);
    this.#exit.connect({
      next: (value) => out.next(value),
      error: (error) => events.failed(error),
      complete: () => {
        this.hasCompleted = true;
        events.completed();
      },
    });
    this.#output = make(
      new Observable((input) => {
        this.#input = input;
        this.gate = gateBelow(input);
        this.gate.attached++;
        return () => {
          this.gate!.attached--;
          this.#waiter.cancel();
          events.opened();
        };
      }),
    );
  }

  /** Whether what is sent arrives anywhere. */
  get isOpen(): boolean {
    return this.#input?.closed === false;
  }

  connect(): void {
    this.#output.subscribe(this.#exit);
  }

  /** Whether to send now; if not, `opened` is called when it is time. A way that has ended takes everything. */
  wants(): boolean {
    if (!this.isOpen || this.gate!.isOpen) return true;
    this.gate!.wait(this.#waiter);
    return false;
  }

  send(value: T): void {
    this.#input!.next(value);
  }

  complete(): void {
    this.#input?.complete();
  }

  cancel(): void {
    this.#waiter.cancel();
    this.#exit.unsubscribe();
  }
}
