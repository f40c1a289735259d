import type { StageErrorFields } from '../core/errors.ts';

/** A line is longer than `maxLength` allows. Only as much of it was held as is allowed. */
export class LineTooLongError extends Error implements StageErrorFields {
  override readonly name = 'LineTooLongError';
  readonly code = 'ERR_LINE_TOO_LONG';
  readonly stage: string;
  /** The path of the file, or `undefined` if the line came out of a stream. */
  readonly path: string | undefined;
  /** The number of the line, from 1. */
  readonly line: number;
  /** How many bytes a line may have. */
  readonly limit: number;

  constructor(stage: string, path: string | undefined, line: number, limit: number) {
    const where = path === undefined ? 'the stream' : `"${path}"`;
    super(
      `Line ${line} of ${where} is longer than ${limit} bytes. Raise maxLength, or leave such lines out with onError: 'skip'.`,
    );
    this.stage = stage;
    this.path = path;
    this.line = line;
    this.limit = limit;
  }
}
