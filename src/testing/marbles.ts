import { skip, type MonoTypeOperatorFunction } from 'rxjs';
import { TestScheduler, type RunHelpers } from 'rxjs/testing';
import { checkFunction } from '../core/options.ts';
import { assertMarbles } from './assertMarbles.ts';
import { GateChecks, type GateExpectation, type HasGate } from './GateChecks.ts';
import { Probe } from './Probe.ts';
import { readDemand } from './readDemand.ts';

export type { GateExpectation, HasGate };

/** What RxJS gives a marble test, and gates as marbles: to draw them, and to expect them. */
export interface MarbleHelpers extends RunHelpers {
  /**
   * Makes a stage that holds nothing and shows everything above it a gate that opens and closes as drawn: `o` opens it, `x`
   * closes it, `-` leaves it. It begins open unless the drawing begins with `x`, and after the drawing it stays as it is; a
   * `|` may end the drawing and does nothing.
   *
   * What is drawn at frame 0 is so before anything is subscribed. At every other frame the gate changes before what is `cold`
   * and subscribed by `expectObservable`, before timers, and before what is `hot` and was made after it.
   *
   * @throws TypeError if anything else is drawn.
   */
  gated<T>(demand: string): MonoTypeOperatorFunction<T>;
  /**
   * Expects what gate a source sees, frame by frame: `expectGate(source).toBe('o--x--o')`. It is looked at when everything
   * else at a frame has happened. A source that is not subscribed, yet or any longer, counts as closed: nothing is wanted of
   * it.
   *
   * @throws TypeError if `source` has no `gate`.
   */
  expectGate(source: HasGate): GateExpectation;
}

/**
 * Runs a test in virtual time, with values and gates drawn as marbles.
 *
 * ```
 * demand: o--x----o--|    gated: o opens, x closes
 * source: -a-b-c-d-----|  into buffered({ capacity: 3 })
 * result: -a------(bcd)|
 * ```
 *
 * The helpers are those of RxJS' `TestScheduler.run`, and besides:
 * - `gated(demand)`: a stage with a gate that opens and closes as drawn, to put below what is tested.
 * - `expectGate(source).toBe(demand)`: what gate a source above sees, at the end of each frame.
 *
 * What differs fails with both diagrams, column below column.
 *
 * @example
 * ```ts
 * marbles(({ cold, gated, expectObservable }) => {
 *   const demand = '  x----o   ';
 *   const source = '  abc|     ';
 *   const expected = '-----(abc|)';
 *   expectObservable(cold(source).pipe(buffered({ capacity: 5 }), gated(demand))).toBe(expected);
 * });
 * ```
 *
 * Whatever takes its time from RxJS is in virtual time; promises, Node.js' timers and threads are not. For those use a
 * `Probe` and wait for it.
 *
 * @see `TestScheduler` of RxJS, which this is made with. `assertMarbles`, to make one with other settings.
 * @param body Makes Observables and says what to expect of them; time runs when it has returned.
 * @throws AssertionError if something else happens than was expected. TypeError if `body` is no function, or is async: it
 * would go on when time has run.
 */
export function marbles(body: (helpers: MarbleHelpers) => void): void {
  checkFunction('marbles', 'body', body);
  const scheduler = new TestScheduler(assertMarbles);
  const gates = new GateChecks(scheduler);
  scheduler.run((helpers) => {
    const flush = (): void => {
      helpers.flush();
      gates.check();
    };
    const gated = <T>(demand: string): MonoTypeOperatorFunction<T> => drawnGate<T>(demand, helpers.hot);
    const returned: unknown = body({ ...helpers, flush, gated, expectGate: (source) => gates.expectGate(source) });
    if (typeof (returned as Partial<PromiseLike<void>> | undefined)?.then === 'function') {
      throw new TypeError(
        'marbles(): "body" must not be async: virtual time runs when it returns, and nothing it awaits happens by then',
      );
    }
    flush();
  });
}

/** A stage whose gate changes as drawn. */
function drawnGate<T>(demand: string, hot: RunHelpers['hot']): MonoTypeOperatorFunction<T> {
  const { marbles: drawn, changes } = readDemand('gated', demand);
  const probe = new Probe<T>();
  // A hot Observable would tell of frame 0 when others have been subscribed already.
  const atOnce = changes.filter(({ frame }) => frame === 0);
  for (const { isOpen } of atOnce) change(probe, isOpen);
  hot(drawn)
    .pipe(skip(atOnce.length))
    .subscribe((sign) => change(probe, sign === 'o'));
  return probe.operator();
}

function change<T>(probe: Probe<T>, isOpen: boolean): void {
  if (isOpen) probe.open();
  else probe.close();
}
