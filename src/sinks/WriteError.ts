import { reasonOf, type StageErrorFields } from '../core/errors.ts';

/** The destination of a flow failed, or was closed before everything was written. `cause` is its own error, unchanged. */
export class WriteError extends Error implements StageErrorFields {
  override readonly name = 'WriteError';
  /** The destination's own code (`'EPIPE'`, `'ERR_STREAM_PREMATURE_CLOSE'`, ...), or `'ERR_WRITE'` where it gave none. */
  readonly code: string;
  readonly stage: string;
  /** How many items the destination had written. */
  readonly items: number;

  constructor(stage: string, items: number, cause: unknown) {
    const { code } = (cause ?? {}) as { readonly code?: unknown };
    const written = `Stage "${stage}" had written ${items} items when its destination failed: ${reasonOf(cause)}.`;
    const advice = typeof code === 'string' ? ADVICE[code] : undefined;
    super(advice === undefined ? written : `${written} ${advice}`, { cause });
    this.code = typeof code === 'string' ? code : 'ERR_WRITE';
    this.stage = stage;
    this.items = items;
  }
}

const GONE = "Who reads it went away: if that is how it ends, say readerGone: 'complete'.";
const ADVICE: Partial<Record<string, string>> = {
  ECONNRESET: GONE,
  EPIPE: GONE,
  ERR_INVALID_ARG_TYPE:
    'Make text or bytes of the items first (encodeNdjson, encodeCsv), or give a stream in object mode.',
  ERR_STREAM_NULL_VALUES: 'In a stream null means its end.',
  ERR_STREAM_PREMATURE_CLOSE: GONE,
  ENOSPC: 'Make room and run it again.',
};
