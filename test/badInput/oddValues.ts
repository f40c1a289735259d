/** X26: a text that no message may repeat. */
export const HUGE = 'x'.repeat(10 * 2 ** 20);

const fails = (): never => {
  throw new Error('code of a value was run to check it');
};

function revoked(target: object): unknown {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}

/** Throws at every look at it. */
const hostile = (target: object): unknown =>
  new Proxy(
    target,
    Object.fromEntries(
      ['get', 'has', 'ownKeys', 'getPrototypeOf', 'getOwnPropertyDescriptor', 'apply', 'construct'].map((trap) => [
        trap,
        fails,
      ]),
    ),
  );

/** Functions that are none any more. */
export const oddFunctions: readonly unknown[] = [revoked(() => {}), hostile(() => {})];

/** Objects whose conversion to text or a number runs code, which fails. */
const unconvertible: readonly object[] = [
  { toString: fails },
  { valueOf: fails },
  { [Symbol.toPrimitive]: fails },
  { toString: fails, valueOf: fails, [Symbol.toPrimitive]: fails, toJSON: fails },
];

/** Built-in objects, which no function of this package takes as options. */
export const builtIns: readonly object[] = [
  Object(2),
  Object('input'),
  Object(true),
  Object(2n),
  new Date(0),
  /x/,
  new Map([['capacity', 1]]),
  new Set(['capacity']),
  new Error('no option'),
  new Uint8Array(1),
  Promise.resolve({ capacity: 1 }),
];

/** Objects that cannot be looked at. */
export const unreadable: readonly unknown[] = [revoked({}), revoked([]), hostile({}), hostile([])];

/** Arrays, which some options take. */
export const oddArrays: readonly unknown[] = [[], ['input'], [2]];

/** Values of all kinds that are never a number, a word, a flag, a name, a path or a function. */
export const oddValues: readonly unknown[] = [
  null,
  2n,
  Symbol('input'),
  Symbol.iterator,
  {},
  Object.create(null),
  Object.create({ toString: () => 'input' }),
  ...oddArrays,
  ...unconvertible,
  ...builtIns,
  ...unreadable,
  ...oddFunctions,
];

/** The same without arrays. */
export const oddNonArrays: readonly unknown[] = oddValues.filter((value) => !oddArrays.includes(value));
