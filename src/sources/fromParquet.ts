import { Observable } from 'rxjs';
import { iterate } from '../core/iterate.ts';
import { checkReading } from './parquet/checkReading.ts';
import { readRowGroups, type ReadRowGroupsOptions } from './parquet/rowGroups.ts';
import type { RowGroup } from './parquet/RowGroup.ts';

/**
 * Emits the row groups of a Parquet file one after the other, each decoded column by column.
 *
 * ```
 * file:   ABC          (row groups)
 * demand: o-x---o-|    o: gate opens, x: gate closes
 * result: A-----B-(C|)
 * ```
 *
 * - **Emits** a {@link RowGroup} when it is decoded; only the chosen columns and row groups are read at all.
 * - **Holds back**: reads no further row group while the gate below is closed. It holds at most one.
 * - **Completes** after the last row group.
 * - **Errors** with a `ParquetError` that names the file. The file is opened at subscribe, and closed in every ending.
 *
 * @example
 * ```ts
 * fromParquet('flights.parquet', { columns: ['origin', 'delay'] }).pipe(
 *   mergeMap((group) => fromIterable(group.rows())),
 *   workerPool(store, { concurrency: 4 }),
 * );
 * ```
 *
 * Decoding runs on the calling thread. An object for each row costs several times what reading its columns does: for
 * sums over millions of rows loop over `columns`. To decode on all cores, let the threads of `parallel` each read row groups of their own:
 * `parquetInfo` says how many there are.
 *
 * @see {@link lines} for text; the formats differ in that of a Parquet file only what is asked for is read.
 * @param file A path or a `file:` URL.
 * @param options See {@link ReadRowGroupsOptions}.
 * @throws TypeError if an argument is wrong.
 */
export function fromParquet<const C extends string = string>(
  file: string | URL,
  options: ReadRowGroupsOptions<C> = {},
): Observable<RowGroup<C>> {
  checkReading('fromParquet', file, options);
  const definition = { name: 'fromParquet' };
  return new Observable((subscriber) => {
    iterate(readRowGroups(file, options), subscriber, definition);
  });
}
