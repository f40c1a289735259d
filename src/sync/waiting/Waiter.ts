import { Place } from '../../core/line.ts';

/** Somebody who waits for permits of a semaphore. */
export class Waiter extends Place {
  readonly weight: number;
  /** Called once, when the permits have been taken for it. */
  readonly granted: () => void;
  /** Whose abort ends the wait, where somebody listens to it. */
  readonly signal: AbortSignal | undefined;

  constructor(weight: number, granted: () => void, signal: AbortSignal | undefined) {
    super();
    this.weight = weight;
    this.granted = granted;
    this.signal = signal;
  }
}
