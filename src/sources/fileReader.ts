import { createReadStream } from 'node:fs';
import { FileReadError } from './FileReadError.ts';
import { GzipReader } from './GzipReader.ts';
import { NodeReader } from './NodeReader.ts';
import type { ChunkReader, ReaderListener } from './pump.ts';

/** Which file is read, and how. */
export interface FileSettings {
  /** The name of the source. */
  readonly name: string;
  readonly path: string;
  /** Whether to decompress it. */
  readonly gzip: boolean;
  /** How many bytes every chunk but the last has. Default: as many as there are, up to 64 KiB. */
  readonly size?: number | undefined;
}

/** Opens a file to read it chunk by chunk. Every error names the file. */
export function fileReader({ name, path, gzip, size }: FileSettings, listener: ReaderListener): ChunkReader {
  const naming: ReaderListener = {
    ready: () => listener.ready(),
    ended: () => listener.ended(),
    failed: (cause) => listener.failed(new FileReadError(name, path, cause as Error)),
  };
  const file = createReadStream(path, { highWaterMark: gzip ? undefined : size });
  return gzip ? new GzipReader(file, naming, size) : new NodeReader(file, naming, size);
}
