import {
  context,
  INVALID_SPAN_CONTEXT,
  isSpanContextValid,
  trace,
  type Context,
  type Span,
  type Tracer,
} from '@opentelemetry/api';
import type { FlowWatch, WorkItem } from '../FlowObserver.ts';
import type { Report } from '../report.ts';
import { ItemSpan } from './ItemSpan.ts';
import { recordFailure } from './recordFailure.ts';
import { SdkCalls } from './SdkCalls.ts';
import { traceparentOf } from './traceparentOf.ts';

/**
 * The spans of one flow: one for its run, a child of the span that is active where `run` is called, and one for each try of a sampled
 * item, a child of the run's. (Not of the span that is active when the item arrives: that is often another item's, whose end let this
 * one go on.) What works on an item sees the item's span as the active one, or else the run's.
 */
export class FlowTrace implements FlowWatch {
  readonly #tracer: Tracer | undefined;
  readonly #every: number;
  readonly #sdk: SdkCalls;
  readonly #span: Span;
  readonly #context: Context;
  /** No more than items run at once. */
  readonly #open = new Set<ItemSpan>();

  /** One item in `every` gets a span; none if that is 0. */
  constructor(flow: string, every: number, tracerOf: () => Tracer) {
    const sdk = new SdkCalls(flow);
    this.#sdk = sdk;
    this.#tracer = sdk.try(tracerOf);
    const span = sdk.try(() => this.#tracer?.startSpan(`run ${flow}`, { attributes: { 'sluice.flow.name': flow } }));
    this.#span = span ?? trace.wrapSpanContext(INVALID_SPAN_CONTEXT);
    const isSpan = isSpanContextValid(this.#span.spanContext());
    this.#context = isSpan ? trace.setSpan(context.active(), this.#span) : context.active();
    // Where nobody takes spans, or not those of this run, the items' would be for nothing.
    this.#every = span?.isRecording() === true ? every : 0;
  }

  start(subscribe: () => void): void {
    context.with(this.#context, subscribe);
  }

  around(item: WorkItem, begin: () => void): ItemSpan | undefined {
    // A remainder by 0 is not 0.
    const span = item.index % this.#every === 0 && !this.#sdk.failed ? this.#startSpan(item) : undefined;
    if (span !== undefined) return this.#within(span, begin);
    if (context.active() === this.#context) begin();
    else context.with(this.#context, begin);
    return undefined;
  }

  traceparent(): string | undefined {
    const run = this.#span.spanContext();
    const active = trace.getSpanContext(context.active());
    // What another trace left behind, such as that of whoever happened to open a gate, is not the present work's.
    return traceparentOf(active?.traceId === run.traceId ? active : run);
  }

  end(report: Report): void {
    for (const item of this.#open) item.ended();
    this.#sdk.try(() => this.#span.setAttributes(endOf(report)));
    if (report.ended === 'failed' || report.ended === 'aborted') {
      this.#sdk.try(() => recordFailure(this.#span, report.reason));
    }
    this.#sdk.try(() => this.#span.end());
  }

  #startSpan({ stage, index, attempt }: WorkItem): Span | undefined {
    const attributes = { 'sluice.stage.name': stage, 'sluice.item.index': index, 'sluice.item.attempt': attempt };
    return this.#sdk.try(() => this.#tracer?.startSpan(`process ${stage}`, { attributes }, this.#context));
  }

  #within(span: Span, begin: () => void): ItemSpan {
    const item = new ItemSpan(span, this.#open, this.#sdk);
    try {
      context.with(trace.setSpan(this.#context, span), begin);
    } catch (error) {
      // Nobody else ends it, since nobody gets it.
      item.failed(error);
      item.ended();
      throw error;
    }
    return item;
  }
}

function endOf({ ended, results, abandoned, lateErrors, bottleneck }: Report) {
  return {
    'sluice.flow.ended': ended,
    'sluice.flow.results': results,
    'sluice.flow.abandoned': abandoned,
    'sluice.flow.late_errors': lateErrors,
    ...(bottleneck && { 'sluice.bottleneck.name': bottleneck.name, 'sluice.bottleneck.why': bottleneck.why }),
  };
}
