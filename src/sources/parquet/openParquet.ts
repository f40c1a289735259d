import { open, type FileHandle } from 'node:fs/promises';
import { parquetMetadataAsync, parquetSchema, type AsyncBuffer, type FileMetaData } from 'hyparquet';
import { reasonOf } from '../../core/errors.ts';
import { fileBuffer } from './fileBuffer.ts';
import { ParquetError, type ParquetErrorCode } from './ParquetError.ts';

/** A Parquet file that is open, and what its footer says. Whoever opened it closes the handle. */
export interface OpenParquet {
  readonly handle: FileHandle;
  readonly buffer: AsyncBuffer;
  readonly metadata: FileMetaData;
}

/**
 * Opens a Parquet file and reads its footer. Nothing stays open if that fails.
 *
 * @throws ParquetError if the file cannot be read or is no Parquet file.
 */
export async function openParquet(file: string | URL): Promise<OpenParquet> {
  const name = String(file);
  const handle = await open(file).catch(failReading('ERR_PARQUET_FILE', name, 'cannot be opened'));
  try {
    const buffer = await fileBuffer(handle).catch(failReading('ERR_PARQUET_FILE', name, 'cannot be read'));
    const reading = parquetMetadataAsync(buffer);
    const metadata = await reading.catch(failReading('ERR_PARQUET_FORMAT', name, 'is not a Parquet file'));
    return { handle, buffer, metadata };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** The names of the top-level columns. */
export function namesOfColumns(metadata: FileMetaData): string[] {
  return parquetSchema(metadata).children.map((child) => child.element.name);
}

/** Makes what rejects with a `ParquetError` that says what was wrong, and why. */
export function failReading(code: ParquetErrorCode, file: string, what: string): (cause: unknown) => never {
  return (cause) => {
    const reason = reasonOf(cause);
    throw new ParquetError(code, file, `"${file}" ${what}: ${reason}`, cause);
  };
}
