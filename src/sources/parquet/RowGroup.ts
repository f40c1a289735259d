/**
 * A run of rows of a Parquet file, decoded column by column.
 *
 * `C` are the names of the columns that were asked for.
 */
export interface RowGroup<C extends string = string> {
  /** The place of this row group in the file, from 0. */
  readonly index: number;
  readonly rowCount: number;
  /**
   * The values of each column, all `rowCount` long; a missing value is `null`. Equal values of a column may be one
   * shared object (a `Date`, say), so change none of them.
   */
  readonly columns: Readonly<Record<C, ArrayLike<unknown>>>;
  /** Makes an object of each row, one at a time. For millions of rows it is faster to loop over `columns`. */
  rows(): Iterable<Record<C, unknown>>;
}

/** Makes a row group of its columns. */
export function rowGroup<C extends string>(
  index: number,
  rowCount: number,
  columns: Readonly<Record<C, ArrayLike<unknown>>>,
): RowGroup<C> {
  return { index, rowCount, columns, rows: () => rowsOf(rowCount, columns) };
}

function* rowsOf<C extends string>(rowCount: number, columns: Readonly<Record<C, ArrayLike<unknown>>>) {
  const entries = Object.entries(columns) as [C, ArrayLike<unknown>][];
  const isPlain = !Object.hasOwn(columns, '__proto__');
  for (let i = 0; i < rowCount; i++) {
    const row = {} as Record<C, unknown>;
    if (isPlain) for (const [name, values] of entries) row[name] = values[i];
    // By assignment a column of that name would be lost.
    else for (const [name, values] of entries) Object.defineProperty(row, name, { value: values[i], ...OWN });
    yield row;
  }
}

const OWN = { configurable: true, enumerable: true, writable: true };
