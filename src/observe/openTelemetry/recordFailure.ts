import { SpanStatusCode, type Span } from '@opentelemetry/api';
import { reasonOf } from '../../core/errors.ts';

/** Marks a span as failed, with the error as an event. Whatever the error is, it takes little room. */
export function recordFailure(span: Span, error: unknown): void {
  const message = reasonOf(error).slice(0, MAX_MESSAGE);
  const type = textOf(error, 'code') ?? textOf(error, 'name') ?? typeof error;
  const stack = textOf(error, 'stack')?.slice(0, MAX_STACK);
  span.recordException({ name: type, message, ...(stack === undefined ? {} : { stack }) });
  span.setAttribute('error.type', type);
  span.setStatus({ code: SpanStatusCode.ERROR, message });
}

/** A text that an error carries, if it does. */
function textOf(error: unknown, field: 'code' | 'name' | 'stack'): string | undefined {
  try {
    const value = (error as Readonly<Record<string, unknown>>)[field];
    return typeof value === 'string' ? value : undefined;
  } catch {
    // It is null or undefined, or looking at it throws.
    return undefined;
  }
}

const MAX_MESSAGE = 1000;
const MAX_STACK = 4096;
