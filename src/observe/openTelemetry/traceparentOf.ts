import { isSpanContextValid, type SpanContext } from '@opentelemetry/api';

/**
 * The value of the header `traceparent` that says which span something belongs to, or `undefined` if the span is none. Built here
 * because the package of the API alone has no propagator. (https://www.w3.org/TR/trace-context/#traceparent-header)
 */
export function traceparentOf(span: SpanContext): string | undefined {
  if (!isSpanContextValid(span)) return undefined;
  const flags = (span.traceFlags & 0xff).toString(16).padStart(2, '0');
  // The header is in small letters; the API takes both.
  return `00-${span.traceId}-${span.spanId}-${flags}`.toLowerCase();
}
