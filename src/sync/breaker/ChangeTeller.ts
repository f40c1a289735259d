import { reasonOf } from '../../core/errors.ts';
import { hooks } from '../../core/hooks.ts';
import { Ring } from '../../core/ring.ts';
import type { CircuitChange } from './settings.ts';

/** Tells of changes one after the other, also if whoever is told changes the state again. */
export class ChangeTeller {
  readonly #name: string;
  readonly #onStateChange: (change: CircuitChange) => void;
  readonly #changes = new Ring<CircuitChange>();
  #isTelling = false;

  constructor(name: string, onStateChange: (change: CircuitChange) => void) {
    this.#name = name;
    this.#onStateChange = onStateChange;
  }

  tell(change: CircuitChange): void {
    this.#changes.push(change);
    if (this.#isTelling) return;
    this.#isTelling = true;
    while (this.#changes.length > 0) this.#call(this.#changes.shift() as CircuitChange);
    this.#isTelling = false;
  }

  /** It is no part of the call that led to the change, and must not fail it. */
  #call(change: CircuitChange): void {
    try {
      this.#onStateChange(change);
    } catch (error) {
      hooks.warn(`"onStateChange" of circuit breaker "${this.#name}" failed: ${reasonOf(error)}`, 'SLUICE_CALLBACK');
    }
  }
}
