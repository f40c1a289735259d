import { afterEach } from 'vitest';
import type { Flow } from '../../src/core/flow.ts';
import { Probe as CoreProbe } from '../core/Probe.ts';
import { until } from './until.ts';

const subscribed = new Set<CoreProbe<never>>();

/** The probe of the core's tests, which also knows how to wait, and leaves nothing that would keep a thread from the next test. */
export class Probe<T> extends CoreProbe<T> {
  constructor(flow?: Flow) {
    super(flow);
    subscribed.add(this as unknown as CoreProbe<never>);
  }

  /** Resolves when the flow has ended, in whatever way. */
  async untilEnded(): Promise<this> {
    await until(() => this.ended !== undefined, 'the end of the flow');
    return this;
  }
}

afterEach(() => {
  for (const probe of subscribed) probe.unsubscribe();
  subscribed.clear();
});
