import { afterEach, expect } from 'vitest';

/**
 * What a test saw inside a flow that must not happen. An assertion that throws there would become an error of the flow, so
 * it is written down here; after each test the list must be empty.
 */
export const violations: string[] = [];

afterEach(() => {
  expect(violations.splice(0)).toEqual([]);
});
