import { isObservable } from 'rxjs';
import { wrongType } from '../../core/errors.ts';
import { holds } from '../../core/options.ts';

/** Checks, in the name of `fn`, that a value is something to subscribe to. */
export function checkSource(fn: string, value: unknown): void {
  if (!holds(() => isObservable(value))) throw wrongType(fn, 'source', 'an Observable', value);
}
