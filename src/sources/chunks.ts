import { Observable } from 'rxjs';
import { outOfRange } from '../core/errors.ts';
import { OptionReader } from '../core/options.ts';
import { filePath } from './filePath.ts';
import { fileReader, type FileSettings } from './fileReader.ts';
import { isGzip } from './isGzip.ts';
import { pump } from './pump.ts';

/** The options of {@link chunks}. */
export interface ChunksOptions {
  /** How many bytes each chunk has, but for the last: an integer from 1 to 1,073,741,824. Default 65,536. */
  size?: number | undefined;
  /** Whether to decompress the file. Default: if its name ends in `.gz`. */
  gzip?: boolean | undefined;
  /** Names the source in errors and the report: 1 to 200 characters. Default `'chunks'`. */
  name?: string | undefined;
}

/**
 * Emits the bytes of a file in chunks of equal size.
 *
 * ```
 * demand: -o--o---o       o: the stage below takes one more
 * result: -x--y---(z|)    x: 'abc'  y: 'def'  z: 'gh'    chunks(file, { size: 3 }) of a file that holds 'abcdefgh'
 * ```
 *
 * - **Emits** a `Buffer` of `size` bytes as soon as it is read, and of what is left at the end.
 * - **Holds back**: it takes no chunk while the gate below is closed; one more may have been read.
 * - **Completes** at the end of the file; an empty file gives nothing. Under `run`, a graceful end completes it at once.
 * - **Errors** with a {@link FileReadError} that names the file. In every ending the file is closed; under `run` the flow's
 *   end waits for that.
 *
 * It holds at most two chunks, and of a gzip file what the decompressor holds, about as much again.
 *
 * @example
 * ```ts
 * chunks('photo.raw', { size: 5 * 1024 * 1024 }).pipe(workerPool(uploadPart, { concurrency: 4 }));
 * ```
 *
 * @see {@link lines} for text. `fromReadable(() => createReadStream(path, { start, end }))` for a part of a file.
 * @param file A path or a `file:` URL. The file is opened on subscribe.
 * @param options See {@link ChunksOptions}.
 * @throws TypeError or RangeError if `file` or an option is wrong.
 */
export function chunks(file: string | URL, options: ChunksOptions = {}): Observable<Buffer> {
  const settings = read(file, options);
  return new Observable((subscriber) => {
    pump(subscriber, settings, (listener) => fileReader(settings, listener));
  });
}

function read(file: string | URL, options: ChunksOptions): FileSettings {
  const path = filePath('chunks', 'file', file);
  const reader = new OptionReader('chunks', options, ['size', 'gzip', 'name']);
  const size = reader.count('size', 1, 65_536);
  if (size > MOST) throw outOfRange('chunks', 'size', `an integer from 1 to ${MOST}`, size);
  return { name: reader.stageName('chunks'), path, gzip: isGzip(reader, path), size };
}

/** As much as a Node.js stream holds. */
const MOST = 2 ** 30;
