/** Whatever may be thrown. Made anew, since a stage may look at, and user code may change, what it gets. */
export function thrownValues(): unknown[] {
  const circular: Error & { self?: unknown } = new Error('circular');
  circular.self = circular;
  class OwnError extends Error {
    override readonly name = 'OwnError';
    readonly code = 'E_OWN';
  }
  const cause = new TypeError('cause');
  return [
    undefined,
    null,
    0,
    '',
    'text',
    false,
    NaN,
    Symbol('thrown'),
    { a: 1 },
    Object.create(null),
    new OwnError('own', { cause }),
    new AggregateError([cause], 'several'),
    Object.freeze(new Error('frozen')),
    circular,
  ];
}
