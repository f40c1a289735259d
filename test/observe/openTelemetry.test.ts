import type { MeterProvider, TracerProvider } from '@opentelemetry/api';
import { describe, expect, expectTypeOf, test } from 'vitest';
import type { FlowObserver } from '../../src/observe/FlowObserver.ts';
import { openTelemetry, type OpenTelemetryOptions } from '../../src/observe/openTelemetry.ts';

describe('openTelemetry', () => {
  test.each<[string, unknown, string, typeof TypeError | typeof RangeError]>([
    ['items', -1, 'openTelemetry(): "items" must be an integer of 0 or more. Received -1 (number)', RangeError],
    ['items', 1.5, 'openTelemetry(): "items" must be an integer of 0 or more. Received 1.5 (number)', RangeError],
    ['items', NaN, 'openTelemetry(): "items" must be an integer of 0 or more. Received NaN (number)', RangeError],
    [
      'items',
      Infinity,
      'openTelemetry(): "items" must be an integer of 0 or more. Received Infinity (number)',
      RangeError,
    ],
    ['items', '1', 'openTelemetry(): "items" must be an integer of 0 or more. Received "1" (string)', TypeError],
    ['items', true, 'openTelemetry(): "items" must be an integer of 0 or more. Received true (boolean)', TypeError],
    [
      'meterProvider',
      {},
      'openTelemetry(): "meterProvider" must be a MeterProvider. Received [Object] (Object)',
      TypeError,
    ],
    [
      'meterProvider',
      null,
      'openTelemetry(): "meterProvider" must be a MeterProvider. Received null (null)',
      TypeError,
    ],
    ['tracerProvider', 5, 'openTelemetry(): "tracerProvider" must be a TracerProvider. Received 5 (number)', TypeError],
    [
      'tracerProvider',
      { getTracer: 'no' },
      'openTelemetry(): "tracerProvider" must be a TracerProvider. Received [Object] (Object)',
      TypeError,
    ],
  ])('refuses %s: %j', (option, value, message, Class) => {
    const call = () => openTelemetry({ [option]: value });
    expect(call).toThrow(Class);
    expect(call).toThrow(expect.objectContaining({ message, option, received: value }));
  });

  test.each([null, 5, 'text', [], new Map()])('refuses options that are none: %s', (options) => {
    expect(() => openTelemetry(options as OpenTelemetryOptions)).toThrow(TypeError);
  });

  test('refuses an option that it does not know, with the nearest that it does', () => {
    expect(() => openTelemetry({ item: 1 } as OpenTelemetryOptions)).toThrow('Did you mean "items"?');
  });

  test('starts and asks for nothing by itself', () => {
    let asked = 0;
    const meterProvider = { getMeter: () => asked++ } as unknown as MeterProvider;
    const tracerProvider = { getTracer: () => asked++ } as unknown as TracerProvider;
    openTelemetry({ meterProvider, tracerProvider, items: 1 });
    openTelemetry({ meterProvider: undefined, tracerProvider: undefined, items: undefined });
    openTelemetry();
    expect(asked).toBe(0);
  });

  test('is typed', () => {
    expectTypeOf(openTelemetry).returns.toEqualTypeOf<FlowObserver>();
    expectTypeOf<OpenTelemetryOptions>().toEqualTypeOf<{
      items?: number | undefined;
      meterProvider?: MeterProvider | undefined;
      tracerProvider?: TracerProvider | undefined;
    }>();
    // @ts-expect-error -- a number of items
    expect(() => openTelemetry({ items: 'all' })).toThrow(TypeError);
  });
});
