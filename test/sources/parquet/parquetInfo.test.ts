import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { ParquetError } from '../../../src/sources/parquet/ParquetError.ts';
import { parquetInfo } from '../../../src/sources/parquet/parquetInfo.ts';

/** How many handles are open. */
const seen = vi.hoisted(() => ({ open: 0 }));

vi.mock('node:fs/promises', async (original) => {
  const fs = await original<{ open: (...args: unknown[]) => Promise<FileHandle> }>();
  const open = async (...args: unknown[]) => {
    const handle = await fs.open(...args);
    const close = handle.close.bind(handle);
    seen.open++;
    handle.close = () => {
      seen.open--;
      return close();
    };
    return handle;
  };
  return { ...fs, open };
});

const file = new URL('../../../node_modules/vega-datasets/data/flights-3m.parquet', import.meta.url);
let folder: string;

beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'sluice-parquet-info-'))));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => expect(seen.open).toBe(0));

describe('parquetInfo', () => {
  it.each([
    ['URL', file],
    ['path', fileURLToPath(file)],
  ])('says what columns and how many rows are in the row groups of a file given by its %s', async (_, source) => {
    expect(await parquetInfo(source)).toEqual({
      columns: ['date', 'delay', 'distance', 'origin', 'destination'],
      rowCount: 3_000_000,
      rowGroups: [...Array<number>(10).fill(272_727), 272_730],
    });
  });

  it('rejects where there is no file', async () => {
    await expect(parquetInfo(join(folder, 'none'))).rejects.toMatchObject({ code: 'ERR_PARQUET_FILE' });
  });

  it('rejects where the file is no Parquet file', async () => {
    const source = join(folder, 'text');
    writeFileSync(source, 'date,delay\n'.repeat(50));
    const error: unknown = await parquetInfo(source).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ParquetError);
    expect(error).toMatchObject({ code: 'ERR_PARQUET_FORMAT', file: source });
  });

  it('refuses what is no file, at once', () => {
    expect(() => parquetInfo(5 as never)).toThrow(/^parquetInfo[(][)]: "file" must be /);
    expect(() => parquetInfo(new URL('https://example.org/x.parquet'))).toThrow(/must be a file: URL/);
  });
});
