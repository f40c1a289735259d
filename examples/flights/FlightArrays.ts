import type { FlightColumns } from './columns.ts';
import { Codes } from './Codes.ts';

/** Stands for a missing value in a column of numbers. */
export const NO_NUMBER = -(2 ** 31);
/** Stands for a missing value in a column of codes. */
export const NO_CODE = 2 ** 16 - 1;

/** A column of codes: for each row a number, and the code of each number. */
export interface CodeColumn {
  readonly numbers: Uint16Array;
  readonly codes: readonly string[];
}

/** {@link FlightColumns} as typed arrays, which are moved to another thread without being copied. */
export interface FlightArrays {
  readonly date: Int32Array;
  readonly delay: Int32Array;
  readonly origin: CodeColumn;
  readonly destination: CodeColumn;
}

/** Makes typed arrays of columns. */
export function flightArrays({ date, delay, origin, destination }: FlightColumns): FlightArrays {
  return {
    date: numberArray(date),
    delay: numberArray(delay),
    origin: codeColumn(origin),
    destination: codeColumn(destination),
  };
}

/** Makes a typed array of whole numbers, some of which may be missing. */
export function numberArray(values: ArrayLike<unknown>): Int32Array {
  const numbers = new Int32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    numbers[i] = typeof value === 'number' ? value : missing(value, NO_NUMBER);
  }
  return numbers;
}

/** Numbers the codes of a column in the order in which they are first seen. */
export function codeColumn(values: ArrayLike<unknown>): CodeColumn {
  const codes = new Codes();
  const numbers = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    numbers[i] = typeof value === 'string' ? codes.number(value) : missing(value, NO_CODE);
  }
  return { numbers, codes: codes.list };
}

function missing(value: unknown, mark: number): number {
  if (value === null || value === undefined) return mark;
  throw new TypeError(
    'A flight must be a date and a delay as numbers, and two codes as strings: read with `flightReading`. ' +
      `Received ${typeof value}`,
  );
}
