import type { Readable } from 'node:stream';
import type { ChunkReader, ReaderListener } from './pump.ts';

/**
 * Reads a Node.js stream with `read()`, never in flowing mode, so that what is not asked for stays in the stream and its
 * own high-water mark holds its producer back.
 */
export class NodeReader implements ChunkReader {
  static readonly #taken = new WeakSet<object>();
  chunk: unknown;
  readonly #stream: Readable;
  readonly #listener: ReaderListener;
  readonly #size: number | undefined;
  /** Whether there may be something to read. A stream that is read from while it is empty takes a tick for every object. */
  #isReadable = false;
  #ended = false;
  /** Whether it has told of an end or an error, or been released: it tells nothing more. */
  #over = false;
  #closed = false;
  /** Errors that came too late to be delivered. */
  readonly #late: unknown[] = [];

  /** Whether a stream has been given to a reader before. */
  static hasTaken(stream: object): boolean {
    return NodeReader.#taken.has(stream);
  }

  /** With `size`, every chunk but the last has that many bytes. */
  constructor(stream: Readable, listener: ReaderListener, size?: number) {
    NodeReader.#taken.add(stream);
    this.#stream = stream;
    this.#listener = listener;
    this.#size = size;
    stream.on('end', this.#onEnd).on('error', this.#onError).on('close', this.#onClose);
    // Last, since a stream starts to read when somebody listens to this.
    stream.on('readable', this.#onReadable);
  }

  take(): boolean {
    if (!this.#isReadable) return false;
    const chunk: unknown = this.#stream.read(this.#size);
    this.#isReadable = chunk !== null;
    this.chunk = chunk;
    return this.#isReadable;
  }

  async release(): Promise<void> {
    const stream = this.#stream;
    this.#over = true;
    this.chunk = undefined;
    stream.off('readable', this.#onReadable).off('end', this.#onEnd).off('error', this.#onError);
    // What goes wrong from here on must not bring the process down, as an error that nobody listens to would.
    stream.on('error', this.#onLateError);
    if (!this.#ended) stream.destroy();
    // A stream that has come to its end destroys itself right after it has said so, if it does at all.
    else await Promise.resolve();
    if (!this.#closed && stream.destroyed && tellsWhenClosed(stream)) {
      await new Promise<void>((resolve) => stream.once('close', resolve));
    }
    stream.off('close', this.#onClose);
    // One that is open still, like a socket whose other half is, stays with its owner, and so do its errors.
    if (this.#closed || !stream.destroyed) stream.off('error', this.#onLateError);
    if (this.#late.length > 0) throw this.#late[0];
  }

  readonly #onReadable = (): void => {
    this.#isReadable = true;
    this.#listener.ready();
  };

  readonly #onEnd = (): void => {
    this.#ended = this.#over = true;
    this.#listener.ended();
  };

  readonly #onError = (error: unknown): void => {
    if (this.#over) return this.#onLateError(error);
    this.#over = true;
    this.#listener.failed(error);
  };

  readonly #onLateError = (error: unknown): void => void this.#late.push(error);

  readonly #onClose = (): void => {
    this.#closed = true;
    if (!this.#over) this.#listener.failed(prematureClose());
  };
}

/** Whether a stream emits 'close' when it has been destroyed. Those of packages for old versions of Node.js may not. */
function tellsWhenClosed(stream: Readable & { readonly _readableState?: { readonly emitClose?: boolean } }): boolean {
  // oxlint-disable-next-line no-underscore-dangle -- nothing public tells
  return stream._readableState?.emitClose ?? 'closed' in stream;
}

function prematureClose(): Error & { readonly code: string } {
  const message = 'The stream was closed before its end: its producer broke off, or something else destroyed it.';
  return Object.assign(new Error(message), { code: 'ERR_STREAM_PREMATURE_CLOSE' as const });
}
