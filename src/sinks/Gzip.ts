import { createGzip } from 'node:zlib';

/** gzip, one piece after the other, each compressed before the next is asked for. */
export class Gzip {
  readonly #stream = createGzip();
  #made: Uint8Array[] = [];

  constructor() {
    this.#stream.on('data', (piece: Uint8Array) => this.#made.push(piece));
    // An error reaches whoever waits for a piece; without a listener it would end the process, too.
    this.#stream.on('error', () => {});
  }

  /** Takes a piece of input. Gives what there is of the output, which may be nothing yet. */
  write(data: Uint8Array): Promise<Uint8Array[]> {
    return new Promise((resolve, reject) => {
      this.#stream.write(data, (error) => (error == null ? resolve(this.#take()) : reject(error)));
    });
  }

  /** Gives the rest of the output. */
  end(): Promise<Uint8Array[]> {
    return new Promise((resolve, reject) => {
      this.#stream
        .once('error', reject)
        .once('end', () => resolve(this.#take()))
        .end();
    });
  }

  /** Releases what it holds outside the heap. To be called after the last write has settled. */
  destroy(): void {
    this.#stream.destroy();
  }

  #take(): Uint8Array[] {
    const made = this.#made;
    this.#made = [];
    return made;
  }
}
