import type { StageErrorFields } from '../core/errors.ts';

/**
 * A file could not be opened, read or decompressed. `cause` is the error of the system, `code` its code: `ENOENT`, `EACCES`,
 * `EISDIR`, `Z_DATA_ERROR` (not gzip, or damaged), `Z_BUF_ERROR` (gzip that breaks off), ...
 */
export class FileReadError extends Error implements StageErrorFields {
  override readonly name = 'FileReadError';
  readonly code: string;
  readonly stage: string;
  /** The path of the file. */
  readonly path: string;

  constructor(stage: string, path: string, cause: Error & { readonly code?: string }) {
    const code = cause.code ?? 'ERR_FILE_READ';
    super(`Cannot read "${path}": ${cause.message}${adviceFor(code)}`, { cause });
    this.code = code;
    this.stage = stage;
    this.path = path;
  }
}

function adviceFor(code: string): string {
  if (code === 'Z_BUF_ERROR') return '. The gzip data breaks off: the file is incomplete.';
  if (code === 'Z_DATA_ERROR') return '. It is no gzip file, or it is damaged; with gzip: false it is read as it is.';
  if (code === 'EISDIR') return '. It is a directory.';
  return '';
}
