import type { ItemWriter, WriterListener } from './ItemWriter.ts';

/** Writes to a web stream, which it keeps locked meanwhile, for as long as that says that it has room. */
export class WebWriter implements ItemWriter {
  readonly #writer: WritableStreamDefaultWriter<unknown>;
  readonly #ends: boolean;
  #listener!: WriterListener;
  #unanswered = 0;
  #ending = false;
  #finished = false;
  /** Whether it has told of an end or a failure, or been released. */
  #over = false;
  /** What the stream failed with: to hear of it again is no news. */
  #known: { readonly error: unknown } | undefined;

  /** `ends` says whether the stream is closed after the last item, and aborted if there is none. */
  constructor(stream: WritableStream<unknown>, ends: boolean) {
    this.#writer = stream.getWriter();
    this.#ends = ends;
  }

  start(listener: WriterListener): void {
    this.#listener = listener;
    this.#writer.closed.then(this.#onClosed, this.#fail);
  }

  get wants(): number {
    if (this.#over) return 0;
    // A stream whose high-water mark is 0 never says that it has room: it is given one item at a time.
    if (this.#unanswered === 0) return 1;
    return (this.#writer.desiredSize ?? 0) > 0 ? 1 : 0;
  }

  write(item: unknown): void {
    this.#unanswered++;
    this.#writer.write(item).then(this.#onWritten, this.#fail);
  }

  end(): void {
    this.#ending = true;
    if (this.#ends) this.#writer.close().then(this.#finish, this.#fail);
    else if (this.#unanswered === 0) this.#finish();
  }

  async release(failure: { readonly error: unknown } | undefined): Promise<void> {
    this.#over = true;
    this.#known ??= failure;
    const aborted = this.#ends && !this.#finished ? this.#writer.abort(failure?.error) : undefined;
    this.#writer.releaseLock();
    try {
      await aborted;
    } catch (error) {
      if (error !== this.#known?.error) this.#listener.late(error);
    }
  }

  readonly #onWritten = (): void => {
    this.#unanswered--;
    if (this.#over) return;
    this.#listener.written();
    if (!this.#ending) this.#listener.ready();
    else if (!this.#ends && this.#unanswered === 0) this.#finish();
  };

  readonly #onClosed = (): void => {
    // When it has closed the stream itself, `close` says so.
    if (!this.#ending) this.#fail(new Error('The stream was closed before everything was written'));
  };

  readonly #finish = (): void => {
    if (this.#over) return;
    this.#finished = this.#over = true;
    this.#listener.finished();
  };

  readonly #fail = (error: unknown): void => {
    if (this.#over) return;
    this.#over = true;
    this.#known = { error };
    this.#listener.failed(error);
  };
}
