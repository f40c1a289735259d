/** What is read of the file of flights, and how: the argument to the Parquet reader. */
export const flightReading = {
  columns: ['date', 'delay', 'origin', 'destination'],
  int64: 'number',
  // Minutes are all that the file has. As small integers they take less memory than a Date each, and compare faster.
  parsers: { timestampFromMicroseconds: (micros: bigint) => Number(micros / 60_000_000n) },
} as const;

/** The name of a column that is read. */
export type FlightColumn = (typeof flightReading.columns)[number];

/**
 * The columns of some flights as they are decoded, equally long.
 *
 * - `date`: when the aircraft left, in minutes since 1970 by the clock of the airport it left from
 * - `delay`: minutes behind schedule; negative when ahead of it
 * - `origin`, `destination`: IATA codes
 */
export type FlightColumns = Readonly<Record<FlightColumn, ArrayLike<unknown>>>;
