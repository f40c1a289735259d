/** Why a Parquet file could not be read. */
export type ParquetErrorCode =
  'ERR_PARQUET_FILE' | 'ERR_PARQUET_FORMAT' | 'ERR_PARQUET_COLUMN' | 'ERR_PARQUET_ROW_GROUP';

/**
 * A Parquet file could not be read.
 *
 * - `ERR_PARQUET_FILE`: the file could not be opened or read; `cause` is the error of the file system.
 * - `ERR_PARQUET_FORMAT`: the bytes are not Parquet, are damaged, or use something that cannot be decoded; `cause` is
 *   the decoder's error.
 * - `ERR_PARQUET_COLUMN`: a column was asked for that the file does not have; `columns` lists those it has.
 * - `ERR_PARQUET_ROW_GROUP`: a row group was asked for that the file does not have.
 */
export class ParquetError extends Error {
  override readonly name = 'ParquetError';
  readonly code: ParquetErrorCode;
  /** The file, as it was given. */
  readonly file: string;
  /** The names of the file's columns, where they are known. */
  readonly columns: readonly string[];

  constructor(code: ParquetErrorCode, file: string, message: string, cause?: unknown, columns: readonly string[] = []) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.file = file;
    this.columns = columns;
  }
}
