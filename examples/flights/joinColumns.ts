import { defer, filter, map, type OperatorFunction } from 'rxjs';
import { flightReading, type FlightColumn } from './columns.ts';
import type { FlightArrays } from './FlightArrays.ts';
import type { DecodedColumn } from './flights.task.ts';

type Joining = { -readonly [C in FlightColumn]?: FlightArrays[C] };

/**
 * Puts the columns of each row group together, which come in any order, and emits a row group when its last column is there.
 *
 * A row group some of whose columns are missing at the end is left out: so it is when Ctrl-C comes in the middle of it.
 */
export function joinColumns(): OperatorFunction<DecodedColumn, FlightArrays> {
  return (columns) =>
    defer(() => {
      const joining = new Map<number, Joining>();
      return columns.pipe(
        map(({ rowGroup, column, values }) => {
          const joined: Joining = { ...joining.get(rowGroup), [column]: values };
          if (!isWhole(joined)) {
            joining.set(rowGroup, joined);
            return undefined;
          }
          joining.delete(rowGroup);
          return joined;
        }),
        filter((joined) => joined !== undefined),
      );
    });
}

function isWhole(columns: Joining): columns is FlightArrays {
  return flightReading.columns.every((column) => columns[column] !== undefined);
}
