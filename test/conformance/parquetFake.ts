import type * as Hyparquet from 'hyparquet';

/** A row group of one row and one column, in which its number stands. */
interface Group {
  readonly num_rows: bigint;
  readonly n: number;
}

/**
 * `hyparquet` for a "file" in which nothing stands but how many row groups it has, so that a file can be of any length. Everything
 * else is real: the file, its handle, the generator, the source.
 */
export function fake(real: typeof Hyparquet): object {
  return {
    ...real,
    async parquetMetadataAsync(buffer: Hyparquet.AsyncBuffer) {
      const count = Number(new TextDecoder().decode(await buffer.slice(0, buffer.byteLength)));
      return { schema: [], row_groups: Array.from({ length: count }, (_, n): Group => ({ num_rows: 1n, n })) };
    },
    parquetSchema: () => ({ children: [{ element: { name: 'n' } }] }),
    async parquetRead({ metadata, onChunk }: FakeRead) {
      onChunk({ columnData: [metadata.row_groups[0]!.n] });
    },
  };
}

interface FakeRead {
  readonly metadata: { readonly row_groups: readonly Group[] };
  readonly onChunk: (chunk: { columnData: number[] }) => void;
}
