import { isObservable, type Observable, type OperatorFunction } from 'rxjs';
import type { MakeOperator } from './Simulation.ts';

/** Throws unless `make` gives an operator. */
export function checkOperator(make: MakeOperator, none: Observable<never>): void {
  const operator: unknown = make(() => '', { deadLetter: () => {}, onDrop: () => {}, limits: none });
  if (typeof operator !== 'function' || !isObservable((operator as OperatorFunction<never, unknown>)(none)))
    throw new TypeError('simulate(): "make" must give an operator');
}
