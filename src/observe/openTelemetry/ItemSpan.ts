import type { Span } from '@opentelemetry/api';
import type { WorkEnd } from '../FlowObserver.ts';
import { recordFailure } from './recordFailure.ts';
import type { SdkCalls } from './SdkCalls.ts';

/** The span of one item's work. It is in `open` until it has ended. */
export class ItemSpan implements WorkEnd {
  readonly #span: Span;
  readonly #open: Set<ItemSpan>;
  readonly #sdk: SdkCalls;

  constructor(span: Span, open: Set<ItemSpan>, sdk: SdkCalls) {
    this.#span = span;
    this.#open = open;
    this.#sdk = sdk;
    open.add(this);
  }

  failed(error: unknown): void {
    this.#sdk.try(() => recordFailure(this.#span, error));
  }

  ended(): void {
    if (this.#open.delete(this)) this.#sdk.try(() => this.#span.end());
  }
}
