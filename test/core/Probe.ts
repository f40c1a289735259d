import type { Flow } from '../../src/core/flow.ts';
import { Probe as PublicProbe } from '../../src/testing/Probe.ts';
import { violations } from './violations.ts';

/** The probe of the testing kit, of which every test fails that sees a violation. */
export class Probe<T> extends PublicProbe<T> {
  constructor(flow?: Flow) {
    super(flow, violations);
  }
}
