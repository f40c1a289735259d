import { asyncScheduler, type OperatorFunction, type Subscription } from 'rxjs';
import { outOfRange, wrongType } from './errors.ts';
import { operate } from './operate.ts';
import { readDuration, readFunction, readPositive } from './readers.ts';
import { OptionReader } from './options.ts';
import { Ring } from './ring.ts';
import { Stage, type Connection } from './stage.ts';

/** How items are gathered into arrays. */
export interface BatchOptions<T> {
  /** The most items in a batch: an integer of 1 or more. */
  size: number;
  /** How many milliseconds after its first item a batch leaves although it is not full: 0 to 2147483647. Default: it waits until it is full. */
  wait?: number | undefined;
  /** Gives the weight of one item (its bytes, say): a number of 0 or more. Needs `weight`. */
  weigh?: ((item: T) => number) | undefined;
  /** The most a batch may weigh, more than 0. A single item that weighs more makes a batch of its own. Needs `weigh`. */
  weight?: number | undefined;
  /** Names the stage in errors and the report. Default `'batch'`. */
  name?: string | undefined;
}

/**
 * Makes the operator that gathers items, from options as a user gives them: what `batch` is, and `forEach` with batches. `fn` is
 * the name by which errors call it.
 *
 * @throws TypeError or RangeError if an option is wrong.
 */
export function gather<T>(fn: string, options: BatchOptions<T>): OperatorFunction<T, T[]> {
  const settings = read(fn, options);
  return operate((connection) => new Batcher<T>(connection, settings));
}

type Settings<T> = ReturnType<typeof read<T>>;

function read<T>(fn: string, options: BatchOptions<T>) {
  const reader = new OptionReader<BatchOptions<T>>(fn, options, ['size', 'wait', 'weigh', 'weight', 'name']);
  const weigh = readFunction(reader, 'weigh');
  const weight = readPositive(reader, 'weight');
  if ((weigh === undefined) !== (weight === undefined)) {
    const missing = weigh === undefined ? 'weigh' : 'weight';
    throw reader.wrong(missing, 'given together with "weigh" and "weight"', undefined);
  }
  const size = reader.count('size', 1, NaN);
  if (Number.isNaN(size)) throw reader.wrong('size', 'given: an integer of 1 or more', undefined);
  return {
    fn,
    name: reader.stageName('batch'),
    size,
    wait: readDuration(reader, 'wait'),
    weigh,
    weight: weight ?? Infinity,
  };
}

class Batcher<T> extends Stage<T, T[]> {
  readonly #settings: Settings<T>;
  /** The weights of those that wait, in the same order, and their sum. */
  readonly #weights = new Ring<number>();
  #weight = 0;
  #timer: Subscription | undefined;
  #isDue = false;

  constructor(connection: Connection<T[]>, settings: Settings<T>) {
    super(connection, { name: settings.name, bound: settings.size, definition: settings });
    this.#settings = settings;
  }

  override next(item: T): void {
    const { fn, size, weigh, weight } = this.#settings;
    if (this.ended) return;
    if (weigh !== undefined) {
      const own = weigh(item);
      checkWeight(fn, own);
      this.#weights.push(own);
      this.#weight += own;
      // Only the item that makes it heavy enough: what comes after that is too much.
      if (this.#weight >= weight && this.#weight - own < weight) this.bound = Math.min(this.waiting.length + 1, size);
    }
    // Weighing it may have ended the flow.
    if (this.ended) return;
    if (this.waiting.length === 0) this.#startTimer();
    super.next(item);
  }

  protected override step(): boolean {
    const { size, weight } = this.#settings;
    const isFull = this.waiting.length >= size || this.#weight >= weight;
    if (this.waiting.length === 0 || !(isFull || this.#isDue || this.inputEnded)) return false;
    this.#stopTimer();
    const items = this.#take();
    if (this.waiting.length > 0) this.#startTimer();
    this.telemetry.completed += items.length;
    this.deliver(items);
    return true;
  }

  protected override cancel(): void {
    this.#stopTimer();
  }

  #take(): T[] {
    const { size, weigh, weight } = this.#settings;
    const items: T[] = [];
    let sum = 0;
    while (items.length < size && this.waiting.length > 0) {
      if (weigh !== undefined) {
        const own = this.#weights.peek() as number;
        if (items.length > 0 && sum + own > weight) break;
        sum += own;
        this.#weights.shift();
      }
      items.push(this.waiting.shift() as T);
    }
    // An empty stage weighs nothing: rounding must not add up.
    this.#weight = this.waiting.length === 0 ? 0 : this.#weight - sum;
    this.bound = this.#weight >= weight ? this.waiting.length : size;
    return items;
  }

  #startTimer(): void {
    const { wait } = this.#settings;
    if (wait === undefined) return;
    this.#timer = asyncScheduler.schedule(() => {
      this.#isDue = true;
      this.drain();
    }, wait);
  }

  #stopTimer(): void {
    this.#timer?.unsubscribe();
    this.#timer = undefined;
    this.#isDue = false;
  }
}

function checkWeight(fn: string, weight: unknown): void {
  const rule = 'a function that gives a finite number of 0 or more';
  if (typeof weight !== 'number') throw wrongType(fn, 'weigh', rule, weight);
  if (!(weight >= 0 && weight < Infinity)) throw outOfRange(fn, 'weigh', rule, weight);
}
