import type { LimitSample } from '../../core/limit.ts';
import { AdaptiveLimit } from './AdaptiveLimit.ts';

/** Grows by one for each round of successes, as long as it is used, and falls by a factor after a failure. */
export class Aimd extends AdaptiveLimit {
  protected override succeeded({ running }: LimitSample): void {
    if (this.isUsed(running)) this.growTo(this.exact + 1 / this.exact);
  }
}
