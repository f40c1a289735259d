import { createNoopMeter, type BatchObservableResult, type Meter, type MeterProvider } from '@opentelemetry/api';
import type { FlowView } from '../FlowView.ts';
import { Instruments } from './Instruments.ts';
import { FLOW, measure } from './measure.ts';

/**
 * The metrics of all flows that one provider is told of. Their counters are read when the provider collects, and never in between.
 *
 * There is one callback for all flows, because the values of two flows of the same name belong to the same attributes, and an SDK adds
 * up only what one callback observes. When a flow has ended, its last counters are added to a sum that stays, so that one that ends
 * before the first collection is not lost, and the next of its name goes on counting where it stopped. The callback is removed once a
 * collection has seen that no flow runs any more.
 */
export class FlowMetrics {
  readonly #meter: Meter;
  readonly #instruments: Instruments;
  readonly #live = new Set<FlowView>();
  #isObserving = false;

  constructor(meter: Meter) {
    this.#meter = meter;
    this.#instruments = new Instruments(meter);
  }

  /** Takes in a flow that is being started, until it ends. */
  begin(flow: FlowView): void {
    this.#live.add(flow);
    flow.onEnd(() => this.#end(flow));
    if (this.#isObserving) return;
    this.#isObserving = true;
    this.#meter.addBatchObservableCallback(this.#observe, this.#observed);
  }

  #end(flow: FlowView): void {
    if (!this.#live.delete(flow)) return;
    measure(flow, flow.report ?? flow.stats(), this.#instruments);
    const ended = flow.report?.ended;
    if (ended !== undefined) this.#instruments.runs.add(1, { [FLOW]: flow.name }, { 'sluice.flow.ended': ended });
    this.#instruments.settle();
  }

  readonly #observe = (result: BatchObservableResult): void => {
    // All are read before any is taken: should one fail, nothing is counted twice the next time.
    const read = [...this.#live].map((flow) => ({ flow, stats: flow.stats() }));
    for (const { flow, stats } of read) {
      this.#instruments.active.add(1, { [FLOW]: flow.name });
      measure(flow, stats, this.#instruments);
    }
    this.#instruments.tell(result);
    // Not at once: the SDK is walking through its callbacks.
    if (this.#live.size === 0) queueMicrotask(() => this.#stop());
  };

  #stop(): void {
    if (this.#live.size > 0 || !this.#isObserving) return;
    this.#isObserving = false;
    this.#meter.removeBatchObservableCallback(this.#observe, this.#observed);
  }

  get #observed() {
    return this.#instruments.all.map(({ instrument }) => instrument);
  }
}

/** By provider, not by observer: who makes an observer for each run wants the runs added up all the same. */
const known = new WeakMap<MeterProvider, FlowMetrics>();

/** The metrics that a provider is told of, or `undefined` if it takes none. */
export function flowMetrics(provider: MeterProvider): FlowMetrics | undefined {
  let found = known.get(provider);
  if (found === undefined) {
    const meter = provider.getMeter('sluice');
    if (meter === createNoopMeter()) return undefined;
    known.set(provider, (found = new FlowMetrics(meter)));
  }
  return found;
}
