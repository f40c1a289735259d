import { reasonOf } from '../../core/errors.ts';
import { hooks } from '../../core/hooks.ts';

/** Calls an SDK on behalf of one flow, which goes on whatever that throws: the first failure is a warning, the others are silent. */
export class SdkCalls {
  /** Whether a call has failed. */
  failed = false;
  readonly #flow: string;

  constructor(flow: string) {
    this.#flow = flow;
  }

  /** What `act` gives, or `undefined` if it throws. */
  try<T>(act: () => T): T | undefined {
    try {
      return act();
    } catch (error) {
      if (!this.failed) {
        const reason = reasonOf(error).slice(0, MAX_REASON);
        hooks.warn(`OpenTelemetry failed, and may lack some of flow "${this.#flow}": ${reason}`, 'SLUICE_TELEMETRY');
      }
      this.failed = true;
      return undefined;
    }
  }
}

const MAX_REASON = 1000;
