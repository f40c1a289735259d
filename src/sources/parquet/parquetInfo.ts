import { checkFile } from './checkReading.ts';
import { namesOfColumns, openParquet } from './openParquet.ts';

/** What a Parquet file says about itself. */
export interface ParquetInfo {
  /** The names of its top-level columns. */
  readonly columns: readonly string[];
  /** How many rows it has. */
  readonly rowCount: number;
  /** How many rows each of its row groups has. */
  readonly rowGroups: readonly number[];
}

/**
 * Says which columns a Parquet file has and how many rows are in each of its row groups. Reads only its footer.
 *
 * With it the work on a file is shared out among threads, of which each reads row groups of its own:
 *
 * @example
 * ```ts
 * const { rowGroups } = await parquetInfo('flights.parquet');
 * fromIterable(rowGroups.keys()).pipe(parallel(sumUp)); // whose task reads with { rowGroups: [item] }
 * ```
 *
 * @param file A path or a `file:` URL.
 * @throws TypeError, at once, if `file` is neither.
 * @throws ParquetError, by rejecting, if the file cannot be read or is no Parquet file.
 */
export function parquetInfo(file: string | URL): Promise<ParquetInfo> {
  checkFile('parquetInfo', file);
  return infoOf(file);
}

async function infoOf(file: string | URL): Promise<ParquetInfo> {
  const { handle, metadata } = await openParquet(file);
  await handle.close();
  return {
    columns: namesOfColumns(metadata),
    rowCount: Number(metadata.num_rows),
    rowGroups: metadata.row_groups.map((group) => Number(group.num_rows)),
  };
}
