import { wrongType, wrongValue } from '../../core/errors.ts';
import { holds, isArrayOf, isFunction, isOptions, OptionReader } from '../../core/options.ts';
import { filePath } from '../filePath.ts';
import { isUrl } from '../isUrl.ts';
import type { ParquetParsers, ReadRowGroupsOptions } from './rowGroups.ts';

/** Checks the arguments of a reading in the name of the function that was called. */
export function checkReading(fn: string, file: unknown, options: ReadRowGroupsOptions): void {
  const read = new OptionReader(fn, options, ['columns', 'rowGroups', 'int64', 'parsers']);
  const columns = read.get('columns');
  const rowGroups = read.get('rowGroups');
  const int64 = read.get('int64');
  const parsers = read.get('parsers');
  checkFile(fn, file);
  if (columns !== undefined && !isArrayOf(columns, (name) => typeof name === 'string')) {
    throw wrongType(fn, 'columns', 'an array of column names', columns);
  }
  if (columns?.length === 0) throw wrongValue(fn, 'columns', 'one column name or more', columns);
  if (rowGroups !== undefined) {
    const rule = 'an array of row group numbers, from 0';
    if (!isArrayOf(rowGroups, (index) => typeof index === 'number')) throw wrongType(fn, 'rowGroups', rule, rowGroups);
    if (!rowGroups.every((index) => Number.isSafeInteger(index) && index >= 0)) {
      throw wrongValue(fn, 'rowGroups', rule, rowGroups);
    }
  }
  if (int64 !== undefined && int64 !== 'bigint' && int64 !== 'number') {
    throw read.wrong('int64', '"bigint" or "number"', int64);
  }
  if (parsers !== undefined && !areParsers(parsers)) {
    throw read.wrong('parsers', `an object of functions by the names ${PARSERS.join(', ')}`, parsers);
  }
}

/** Checks that a file is given by a path or a `file:` URL. */
export function checkFile(fn: string, file: unknown): void {
  if (isUrl(file) && file.protocol !== 'file:') throw wrongValue(fn, 'file', 'a file: URL', file.href);
  filePath(fn, 'file', file);
}

function areParsers(parsers: object): boolean {
  return holds(
    () =>
      isOptions(parsers) &&
      Object.entries(parsers).every(
        ([name, parse]) => (PARSERS as readonly string[]).includes(name) && (parse === undefined || isFunction(parse)),
      ),
  );
}

const PARSERS = [
  'timestampFromMilliseconds',
  'timestampFromMicroseconds',
  'timestampFromNanoseconds',
  'dateFromDays',
  'stringFromBytes',
  'jsonFromBytes',
  'geometryFromBytes',
  'geographyFromBytes',
  'uuidFromBytes',
] as const satisfies readonly (keyof ParquetParsers)[];
