import { randomBytes } from 'node:crypto';
import { link, lstat, open, rename, unlink, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { Gzip } from './Gzip.ts';

/** What an {@link AtomicFile} is told about itself. */
export interface AtomicFileSettings {
  readonly path: string;
  /** Its permissions, before the process's umask is taken off. */
  readonly mode: number;
  /** Whether to replace a file that is already there. */
  readonly overwrite: boolean;
  /** Whether its content has to be on the disk before it takes the place of another. */
  readonly sync: boolean;
  readonly gzip: boolean;
}

/**
 * A file that is at its path only once it is whole: it is written under another name in the same directory and then
 * renamed.
 *
 * `open`, any number of `write`, then `commit`, each after the one before has settled; or `discard` at any time.
 */
export class AtomicFile {
  /** How many bytes it has so far. */
  bytes = 0;
  readonly #settings: AtomicFileSettings;
  readonly #target: string;
  readonly #temporary: string;
  readonly #gzip: Gzip | undefined;
  #handle: FileHandle | undefined;
  /** Whether there is a file under the temporary name. */
  #exists = false;
  #working: Promise<void> | undefined;
  #discarded: Promise<void> | undefined;

  constructor(settings: AtomicFileSettings) {
    this.#settings = settings;
    // Resolved once: the process may change its directory meanwhile.
    this.#target = resolve(settings.path);
    // Not to be guessed, so that nobody who may write in the directory can put a link in its place; and short enough
    // for every file system, whatever the target is called.
    const name = `.${basename(this.#target).slice(0, 40)}.${randomBytes(12).toString('hex')}.tmp`;
    this.#temporary = join(dirname(this.#target), name);
    this.#gzip = settings.gzip ? new Gzip() : undefined;
  }

  /** Makes the temporary file. Fails, and makes none, if the path cannot become a file or must not be replaced. */
  open(): Promise<void> {
    return this.#work(async () => {
      await this.#checkTarget();
      if (this.#discarded !== undefined) return;
      this.#handle = await open(this.#temporary, 'wx', this.#settings.mode);
      this.#exists = true;
    });
  }

  /** Adds bytes. After a failure the temporary file may hold a part of them: it can only be discarded. */
  write(data: Uint8Array): Promise<void> {
    return this.#work(() => this.#compress(data));
  }

  /**
   * Adds the last bytes, which may be none, and puts the file in its place. On failure what was there before is as it
   * was.
   */
  commit(rest: Uint8Array): Promise<void> {
    return this.#work(async () => {
      if (rest.length > 0) await this.#compress(rest);
      if (this.#gzip !== undefined) for (const piece of await this.#gzip.end()) await this.#append(piece);
      if (this.#discarded !== undefined) return;
      if (this.#settings.sync) await this.#handle?.sync();
      await this.#close();
      // The last moment at which it can be given up.
      if (this.#discarded !== undefined) return;
      if (this.#settings.overwrite) {
        await rename(this.#temporary, this.#target);
        this.#exists = false;
      } else {
        // Unlike a rename, a link fails if there is something in its place by now.
        await link(this.#temporary, this.#target);
        await this.#remove();
      }
    });
  }

  /**
   * Gives the file up: waits for what is under way, closes it and removes it. Does nothing if it is in its place
   * already.
   */
  discard(): Promise<void> {
    return (this.#discarded ??= this.#undo(this.#working));
  }

  #work(work: () => Promise<void>): Promise<void> {
    return (this.#working = work());
  }

  async #checkTarget(): Promise<void> {
    const there = await lstat(this.#target).catch(unlessMissing);
    if (there === undefined) return;
    if (there.isDirectory()) throw refusal('EISDIR', 'it is a directory');
    // A rename would replace the link, or the device, itself.
    if (there.isSymbolicLink()) throw refusal('ELOOP', 'it is a symbolic link; give the path of the file itself');
    if (!there.isFile()) throw refusal('EINVAL', 'it is a device, a pipe or a socket, which a file cannot replace');
    if (!this.#settings.overwrite) throw refusal('EEXIST', 'it exists already');
  }

  async #undo(working: Promise<void> | undefined): Promise<void> {
    try {
      await working;
    } catch {
      // Whether the work on a file that nobody wants went well is no longer of interest.
    }
    try {
      await this.#close();
    } finally {
      await this.#remove();
    }
  }

  async #compress(data: Uint8Array): Promise<void> {
    if (this.#gzip === undefined) await this.#append(data);
    else for (const piece of await this.#gzip.write(data)) await this.#append(piece);
  }

  async #append(data: Uint8Array): Promise<void> {
    for (let offset = 0; offset < data.length && this.#discarded === undefined;) {
      // A disk that fills up writes less than it is given, and says why only the next time.
      const { bytesWritten } = await this.#handle!.write(data, offset, Math.min(data.length - offset, MOST_AT_ONCE));
      offset += bytesWritten;
      this.bytes += bytesWritten;
    }
  }

  async #close(): Promise<void> {
    this.#gzip?.destroy();
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close();
  }

  async #remove(): Promise<void> {
    if (!this.#exists) return;
    this.#exists = false;
    // Somebody else may have removed it, or the whole directory.
    await unlink(this.#temporary).catch(unlessMissing);
  }
}

function unlessMissing(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}

/**
 * No more than this in one call, so that a large item can be given up half way, and stays below the system's own limit.
 */
const MOST_AT_ONCE = 8 * 2 ** 20;

function refusal(code: string, why: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: ${why}`), { code });
}
