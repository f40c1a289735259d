import { Observable } from 'rxjs';
import { wrongType } from '../../core/errors.ts';
import { isAsyncIterable, iterate } from '../../core/iterate.ts';
import { holds, isFunction } from '../../core/options.ts';

/** What every variant is given: the same items, from the beginning each time. */
export type CompareInput<T> = Iterable<T> | AsyncIterable<T> | (() => Iterable<T> | AsyncIterable<T>);

/**
 * Makes the source that reads the input from its beginning each time it is subscribed, and is as pausable as `fromIterable`.
 *
 * @throws TypeError if `input` is nothing of the kind, or can be read only once.
 */
export function inputOf<T>(input: CompareInput<T>): Observable<T> {
  if (!isFunction(input)) check(input);
  return new Observable((subscriber) => {
    const iterable = typeof input === 'function' ? input() : input;
    if (!isIterable(iterable)) throw wrongType('compare', 'input', `a function that gives ${RULE} each time`, iterable);
    iterate(iterable, subscriber, { name: 'input' });
  });
}

function check(input: unknown): void {
  // What the first round has read, the second would miss.
  const isOnce = READ_ONCE.some((method) => holds(() => isFunction((input as Record<string, unknown>)[method])));
  const rule = isOnce
    ? `a function that gives ${RULE} each time: this one can be read only once`
    : `${RULE}, or a function that gives one`;
  if (isOnce || !isIterable(input)) throw wrongType('compare', 'input', rule, input);
}

function isIterable(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return holds(() => isAsyncIterable(value) || typeof (value as Iterable<unknown>)[Symbol.iterator] === 'function');
}

/**
 * What tells something that can be read only once: an iterator, which gives itself when it is iterated; a stream of Node.js or of the web,
 * or another emitter such as a `readline` interface. (Not `pipe`: iterables of other libraries have it, too.)
 */
const READ_ONCE: readonly string[] = ['next', 'read', 'getReader', 'on'];
const RULE = 'an iterable or async iterable';
