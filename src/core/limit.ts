import { LIMIT, type Limited } from './limited.ts';
import { Meter } from './meter.ts';
import { checkCount } from './options.ts';

/** What a {@link Limit} is told of an item whose work has ended. */
export interface LimitSample {
  /** How many milliseconds the work took. Where it gives several values, those count during which the gate below held them back. */
  readonly duration: number;
  /** How many items ran when it began, itself included. */
  readonly running: number;
  /** Whether it failed. */
  readonly failed: boolean;
  /** Why it failed; `undefined` if it did not. */
  readonly error: unknown;
  /** How many milliseconds ago it failed, where a dead letter took its time since; else absent. */
  readonly ago?: number | undefined;
}

/**
 * Says how many items may run at once, and learns from each that has run: what the option `concurrency` of every stage takes.
 *
 * To write a limit of your own, extend it: hand the first number to `super`, and set `current` in `ended`. Every stage that uses the
 * limit follows at once: it begins more items, or lets those that run end before it begins another. Work that was cancelled is not
 * told of. What `ended` throws, or a number that is none, ends the stage.
 *
 * @example
 * ```ts
 * class Halving extends Limit {
 *   constructor() {
 *     super(16);
 *   }
 *
 *   override ended({ failed }: LimitSample): void {
 *     this.current = failed ? Math.ceil(this.current / 2) : this.current;
 *   }
 * }
 *
 * urls$.pipe(workerPool(fetchText, { concurrency: new Halving() }));
 * ```
 *
 * A limit is meant for one stage. One that several use, or a stage that is subscribed several times, teaches all of them, and lets
 * each run as many.
 *
 * @see `adaptive`, which finds the number from latency and errors.
 */
export abstract class Limit {
  #current: number;
  readonly #followers = new Set<() => void>();

  /**
   * @param initial How many items may run at first: an integer of 0 or more, or `Infinity`.
   * @throws TypeError or RangeError if it is none.
   */
  constructor(initial: number) {
    this.#current = check('initial', initial);
  }

  /** How many items may run at once: an integer of 0 or more (0 pauses), or `Infinity`. */
  get current(): number {
    return this.#current;
  }

  protected set current(value: number) {
    if (check('current', value) === this.#current) return;
    this.#current = value;
    for (const follow of this.#followers) follow();
  }

  /** Takes note of an item whose work has ended, whether it succeeded or failed. */
  abstract ended(sample: LimitSample): void;

  /** Makes a stage follow this limit, and gives what ends that. @internal */
  [LIMIT]<T, R>(stage: Limited<T, R>): () => void {
    const follow = (): void => stage.setLimit(this.#current);
    stage.watch = new Meter(stage, (sample) => this.ended(sample));
    this.#followers.add(follow);
    follow();
    return () => this.#followers.delete(follow);
  }
}

function check(name: string, value: unknown): number {
  return checkCount('Limit', name, value, 0, true);
}
