import type { Writable } from 'node:stream';
import type { ItemWriter, WriterListener } from './ItemWriter.ts';
import { streamError } from '../streamError.ts';

/**
 * Writes to a Node.js stream for as long as that says that it has room, and then waits for `'drain'`.
 *
 * Its listeners go when the stream is done with it: an error that belongs to what was written here must not bring the process
 * down, as one does that nobody listens to.
 */
export class NodeWriter implements ItemWriter {
  readonly #stream: Writable;
  readonly #ends: boolean;
  #listener!: WriterListener;
  /** Whether the stream has asked to wait for `'drain'`. */
  #isFull = false;
  /** How many writes have not been answered. */
  #unanswered = 0;
  #ending = false;
  #finished = false;
  #closed = false;
  /** Whether it has told of an end or a failure, or been released. */
  #over = false;
  /** What the stream failed with or was destroyed with: to hear of it again is no news. */
  #known: unknown;
  /** Whether a write was answered with an error. */
  #hasFailed = false;
  #onAnswered: (() => void) | undefined;

  /** `ends` says whether the stream is ended after the last item, and destroyed if there is none. */
  constructor(stream: Writable, ends: boolean) {
    this.#stream = stream;
    this.#ends = ends;
  }

  start(listener: WriterListener): void {
    this.#listener = listener;
    this.#isFull = this.#stream.writableNeedDrain;
    this.#stream.on('drain', this.#onDrain).on('finish', this.#onFinish);
    this.#stream.on('error', this.#onError).on('close', this.#onClose);
  }

  get wants(): number {
    if (this.#isFull) return 0;
    const { writableObjectMode, writableHighWaterMark, writableLength } = this.#stream;
    return writableObjectMode ? Math.max(writableHighWaterMark - writableLength, 1) : 1;
  }

  write(item: unknown): void {
    this.#unanswered++;
    try {
      // Streams of old say nothing.
      if ((this.#stream.write(item, this.#answer) as unknown) === false) this.#isFull = true;
    } catch (error) {
      this.#unanswered--;
      throw error;
    }
  }

  end(): void {
    this.#ending = true;
    if (this.#ends) this.#stream.end();
    else if (this.#unanswered === 0) this.#finish();
  }

  async release(failure: { readonly error: unknown } | undefined): Promise<void> {
    const stream = this.#stream;
    this.#over = true;
    stream.off('drain', this.#onDrain).off('finish', this.#onFinish);
    if (!this.#ends) return this.#leave();
    if (!this.#finished) {
      this.#known ??= failure === undefined ? undefined : streamError(failure.error);
      stream.destroy(this.#known as Error | undefined);
    }
    // A stream that has finished destroys itself right after it has said so, if it does at all.
    await Promise.resolve();
    if (!stream.destroyed) return this.#leave();
    if (!this.#closed && tellsWhenClosed(stream)) await new Promise<void>((resolve) => stream.once('close', resolve));
    this.#stopListening();
  }

  /** Takes the last listeners off a stream that stays open, once everything that was written to it is answered. */
  #leave(): void {
    if (this.#unanswered === 0 && !this.#hasFailed) return this.#stopListening();
    // The error of a write comes after its answer.
    this.#onAnswered = () => setImmediate(() => this.#stopListening());
    if (this.#unanswered === 0) this.#onAnswered();
  }

  #stopListening(): void {
    this.#stream.off('close', this.#onClose).off('error', this.#onError);
  }

  readonly #answer = (error?: Error | null): void => {
    this.#unanswered--;
    if (this.#over) {
      if (this.#unanswered === 0) this.#onAnswered?.();
    } else if (error != null) {
      this.#hasFailed = true;
      // Nearly always an 'error' follows, or a 'close' that says more. It must find a listener.
      setImmediate(() => this.#fail(error));
    } else {
      this.#listener.written();
      if (this.#ending && !this.#ends && this.#unanswered === 0) this.#finish();
    }
  };

  readonly #onDrain = (): void => {
    this.#isFull = false;
    this.#listener.ready();
  };

  readonly #onFinish = (): void => {
    if (this.#over) return;
    if (this.#ending && this.#ends) this.#finish();
    else this.#fail(premature('The stream was ended by something else'));
  };

  readonly #onError = (error: unknown): void => {
    if (!this.#over) this.#fail(error);
    else if (!this.#isKnown(error)) this.#listener.late(error);
  };

  readonly #onClose = (): void => {
    this.#closed = true;
    this.#fail(premature('The stream was closed before everything was written'));
  };

  #finish(): void {
    this.#finished = this.#over = true;
    this.#listener.finished();
  }

  #fail(error: unknown): void {
    if (this.#over) return;
    this.#over = true;
    this.#known = error;
    this.#listener.failed(error);
  }

  /** Whether an error is known already, is one of the same kind about another item, or says that the stream was destroyed. */
  #isKnown(error: unknown): boolean {
    const code = codeOf(error);
    return error === this.#known || (code !== undefined && (code === codeOf(this.#known) || code === DESTROYED));
  }
}

const DESTROYED = 'ERR_STREAM_DESTROYED';

function codeOf(error: unknown): unknown {
  return (error as NodeJS.ErrnoException | null | undefined)?.code;
}

/** Whether a stream emits 'close' when it has been destroyed. Those of packages for old versions of Node.js may not. */
function tellsWhenClosed(stream: Writable & { readonly _writableState?: { readonly emitClose?: boolean } }): boolean {
  // oxlint-disable-next-line no-underscore-dangle -- nothing public tells
  return stream._writableState?.emitClose ?? 'closed' in stream;
}

function premature(message: string): Error & { readonly code: string } {
  return Object.assign(new Error(message), { code: 'ERR_STREAM_PREMATURE_CLOSE' as const });
}
