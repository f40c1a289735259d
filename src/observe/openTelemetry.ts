import { metrics, trace, type MeterProvider, type TracerProvider } from '@opentelemetry/api';
import { wrongType } from '../core/errors.ts';
import { holds, OptionReader } from '../core/options.ts';
import type { FlowObserver } from './FlowObserver.ts';
import { flowMetrics } from './openTelemetry/FlowMetrics.ts';
import { FlowTrace } from './openTelemetry/FlowTrace.ts';
import { SdkCalls } from './openTelemetry/SdkCalls.ts';

/** The options of {@link openTelemetry}. */
export interface OpenTelemetryOptions {
  /**
   * One item in this many gets a span of its own in every stage that works: an integer of 0 or more. 1: every item. 0: none, and what
   * is done for an item belongs to the span of the run. An array that `batch` has made is one item; further tries of `parallel` belong
   * to the span of the first. Default 0.
   */
  items?: number | undefined;
  /** Where metrics go. Default: the global one at the time when a flow is started. */
  meterProvider?: MeterProvider | undefined;
  /** Where spans go. Default: the global one. */
  tracerProvider?: TracerProvider | undefined;
}

/**
 * Tells OpenTelemetry what flows do: `run`'s option `telemetry` takes what it gives.
 *
 * - **Spans**: `run <flow>`, from the start of each run to its end, as a child of the span that is active where `run` is called; with
 *   how it ended, the bottleneck, and the error if it failed or was aborted. Below it `process <stage>` for each sampled item, with the
 *   place of the item, the try, and its error. What works on an item sees that span as the active one, or else the run's, so that
 *   the spans of its own calls come below; across `await` if a context manager is registered, as the SDK for Node.js does.
 * - **Metrics**: the counters of the report for each flow and stage, `sluice.flow.*` and `sluice.stage.*`, and `sluice.thread.*` and
 *   `sluice.gauge.*` for what they use. Runs of the same name are summed up, those that have ended too: give flows that
 *   do the same the same name. Of each instrument 1,000 values are told apart; what comes after that is put together as `other`.
 *
 * The SDK is to be registered before flows are started; without one, nothing is told and next to nothing spent. Should it throw, the
 * flow goes on, and a warning says so once.
 *
 * @example
 * ```ts
 * await run(orders.pipe(workerPool(store, { concurrency: 8 })), { name: 'orders', telemetry: openTelemetry({ items: 100 }) }).done;
 * ```
 *
 * Counters are read when the SDK collects: metrics cost an item nothing. Spans cost one about what they cost the SDK, some
 * microseconds; an item without one costs a look at the active context.
 *
 * @see The option `inspect` of `run`, which shows the same live and needs no SDK, and serves metrics as Prometheus text.
 * @param options See {@link OpenTelemetryOptions}.
 * @returns What the option `telemetry` of any number of runs takes.
 * @throws TypeError or RangeError if an option is wrong.
 */
export function openTelemetry(options: OpenTelemetryOptions = {}): FlowObserver {
  const read = new OptionReader('openTelemetry', options, ['items', 'meterProvider', 'tracerProvider']);
  const items = read.count('items', 0, 0);
  const meterProvider = read.get('meterProvider');
  if (meterProvider !== undefined && !isObjectWith(meterProvider, 'getMeter')) {
    throw wrongType('openTelemetry', 'meterProvider', 'a MeterProvider', meterProvider);
  }
  const tracerProvider = read.get('tracerProvider');
  if (tracerProvider !== undefined && !isObjectWith(tracerProvider, 'getTracer')) {
    throw wrongType('openTelemetry', 'tracerProvider', 'a TracerProvider', tracerProvider);
  }
  return {
    begin(flow) {
      new SdkCalls(flow.name).try(() => flowMetrics(meterProvider ?? metrics.getMeterProvider())?.begin(flow));
      return new FlowTrace(flow.name, items, () => (tracerProvider ?? trace).getTracer('sluice'));
    },
  };
}

function isObjectWith(value: unknown, method: string): boolean {
  return holds(() => typeof value === 'object' && typeof (value as Record<string, unknown>)[method] === 'function');
}
