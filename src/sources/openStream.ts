import type { ReadableStream } from 'node:stream/web';
import { checkStream } from './checkStream.ts';
import { NodeReader } from './NodeReader.ts';
import type { ChunkReader, ReaderListener } from './pump.ts';
import { WebReader } from './WebReader.ts';

/** Begins to read the stream that `source` is or gives. Throws, in the name of `fn`, if it cannot be read. */
export function openStream(fn: string, source: unknown, listener: ReaderListener): ChunkReader {
  const stream: unknown = typeof source === 'function' ? (source as () => unknown)() : source;
  checkStream(fn, stream);
  return 'getReader' in stream
    ? new WebReader(stream as ReadableStream<unknown>, listener)
    : new NodeReader(stream, listener);
}
