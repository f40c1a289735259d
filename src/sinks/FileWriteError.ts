import { inspect, reasonOf, type StageErrorFields } from '../core/errors.ts';

/** A file could not be written. What had been written is removed, and a file that was at `path` before is as it was. */
export class FileWriteError extends Error implements StageErrorFields {
  override readonly name = 'FileWriteError';
  /** The system's own code (`'ENOSPC'`, `'EACCES'`, ...), or `'ERR_FILE_WRITE'` where it gave none. */
  readonly code: string;
  readonly stage: string;
  /** The file that was to be written. */
  readonly path: string;
  /** How many bytes had been written. */
  readonly bytes: number;

  constructor(stage: string, path: string, bytes: number, cause: unknown) {
    const { code = 'ERR_FILE_WRITE', syscall } = (cause ?? {}) as Partial<NodeJS.ErrnoException>;
    const reason = reasonOf(cause);
    const written = `The ${bytes} bytes written so far are removed, and what was there before is as it was.`;
    // Behind the name of the call the system names the temporary file, which would only puzzle.
    const why = syscall === undefined ? reason : reason.split(" '", 1)[0];
    const sentences = [
      `Stage "${stage}" could not write ${inspect(path)}: ${why}.`,
      bytes > 0 && written,
      ADVICE[code],
    ];
    super(sentences.filter(Boolean).join(' '), { cause });
    this.code = code;
    this.stage = stage;
    this.path = path;
    this.bytes = bytes;
  }
}

const ADVICE: Partial<Record<string, string>> = {
  EACCES: 'This process needs the right to write in the directory.',
  EEXIST: 'Remove it first, or leave out "overwrite: false".',
  EISDIR: 'Give the path of a file in it.',
  ENOENT: 'Its directory has to exist: make it first, and leave it in place.',
  ENOSPC: 'Make room and run it again.',
  EROFS: 'Choose a directory that can be written to.',
};
