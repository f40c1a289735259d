import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { afterAll, beforeAll, beforeEach, describe, expect, expectTypeOf, it, vi } from 'vitest';
import { ParquetError } from '../../../src/sources/parquet/ParquetError.ts';
import { readRowGroups, type ReadRowGroupsOptions } from '../../../src/sources/parquet/rowGroups.ts';
import { rowGroup, type RowGroup } from '../../../src/sources/parquet/RowGroup.ts';

/** What was done with the file: every range read, and how many handles are open. */
const seen = vi.hoisted(() => ({ open: 0, opened: 0, ranges: [] as { start: number; end: number }[] }));

vi.mock('node:fs/promises', async (original) => {
  const fs = await original<{ open: (...args: unknown[]) => Promise<FileHandle> }>();
  const open = async (...args: unknown[]) => {
    const handle = await fs.open(...args);
    const read = handle.read.bind(handle) as (...range: unknown[]) => Promise<unknown>;
    const close = handle.close.bind(handle);
    seen.open++;
    seen.opened++;
    handle.read = ((bytes: Uint8Array, offset: number, length: number, start: number) => {
      seen.ranges.push({ start, end: start + length });
      return read(bytes, offset, length, start);
    }) as FileHandle['read'];
    handle.close = () => {
      seen.open--;
      return close();
    };
    return handle;
  };
  return { ...fs, open };
});

const file = new URL('../../../node_modules/vega-datasets/data/flights-3m.parquet', import.meta.url);
const path = fileURLToPath(file);
const GROUP = 272_727;
let folder: string;

beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'sluice-parquet-'))));
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(() => void Object.assign(seen, { open: 0, opened: 0, ranges: [] }));

async function first<C extends string>(groups: AsyncGenerator<RowGroup<C>>, index = 0): Promise<RowGroup<C>> {
  for await (const group of groups) if (group.index === index) return group;
  throw new Error('there is no such row group');
}

async function errorOf(source: string | URL, options?: ReadRowGroupsOptions): Promise<ParquetError> {
  const error: unknown = await readRowGroups(source, options)
    .next()
    .catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ParquetError);
  return error as ParquetError;
}

describe('readRowGroups', () => {
  it('gives every row group in order, with all rows of the file between them', async () => {
    const groups: (readonly number[])[] = [];
    for await (const { index, rowCount, columns } of readRowGroups(file, { columns: ['origin'] })) {
      groups.push([index, rowCount, columns.origin.length]);
    }
    const counts = groups.map(([, rowCount]) => rowCount);
    expect(groups).toEqual(counts.map((rowCount, i) => [i, rowCount, rowCount]));
    expect(counts).toEqual([...Array<number>(10).fill(GROUP), 272_730]);
  });

  it('decodes the values that hyparquet itself gives for these rows', async () => {
    const group = await first(readRowGroups(path), 1);
    const rows = [...take(group.rows(), 1000)];
    const buffer = await asyncBufferFromFile(path);
    const options = { file: buffer, compressors, rowStart: GROUP, rowEnd: GROUP + 1000 };
    expect(rows).toEqual(await parquetReadObjects(options));
  });

  it('gives 64-bit integers as bigints, or the same ones as numbers', async () => {
    const columns = ['delay'] as const;
    const bigints = await first(readRowGroups(file, { columns }));
    const numbers = await first(readRowGroups(file, { columns, int64: 'number' }));
    expect(bigints.columns.delay[0]).toBeTypeOf('bigint');
    expect(Array.from(bigints.columns.delay, Number)).toEqual(Array.from(numbers.columns.delay));
  });

  it('leaves timestamps to a parser, also where 64-bit integers become numbers', async () => {
    const parsers = { timestampFromMicroseconds: (micros: bigint) => Number(micros / 60_000_000n) };
    const { columns } = await first(readRowGroups(file, { columns: ['date'], int64: 'number', parsers }));
    const { columns: dates } = await first(readRowGroups(file, { columns: ['date'] }));
    expect(columns.date[0]).toBe((dates.date[0] as Date).getTime() / 60_000);
  });

  it('reads no byte of other columns or row groups', async () => {
    await first(readRowGroups(file, { columns: ['origin'] }), 2);
    const metadata = await parquetMetadataAsync(await asyncBufferFromFile(path));
    const ranges = metadata.row_groups.slice(0, 3).map(({ columns }) => {
      const origin = columns[3]!.meta_data!;
      const start = Number(origin.data_page_offset);
      return { start, end: start + Number(origin.total_compressed_size) };
    });
    const [footer, ...read] = seen.ranges;
    expect(footer!.end - footer!.start).toBeLessThan(2 ** 20);
    expect(read).toEqual(ranges);
  });

  it('gives the row groups that were asked for, in that order, and reads no byte of the others', async () => {
    const all = await first(readRowGroups(file, { columns: ['origin'] }), 2);
    seen.ranges = [];
    const groups: RowGroup<'origin'>[] = [];
    for await (const group of readRowGroups(file, { columns: ['origin'], rowGroups: [10, 2] })) groups.push(group);
    expect(groups.map(({ index, rowCount }) => [index, rowCount])).toEqual([
      [10, 272_730],
      [2, GROUP],
    ]);
    expect(groups[1]!.columns.origin).toEqual(all.columns.origin);
    // The footer, and one column of each.
    expect(seen.ranges).toHaveLength(3);
  });

  it('gives none where none is asked for', async () => {
    const groups = readRowGroups(file, { rowGroups: [] });
    expect(await groups.next()).toEqual({ done: true, value: undefined });
    expect(seen).toMatchObject({ opened: 1, open: 0 });
  });

  it('opens the file when the first row group is asked for', async () => {
    const groups = readRowGroups(file, { columns: ['origin'] });
    expect(seen.opened).toBe(0);
    await groups.next();
    expect(seen).toMatchObject({ opened: 1, open: 1 });
    await groups.return();
    expect(seen).toMatchObject({ opened: 1, open: 0 });
  });

  it('knows the names of the columns that were asked for', () => {
    const some = readRowGroups(file, { columns: ['origin', 'delay'] });
    expectTypeOf(some).toEqualTypeOf<AsyncGenerator<RowGroup<'origin' | 'delay'>, void, undefined>>();
    expectTypeOf(readRowGroups(file)).toEqualTypeOf<AsyncGenerator<RowGroup, void, undefined>>();
  });
});

describe('readRowGroups fails with a ParquetError and closes the file', () => {
  it('where there is no file', async () => {
    const error = await errorOf(join(folder, 'none.parquet'));
    expect(error).toMatchObject({ code: 'ERR_PARQUET_FILE', cause: { code: 'ENOENT' } });
    expect(error.message).toMatch(/none\.parquet" cannot be opened: ENOENT/);
  });

  it.each([
    ['text', 'date,delay\n2001-01-01,5\n'.repeat(20)],
    ['nothing', ''],
  ])('where the file holds %s', async (name, text) => {
    const source = join(folder, name);
    writeFileSync(source, text);
    const error = await errorOf(source);
    expect(error.code).toBe('ERR_PARQUET_FORMAT');
    expect(error.message).toContain(`${name}" is not a Parquet file: `);
    expect(seen).toMatchObject({ opened: 1, open: 0 });
  });

  it('where the path is a folder', async () => {
    expect(await errorOf(folder)).toBeInstanceOf(ParquetError);
    expect(seen.open).toBe(0);
  });

  it('where the file lacks a row group, and says how many it has', async () => {
    const error = await errorOf(file, { rowGroups: [10, 11] });
    expect(error.code).toBe('ERR_PARQUET_ROW_GROUP');
    expect(error.message).toMatch(/flights-3m[.]parquet" has no row group 11[.] It has 11, numbered from 0[.]$/);
    expect(seen).toMatchObject({ opened: 1, open: 0 });
  });

  it('where the file lacks a column, and lists those it has', async () => {
    const error = await errorOf(file, { columns: ['delay', 'orgin'] });
    expect(error.code).toBe('ERR_PARQUET_COLUMN');
    expect(error.columns).toEqual(['date', 'delay', 'distance', 'origin', 'destination']);
    expect(error.message).toMatch(
      /has no column "orgin"\. It has "date", "delay", "distance", "origin", "destination"\.$/,
    );
    expect(seen.open).toBe(0);
  });

  it('where a column is damaged, and says which', async () => {
    const bytes = readFileSync(file);
    const { row_groups: groups } = await parquetMetadataAsync(await asyncBufferFromFile(path));
    const start = Number(groups[1]!.columns[3]!.meta_data!.data_page_offset);
    bytes.fill(0xff, start, start + 400);
    const source = join(folder, 'damaged.parquet');
    writeFileSync(source, bytes);
    const groupsOf = readRowGroups(source, { columns: ['origin'] });
    await groupsOf.next();
    await expect(groupsOf.next()).rejects.toThrow(/cannot be decoded: row group 1, column "origin": /);
    expect(seen.open).toBe(0);
  });
});

describe('readRowGroups refuses at once', () => {
  it.each([
    [() => readRowGroups(7 as never), /"file" must be a path or a file: URL\. Received 7/],
    [() => readRowGroups(new URL('https://example.org/a.parquet')), /"file" must be a file: URL/],
    [() => readRowGroups(file, { columns: 'origin' as never }), /"columns" must be an array of column names/],
    [() => readRowGroups(file, { rowGroups: 3 as never }), /"rowGroups" must be an array of row group numbers, from 0/],
    [() => readRowGroups(file, { rowGroups: [0, -1] }), /"rowGroups" must be an array of row group numbers, from 0/],
    [() => readRowGroups(file, { rowGroups: [1.5] }), /"rowGroups" must be an array of row group numbers, from 0/],
    [() => readRowGroups(file, { columns: [] }), /"columns" must be one column name or more/],
    [() => readRowGroups(file, { int64: 'float' as never }), /"int64" must be "bigint" or "number"\. Received "float"/],
  ])('wrong arguments: %#', (call, message) => {
    expect(call).toThrow(message);
    expect(seen.opened).toBe(0);
  });
});

function* take<T>(values: Iterable<T>, count: number): Generator<T> {
  let taken = 0;
  for (const value of values) {
    if (taken++ === count) return;
    yield value;
  }
}

it('X3: a row has a column that is called __proto__ as a field of its own', () => {
  const columns = Object.fromEntries([
    ['__proto__', [{ admin: true }]],
    ['id', [5]],
  ]) as Record<string, unknown[]>;
  const [row] = rowGroup(0, 1, columns).rows();
  expect(Object.entries(row!)).toEqual([
    ['__proto__', { admin: true }],
    ['id', 5],
  ]);
  expect((row as { admin?: boolean }).admin).toBeUndefined();
  expect(Object.getPrototypeOf(row)).toBe(Object.prototype);
});
