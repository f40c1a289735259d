import type { OperatorFunction } from 'rxjs';
import { outOfRange } from '../core/errors.ts';
import { operate } from '../core/operate.ts';
import { OptionReader } from '../core/options.ts';
import { readFlag } from '../core/readers.ts';
import { filePath } from './filePath.ts';
import { FileStage, type WrittenFile } from './FileStage.ts';

export type { WrittenFile };

/** The options of {@link toFile}. */
export interface ToFileOptions {
  /**
   * Whether to replace a file that is already there. Default `true`. With `false` the flow fails with `EEXIST` if there
   * is one when it starts or when it is done; the file system must know hard links then.
   */
  overwrite?: boolean | undefined;
  /**
   * Whether to have everything on the disk (`fsync`) before the file is put in its place. Default `true`: without it, a
   * loss of power soon after may leave an empty or half-written file where a good one was. Costs some milliseconds a
   * file.
   */
  sync?: boolean | undefined;
  /** Whether to compress the file. Default: if its name ends in `.gz`. */
  gzip?: boolean | undefined;
  /** The permissions of the new file, 0 to 0o777, before the process's umask is taken off. Default `0o666`. */
  mode?: number | undefined;
  /** How many items it may hold, those being written included: an integer of 1 or more. Default 2,048. */
  capacity?: number | undefined;
  /** Names the stage in errors and the report. Default `'toFile'`. */
  name?: string | undefined;
  /**
   * How many items beyond its bound it takes from a source that cannot be paused, before it fails with an
   * `OverflowError`. Default 1,000,000.
   */
  overflowLimit?: number | undefined;
}

/**
 * Writes strings and bytes to a file that appears in its place only when it is whole.
 *
 * ```
 * source: a-b-c|
 * result: ---------(s|)    s: { path, bytes, items }, once the file is in its place
 * ```
 *
 * - **Emits** one {@link WrittenFile} when the file is in its place; for an empty source too, which makes an empty
 *   file.
 * - **Holds back** its source while it holds `capacity` items, or fewer that come to 1 MiB (strings count by their
 *   length). It writes what has come together, one write at a time; while the gate below is closed it begins none.
 * - **Completes** after the summary.
 * - **Errors** at once with its source; with a `FileWriteError` that keeps the system's `code` and `cause`; and with a
 *   `TypeError` for an item that is neither a string nor a `Uint8Array`.
 *
 * It holds at most `capacity` items, and of those no more than 1 MiB and one item beyond.
 *
 * On an error or unsubscribe the unfinished file is removed, and what was at `path` before is as it was; under `run`
 * the flow's end waits for that. An unsubscribe that comes while the file is being put in its place may come too late.
 *
 * Until it is whole the content is in a file of its own in the same directory, whose name ends in `.tmp`: two flows
 * that write to one path do not disturb each other, and the last one wins. A process that is killed leaves such a file
 * behind. The directory must exist; a symbolic link or a device at `path` is refused, since it would be replaced.
 *
 * Strings are written as UTF-8, with nothing between them. A `Uint8Array` must not be changed once it has been sent.
 *
 * @example
 * ```ts
 * const { bytes } = await lastValueFrom(rows$.pipe(encodeNdjson(), toFile('out/rows.ndjson.gz')));
 * ```
 *
 * A million lines of 50 bytes take about a third of a second. Not for logs and pipes, which are to be seen while they
 * grow.
 *
 * @see `pipeline` and `createWriteStream` of Node.js, which leave half a file behind where something fails.
 * {@link forEach} with a file handle, to add to a file that is there.
 * @param path Where the file is to be: a path, from the current directory if relative, or a `file:` URL.
 * @param options See {@link ToFileOptions}.
 * @throws TypeError if `path` is no path, or empty, or has a NUL in it; TypeError or RangeError if an option is wrong.
 */
export function toFile(
  path: string | URL,
  options: ToFileOptions = {},
): OperatorFunction<string | Uint8Array, WrittenFile> {
  const given = filePath('toFile', path);
  const read = new OptionReader<ToFileOptions>('toFile', options, OPTIONS);
  const mode = read.count('mode', 0, 0o666);
  if (mode > 0o777) throw outOfRange('toFile', 'mode', 'an integer from 0 to 0o777', mode);
  const settings = {
    path: given,
    name: read.stageName('toFile'),
    overwrite: readFlag(read, 'overwrite', true),
    sync: readFlag(read, 'sync', true),
    mode,
    capacity: read.count('capacity', 1, 2048),
    overflowLimit: read.count('overflowLimit', 0, 1_000_000, true),
    gzip: readFlag(read, 'gzip', given.toLowerCase().endsWith('.gz')),
  };
  return operate((connection) => new FileStage(connection, settings));
}

const OPTIONS = ['overwrite', 'sync', 'gzip', 'mode', 'capacity', 'name', 'overflowLimit'] as const;
