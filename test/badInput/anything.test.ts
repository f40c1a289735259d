import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { flawsOfMessage } from './flaws.ts';
import { HUGE } from './oddValues.ts';
import { resources } from './resources.ts';
import { ROWS } from './rows.ts';
import type { Row } from './Row.ts';

/** Whatever there is, as keys the names of options and of what every object has. */
const anything = (options: readonly string[]): fc.Arbitrary<unknown> =>
  fc.anything({
    key: fc.oneof(fc.constantFrom('__proto__', 'constructor', 'toString', 'then', ...options), fc.string()),
    withBigInt: true,
    withBoxedValues: true,
    withDate: true,
    withMap: true,
    withNullPrototype: true,
    withObjectString: true,
    withSet: true,
    withSparseArray: true,
    withTypedArray: true,
  });

/** Any of two thousand values of all kinds. To make a new one takes several times as long as the call that is tried out. */
const something = fc.constantFrom(...fc.sample(anything([]), 2_000));

/** Of what is left behind, what nobody else changes meanwhile. */
const listeners = (): string[] => resources().filter((it) => it.endsWith('listeners'));

/** Calls the function; what it throws must be an error about an argument of its own. */
async function attempt(row: Row, args: readonly unknown[]): Promise<void> {
  const before = resources().join();
  const { stackTraceLimit } = Error;
  let result: unknown;
  try {
    // Nobody reads the stacks of forty thousand errors.
    Error.stackTraceLimit = 0;
    result = row.call(...args);
  } catch (error) {
    Error.stackTraceLimit = stackTraceLimit;
    const left = resources().join();
    const flaws = [...flawsOf(error, row.fn), ...(left === before ? [] : [`it leaves ${left}, where ${before} was`])];
    if (flaws.length > 0) expect.fail(flaws.join('; '));
    return;
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
  await row.end?.(result);
}

function flawsOf(error: unknown, fn: string): string[] {
  if (!(error instanceof Error)) return ['it throws what is no error'];
  const { name, code, option, message } = error as Error & { code?: string; option?: string };
  const kind = `${name} ${code}`;
  const isKnown = /^(TypeError ERR_INVALID_ARG_(TYPE|VALUE)|RangeError ERR_OUT_OF_RANGE)$/.test(kind);
  return [...(isKnown ? [] : [`it throws a ${kind}`]), ...flawsOfMessage(message, fn, String(option))];
}

describe.each(ROWS.filter(({ good }) => good().length > 0).map((row) => [row.fn, row] as const))('%s', (_, row) => {
  const options = Object.keys(row.options ?? {});
  const last = row.args.length;

  test.each(row.args.map(({ name }, at) => [name, at] as const))(
    'takes or refuses anything as its %s',
    async (_name, at) => {
      const before = listeners();
      const property = fc.asyncProperty(something, (value) => attempt(row, row.good().with(at, value)));
      await fc.assert(property, { numRuns: 200 });
      expect(listeners()).toEqual(before);
    },
  );

  if (row.options === undefined) return;

  // Where any key has a meaning, an error names whatever was given.
  if (row.takesAnyKey !== true) {
    test('takes or refuses anything as its options', async () => {
      const before = listeners();
      const property = fc.asyncProperty(anything(options), (value) =>
        attempt(row, [...row.good().slice(0, last), value]),
      );
      await fc.assert(property, { numRuns: 200, examples: [[HUGE], [JSON.parse('{"__proto__":{"polluted":1}}')]] });
      expect(listeners()).toEqual(before);
      expect(Object.keys(Object.prototype)).toEqual([]);
    });
  }

  test('takes or refuses anything as any of its options', async () => {
    const before = listeners();
    const given = fc.record(Object.fromEntries(options.map((option) => [option, something])), { requiredKeys: [] });
    const property = fc.asyncProperty(given, (value) => {
      const good = row.good();
      return attempt(row, [...good.slice(0, last), { ...(good[last] as object), ...value }]);
    });
    await fc.assert(property, { numRuns: 200 });
    expect(listeners()).toEqual(before);
  });
});
