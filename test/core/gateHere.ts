import { Observable } from 'rxjs';
import { gateBelow } from '../../src/core/demand.ts';
import type { Gate } from '../../src/core/gate.ts';

/** The gate that a source finds which is subscribed at this moment, with no stage below it. */
export function gateHere(): Gate {
  const found: Gate[] = [];
  new Observable<never>((subscriber) => void found.push(gateBelow(subscriber))).subscribe();
  return found[0]!;
}
