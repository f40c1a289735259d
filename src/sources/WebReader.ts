import type { ReadableStream, ReadableStreamDefaultReader, ReadableStreamReadResult } from 'node:stream/web';
import type { ChunkReader, ReaderListener } from './pump.ts';

/** Reads a web stream, with one read outstanding at most. */
export class WebReader implements ChunkReader {
  chunk: unknown;
  readonly #reader: ReadableStreamDefaultReader<unknown>;
  readonly #listener: ReaderListener;
  #isHere = false;
  /** Whether the stream has ended or failed by itself. */
  #over = false;
  #released = false;

  constructor(stream: ReadableStream<unknown>, listener: ReaderListener) {
    this.#reader = stream.getReader();
    this.#listener = listener;
  }

  take(): boolean {
    if (this.#isHere) {
      this.#isHere = false;
      return true;
    }
    this.#reader.read().then(this.#arrived, this.#failed);
    return false;
  }

  async release(): Promise<void> {
    this.#released = true;
    this.chunk = undefined;
    const cancelled = this.#over ? undefined : this.#reader.cancel();
    this.#reader.releaseLock();
    await cancelled;
  }

  readonly #arrived = ({ done, value }: ReadableStreamReadResult<unknown>): void => {
    if (done) {
      this.#over = true;
      this.#listener.ended();
    } else {
      this.chunk = value;
      this.#isHere = true;
      this.#listener.ready();
    }
  };

  readonly #failed = (error: unknown): void => {
    this.#over = true;
    // After the release `cancel` says the same.
    if (!this.#released) this.#listener.failed(error);
  };
}
