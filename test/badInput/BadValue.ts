import type { ArgumentErrorCode } from '../../src/core/errors.ts';

/** A value that an option or argument refuses, and the error that it is refused with. */
export interface BadValue {
  readonly value: unknown;
  readonly type: TypeErrorConstructor | RangeErrorConstructor;
  readonly code: ArgumentErrorCode;
}

export const wrongType = (...values: readonly unknown[]): BadValue[] =>
  values.map((value) => ({ value, type: TypeError, code: 'ERR_INVALID_ARG_TYPE' }));

export const wrongValue = (...values: readonly unknown[]): BadValue[] =>
  values.map((value) => ({ value, type: TypeError, code: 'ERR_INVALID_ARG_VALUE' }));

export const outOfRange = (...values: readonly unknown[]): BadValue[] =>
  values.map((value) => ({ value, type: RangeError, code: 'ERR_OUT_OF_RANGE' }));
