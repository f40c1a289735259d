import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { Ring } from '../../src/core/ring.ts';
import { MANY } from './many.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

describe('Ring', () => {
  test('gives items in the order in which they came', () => {
    const ring = new Ring<number>();
    for (let i = 0; i < 20; i++) ring.push(i);
    expect(Array.from({ length: 20 }, () => ring.shift())).toEqual(Array.from({ length: 20 }, (_, i) => i));
  });

  test('gives undefined when empty, and counts an undefined item as one', () => {
    const ring = new Ring<undefined>();
    expect([ring.shift(), ring.peek(), ring.length]).toEqual([undefined, undefined, 0]);
    ring.push(undefined);
    expect(ring.length).toBe(1);
    ring.shift();
    expect(ring.length).toBe(0);
  });

  test('changes only the newest item, and nothing when empty', () => {
    const ring = new Ring<number>();
    ring.changeLast(() => expect.fail('called'));
    ring.push(1);
    ring.push(2);
    ring.changeLast((n) => n * 10);
    expect([ring.shift(), ring.shift()]).toEqual([1, 20]);
  });

  test('takes and gives a lot of items through a window of 3', () => {
    const ring = new Ring<number>();
    let wrong = 0;
    for (let i = 0; i < 10 * MANY; i++) {
      ring.push(i);
      if (ring.length > 3 && ring.shift() !== i - 3) wrong++;
    }
    expect([wrong, ring.length]).toEqual([0, 3]);
  });

  test('keeps its memory while it runs empty again and again, and gives that of a large burst back', () => {
    const fill = vi.spyOn(Array.prototype, 'fill');
    const ring = new Ring<number>();
    const sizes = () => fill.mock.results.splice(0).map(({ value }) => (value as unknown[]).length);
    const burst = (count: number): void => {
      for (let i = 0; i < count; i++) ring.push(i);
      while (ring.length > 0) ring.shift();
    };
    expect(sizes()).toEqual([8]);
    for (let i = 0; i < 100; i++) burst(8);
    expect(sizes()).toEqual([]);
    burst(1_024);
    expect(sizes()).toEqual([16, 32, 64, 128, 256, 512, 1_024]);
    burst(1_024);
    expect(sizes()).toEqual([]);
    burst(1_025);
    expect(sizes()).toEqual([2_048, 8]);
  });

  type Step = ['push', number] | ['burst', number] | ['shift'] | ['drain', number] | ['change'] | ['clear'];
  const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 6, arbitrary: fc.tuple(fc.constant('push' as const), fc.integer()) },
    { weight: 1, arbitrary: fc.tuple(fc.constant('burst' as const), fc.integer({ min: 1, max: 1500 })) },
    { weight: 5, arbitrary: fc.constant<Step>(['shift']) },
    { weight: 1, arbitrary: fc.tuple(fc.constant('drain' as const), fc.integer({ min: 1, max: 1500 })) },
    { weight: 1, arbitrary: fc.constant<Step>(['change']) },
    { weight: 1, arbitrary: fc.constant<Step>(['clear']) },
  );

  test('behaves like an array', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const ring = new Ring<number>();
        let model: number[] = [];
        for (const [name, n = 0] of steps) {
          if (name === 'push') {
            ring.push(n);
            model.push(n);
          } else if (name === 'burst') {
            for (let i = 0; i < n; i++) ring.push(i);
            model.push(...Array.from({ length: n }, (_, i) => i));
          } else if (name === 'shift') {
            if (ring.shift() !== model.shift()) return false;
          } else if (name === 'drain') {
            const expected = model.slice(0, n);
            model = model.slice(n);
            for (const item of expected) if (ring.shift() !== item) return false;
          } else if (name === 'change') {
            ring.changeLast((item) => item + 1);
            if (model.length > 0) model[model.length - 1]! += 1;
          } else {
            ring.clear();
            model = [];
          }
          if (ring.length !== model.length || ring.peek() !== model[0]) return false;
        }
        return model.every((item) => ring.shift() === item) && ring.shift() === undefined;
      }),
      { numRuns: Number(process.env['RUNS'] ?? 2_000) },
    );
  });
});
