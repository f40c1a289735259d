import { parquetRead, type AsyncBuffer, type DecodedArray, type FileMetaData } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { checkReading } from './checkReading.ts';
import { failReading, namesOfColumns, openParquet } from './openParquet.ts';
import { ParquetError } from './ParquetError.ts';
import { rowGroup, type RowGroup } from './RowGroup.ts';

/**
 * How values that Parquet stores as numbers or bytes become values of JavaScript. In a column that is stored with a
 * dictionary, a parser runs once for each distinct value, not once for each row.
 */
export interface ParquetParsers {
  timestampFromMilliseconds(millis: bigint): unknown;
  timestampFromMicroseconds(micros: bigint): unknown;
  timestampFromNanoseconds(nanos: bigint): unknown;
  dateFromDays(days: number): unknown;
  stringFromBytes(bytes: Uint8Array): unknown;
  jsonFromBytes(bytes: Uint8Array): unknown;
  geometryFromBytes(bytes: Uint8Array): unknown;
  geographyFromBytes(bytes: Uint8Array): unknown;
  uuidFromBytes(bytes: Uint8Array): unknown;
}

/** What to read of a Parquet file, and how. */
export interface ReadRowGroupsOptions<C extends string = string> {
  /** The columns to decode, by their top-level names; the others are neither read nor decoded. Default: all. */
  readonly columns?: readonly C[];
  /**
   * The row groups to read, by their places in the file from 0, in this order; the others are neither read nor decoded. `parquetInfo`
   * says how many there are. Default: all, in order.
   */
  readonly rowGroups?: readonly number[];
  /** What signed 64-bit integers become. `'number'` is faster, and exact between -2^53 and 2^53. Default: `'bigint'`. */
  readonly int64?: 'bigint' | 'number';
  /** Replaces the ways in which values become values of JavaScript; by default timestamps and dates become `Date`. */
  readonly parsers?: Partial<ParquetParsers>;
}

/**
 * Reads a Parquet file one row group at a time, and of it only the chosen columns.
 *
 * The file is opened when the first row group is asked for and closed when the generator ends or is returned. Nothing is
 * read ahead. Between columns the event loop gets a turn.
 *
 * ```ts
 * for await (const { columns, rowCount } of readRowGroups('flights.parquet', { columns: ['origin', 'delay'] })) {
 *   for (let i = 0; i < rowCount; i++) console.log(columns.origin[i], columns.delay[i]);
 * }
 * ```
 *
 * Holds one decoded row group: about 8 bytes a value, more for strings and bigints that a column stores without a
 * dictionary. A file written as one huge row group therefore takes as much memory as the file's columns.
 *
 * @throws TypeError, at once, where an argument is wrong
 * @throws ParquetError, from `next()`, where the file cannot be read, is no Parquet file, or lacks a column or a row group
 */
export function readRowGroups<const C extends string = string>(
  file: string | URL,
  options: ReadRowGroupsOptions<C> = {},
): AsyncGenerator<RowGroup<C>, void, undefined> {
  checkReading('readRowGroups', file, options);
  return rowGroups(file, options);
}

async function* rowGroups<C extends string>(file: string | URL, options: ReadRowGroupsOptions<C>) {
  const name = String(file);
  const { handle, buffer, metadata: whole } = await openParquet(file);
  try {
    const metadata = options.int64 === 'number' ? withInt64AsNumbers(whole) : whole;
    const names = columnNames(name, metadata, options.columns);
    for (const index of rowGroupNumbers(name, metadata, options.rowGroups)) {
      const group = metadata.row_groups[index]!;
      // With the metadata of this row group alone, hyparquet cannot read or plan for its neighbours.
      const own = { ...metadata, row_groups: [group], num_rows: group.num_rows };
      const columns: [C, ArrayLike<unknown>][] = [];
      for (const column of names) {
        const where = `cannot be decoded: row group ${index}, column "${column}"`;
        const values = readColumn(buffer, own, column, options.parsers);
        columns.push([column, await values.catch(failReading('ERR_PARQUET_FORMAT', name, where))]);
      }
      // Not by assignment: a column may be called __proto__.
      yield rowGroup(index, Number(group.num_rows), Object.fromEntries(columns) as Record<C, ArrayLike<unknown>>);
    }
  } finally {
    await handle.close();
  }
}

async function readColumn(
  file: AsyncBuffer,
  metadata: FileMetaData,
  column: string,
  parsers: Partial<ParquetParsers> = {},
): Promise<ArrayLike<unknown>> {
  const chunks: DecodedArray[] = [];
  const onChunk = ({ columnData }: { columnData: DecodedArray }) => chunks.push(columnData);
  await parquetRead({ file, metadata, columns: [column], compressors, parsers, onChunk });
  return joined(chunks);
}

/** A column comes as several chunks where its pages hold bare numbers; one array is what callers index. */
function joined(chunks: readonly DecodedArray[]): ArrayLike<unknown> {
  if (chunks.length === 1) return chunks[0] as DecodedArray;
  const all: unknown[] = [];
  for (const chunk of chunks) for (let i = 0; i < chunk.length; i++) all.push(chunk[i]);
  return all;
}

/**
 * hyparquet has no parser for plain integers, but decodes decimals to numbers, and a 64-bit integer is a decimal of
 * scale 0. So a dictionary is converted once, and no bigint is made for a row.
 */
function withInt64AsNumbers(metadata: FileMetaData): FileMetaData {
  const schema = metadata.schema.map((element) => {
    const { type, converted_type: converted, logical_type: logical } = element;
    const plain = type === 'INT64' && (converted === 'INT_64' || (converted === undefined && logical === undefined));
    return plain ? { ...element, converted_type: 'DECIMAL' as const, scale: 0, precision: 19 } : element;
  });
  return { ...metadata, schema };
}

function columnNames<C extends string>(file: string, metadata: FileMetaData, wanted: readonly C[] | undefined): C[] {
  const present = namesOfColumns(metadata);
  const missing = wanted?.find((name) => !present.includes(name));
  if (missing === undefined) return [...new Set(wanted ?? (present as C[]))];
  const message = `"${file}" has no column "${missing}". It has ${present.map((name) => `"${name}"`).join(', ')}.`;
  throw new ParquetError('ERR_PARQUET_COLUMN', file, message, undefined, present);
}

function rowGroupNumbers(
  file: string,
  metadata: FileMetaData,
  wanted: readonly number[] | undefined,
): Iterable<number> {
  const { length } = metadata.row_groups;
  const missing = wanted?.find((index) => index >= length);
  if (missing === undefined) return wanted ?? metadata.row_groups.keys();
  const message = `"${file}" has no row group ${missing}. It has ${length}, numbered from 0.`;
  throw new ParquetError('ERR_PARQUET_ROW_GROUP', file, message);
}
