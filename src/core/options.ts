import type { Observable } from 'rxjs';
import { outOfRange, wrongType, wrongValue } from './errors.ts';
import type { Limit } from './limit.ts';

/** In which order results leave a stage: as they finish, or as their items came in. */
export type Order = 'completion' | 'input';

/** An item whose work failed, as it is handed to a dead letter. */
export interface DeadLetter<T> {
  readonly item: T;
  readonly error: unknown;
  /** How many times the work was tried. */
  readonly attempts: number;
  /** The name of the stage. */
  readonly stage: string;
}

/** Where dead letters go: a function, or an observer such as a `Subject`. The stage waits for a promise that it returns. */
export type DeadLetterTarget<T> =
  ((letter: DeadLetter<T>) => void | PromiseLike<void>) | { next(letter: DeadLetter<T>): void };

/** What becomes of an item whose work fails. */
export type OnError<T> = 'stop' | 'skip' | 'emit' | { deadLetter: DeadLetterTarget<T> };

/** The options that every stage understands. */
export interface StageOptions<T> {
  /** Names the stage in errors, warnings and the report: 1 to 200 characters. Default: the name of the function. */
  name?: string | undefined;
  /**
   * How many items may run at once. An integer of 1 or more, or `Infinity`. Or an Observable of such numbers, also 0 (which
   * pauses), that changes the limit while the stage runs; until its first value the limit is 1, and after its end the last
   * one stays. Or a {@link Limit}, which finds the number from how the items fare: `adaptive()`, or one of your own. Default 1.
   */
  concurrency?: number | Observable<number> | Limit | undefined;
  /** How many items may wait before the stage holds its source back: an integer of 0 or more. Default 2 × concurrency. */
  capacity?: number | undefined;
  /** In which order results leave. Default `'completion'`. */
  order?: Order | undefined;
  /**
   * What becomes of an item whose work fails. `'stop'` (default): the others are cancelled and the error ends the flow.
   * `'skip'`: it is left out and counted. `'emit'`: every result leaves as a {@link Result}. `{ deadLetter }`: it is handed over;
   * if that fails, the flow stops with a `DeadLetterError`.
   */
  onError?: OnError<T> | undefined;
  /** How many items beyond its bound the stage takes from a source that cannot be paused, before it fails with an `OverflowError`. Default 1,000,000. */
  overflowLimit?: number | undefined;
}

/** The outcome of one item where errors are values: what `onError: 'emit'` gives. */
export type Result<T, I = unknown> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: unknown; readonly item: I };

/** Reads the options of one call and throws, at the call, a clear error for the first that is wrong. */
export class OptionReader<O extends object> {
  /** The name of the function that was called. */
  readonly caller: string;
  /** Every option that was given, read once: a getter may say something else the next time. */
  readonly values = new Map<string, unknown>();

  /** `known` is every key that `fn` understands: any other is refused, with the nearest known name. */
  constructor(fn: string, options: O, known: readonly (keyof O & string)[]) {
    if (!isOptions(options)) throw wrongType(fn, 'options', 'an object', options);
    this.caller = fn;
    for (const key of Object.keys(options)) {
      if (!known.includes(key as keyof O & string)) throw unknownOption(fn, key, known);
    }
    for (const key of known) if (Object.hasOwn(options, key)) this.#read(options, key);
  }

  /** The option's own value: an inherited one does not count. */
  get<K extends keyof O & string>(key: K): O[K] | undefined {
    return this.values.get(key) as O[K] | undefined;
  }

  /** An integer from `min`, with `Infinity` only where `infinite` says so. */
  count<F extends number | undefined>(key: keyof O & string, min: number, fallback: F, infinite = false): number | F {
    const value: unknown = this.get(key);
    return value === undefined ? fallback : checkCount(this.caller, key, value, min, infinite);
  }

  /** One of a few words. */
  oneOf<V extends string>(key: keyof O & string, words: readonly V[], fallback: V): V {
    const value: unknown = this.get(key);
    if (value === undefined) return fallback;
    if (!words.includes(value as V)) throw this.wrong(key, `one of ${quoted(words)}`, value);
    return value as V;
  }

  /** A name that is safe in a message, a metric, a log line and as a key. The fallback is only taken if it is one, too. */
  stageName(fallback: string): string {
    const value: unknown = this.get('name' as keyof O & string);
    if (value === undefined) return isName(fallback) ? fallback : this.caller;
    if (typeof value === 'string' && isName(value)) return value;
    const rule = 'a string of 1 to 200 printable characters';
    const more = typeof value === 'string' ? ', and none that every object has' : '';
    throw this.wrong('name' as keyof O & string, rule + more, value);
  }

  /** The error for an option whose value is none of those allowed. */
  wrong(key: keyof O & string, rule: string, value: unknown): TypeError {
    return (typeof value === 'string' ? wrongValue : wrongType)(this.caller, key, rule, value);
  }

  #read(options: O, key: keyof O & string): void {
    let value: unknown;
    try {
      value = options[key];
    } catch (cause) {
      throw Object.assign(wrongType(this.caller, key, READABLE, options), { cause });
    }
    if (!isReadable(value)) throw wrongType(this.caller, key, READABLE, value);
    this.values.set(key, value);
  }
}

const READABLE = 'something that can be read';

/** Words as a message lists them. */
export function quoted(words: readonly string[]): string {
  return `'${words.join("', '")}'`;
}

/** Whether a value may hold options: not an array, and not a built-in such as a `Map`, or a promise that nobody awaited. */
export function isOptions(value: unknown): value is object {
  return (
    typeof value === 'object' &&
    value !== null &&
    holds(() => /[ ](Object|Module)\]$/.test(Object.prototype.toString.call(value)) && isReadable(value))
  );
}

/** Whether a value passes a test; if looking at it throws (a revoked proxy, a getter that fails), it does not. */
export function holds(test: () => boolean): boolean {
  try {
    return test();
  } catch {
    return false;
  }
}

/** Whether a value is an array that holds, at every place and not only where it has no hole, what passes the test. */
export function isArrayOf<T>(value: unknown, test: (element: unknown) => element is T): value is T[] {
  return holds(() => {
    if (!Array.isArray(value)) return false;
    // Up to the first that fails: an array of four thousand million holes is soon made.
    for (let i = 0; i < value.length; i++) if (!test(value[i])) return false;
    return true;
  });
}

/** Whether a value is a function, and no proxy that was revoked. */
export function isFunction(value: unknown): boolean {
  return typeof value === 'function' && isReadable(value);
}

/** Checks a count that is not inside an options object. */
export function checkCount(fn: string, name: string, value: unknown, min: number, infinite = false): number {
  const rule = `an integer of ${min} or more${infinite ? ', or Infinity' : ''}`;
  if (typeof value !== 'number') throw wrongType(fn, name, rule, value);
  if (Object.is(value, -0) || !(value >= min && (Number.isSafeInteger(value) || (infinite && value === Infinity)))) {
    throw outOfRange(fn, name, rule, value);
  }
  return value;
}

/** Checks that an argument is a function. */
export function checkFunction(fn: string, name: string, value: unknown): void {
  if (!isFunction(value)) throw wrongType(fn, name, 'a function', value);
}

/** What a plain object answers to although nobody put it there. */
const INHERITED: ReadonlySet<string> = new Set(Object.getOwnPropertyNames(Object.prototype));

/** Whether a value can be looked at at all: a proxy may throw at every look. */
function isReadable(value: unknown): boolean {
  return holds(() => {
    if ((typeof value === 'object' && value !== null) || typeof value === 'function') {
      Object.getPrototypeOf(value);
      Object.getOwnPropertyDescriptor(value, 'name');
    }
    return true;
  });
}

function isName(value: string): boolean {
  return /^[^\p{C}\p{Zl}\p{Zp}]{1,200}$/u.test(value) && !INHERITED.has(value);
}

function unknownOption(fn: string, key: string, known: readonly string[]): TypeError {
  // A key may be of any length; no name is that long.
  const given = key.slice(0, 30).toLowerCase();
  let hint = '.';
  let nearest = 3;
  for (const name of known) {
    const far = distance(name.toLowerCase(), given);
    if (far < nearest) hint = `. Did you mean "${name}"?`;
    nearest = Math.min(nearest, far);
  }
  const error = wrongValue(fn, 'options', `made of ${known.join(', ')}`, key);
  error.message += hint;
  return error;
}

/** How many letters to insert, delete or exchange to make one word the other (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (let j = 1; j < row.length; j++) {
      next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (letter === b[j - 1] ? 0 : 1));
    }
    row = next;
  }
  return row.at(-1)!;
}
