import { from, isObservable, observable, type Observable, type ObservableInput } from 'rxjs';
import { isAsyncIterable } from '../core/iterate.ts';
import { holds } from '../core/options.ts';
import { fromIterable } from './fromIterable.ts';

/**
 * Makes an Observable of whatever RxJS takes for one, as `from` does, but so that all that can be iterated can also be paused.
 * Gives `undefined` for anything else, and for a string.
 */
export function sourceOf(input: unknown): Observable<unknown> | undefined {
  let source: Observable<unknown> | undefined;
  return holds(() => (source = convert(input as ObservableInput<unknown>)) !== undefined) ? source : undefined;
}

/** Throws for what is nothing of the kind. */
function convert(input: ObservableInput<unknown>): Observable<unknown> | undefined {
  if (typeof input === 'string') return undefined;
  // oxlint-disable-next-line typescript/no-deprecated -- what RxJS itself knows the Observables of other libraries by
  if (isObservable(input) || has(input, observable)) return from(input);
  if (isAsyncIterable(input) || has(input, Symbol.iterator)) return fromIterable(input as Iterable<unknown>);
  if (has(input, 'then')) return from(input);
  if (typeof input !== 'function' && typeof (input as ArrayLike<unknown>).length === 'number') {
    return fromIterable({ [Symbol.iterator]: () => Array.prototype.values.call(input) });
  }
  return from(input);
}

function has(input: unknown, method: symbol | string): boolean {
  return typeof (input as Record<symbol | string, unknown>)[method] === 'function';
}
