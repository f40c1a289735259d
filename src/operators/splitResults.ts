import type { Observable, OperatorFunction } from 'rxjs';
import { Gate } from '../core/gate.ts';
import { operate, type OperatorConnection } from '../core/operate.ts';
import { checkFunction, type Result } from '../core/options.ts';
import { safely } from '../core/safely.ts';
import { Stage } from '../core/stage.ts';
import { Lane } from './lanes/Lane.ts';
import { countDropped } from '../core/telemetry.ts';

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
 * - **Holds back** its source while the way that the next result has to go is held back, or is not subscribed yet: one slow
 *   way holds back both, so that nothing piles up. It holds one result. A way that is subscribed several times sends each
 *   result to all of them, and is held back while one of them is.
 * - **Completes** when both ways have completed.
 * - **Errors** with its source and with either way. A way that completes early gets nothing any more: what would have
 *   gone there is counted as dropped. When both have, the source is unsubscribed. One that gives up its results without
 *   completing may subscribe again (`retry`), so that the next result for it waits until then.
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
  readonly #values: Lane<T, R>;
  readonly #failures: Lane<Failure<I>, R>;

  constructor(
    connection: OperatorConnection<R>,
    values: (values$: Observable<T>) => Observable<R>,
    failures: (failures$: Observable<Failure<I>>) => Observable<R>,
  ) {
    // Either way has a gate of its own below it, so the stage itself must not wait for the one at the end of both.
    super({ ...connection, below: new Gate(connection.below.flow, connection.below.isInner) }, SETTINGS);
    const events = {
      // While everything is being unsubscribed one way is closed before the other: what is held must not go there now.
      changed: () => {
        if (!connection.out.closed) this.drain();
      },
      failed: (error: unknown) => this.fail(error),
      late: (error: unknown) => this.lateError(error),
      completed: () => this.#wayCompleted(connection),
    };
    this.#values = new Lane(connection, values, events);
    this.#failures = new Lane(connection, failures, events);
    this.#values.connect();
    if (!connection.out.closed) this.#failures.connect();
  }

  override get outlets(): readonly Gate[] {
    return [...this.#values.gates, ...this.#failures.gates];
  }

  protected override step(): boolean {
    if (this.waiting.length === 0) return false;
    const result = this.waiting.peek() as Result<T, I>;
    const way = result.ok ? this.#values : this.#failures;
    // It may subscribe again (`retry` with a delay): nothing is given up before it has completed.
    if (!way.isFree && (way.isSubscribed || !way.hasCompleted)) {
      way.wait();
      return false;
    }
    this.waiting.shift();
    // A way that has ended takes everything.
    if (!way.isSubscribed) countDropped(this.telemetry, 'unwanted');
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
    // Thrown, it would be lost where a lane has completed within a value.
    safely(
      () => upstream.unsubscribe(),
      (error) => this.lateError(error),
    );
    super.finish();
  }
}
