import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { NodeReader } from './NodeReader.ts';
import type { ReaderListener } from './pump.ts';

/** Reads what a stream of gzip data holds, and owns that stream: whatever ends one of the two ends the other. */
export class GzipReader extends NodeReader {
  readonly #compressed: Readable;

  constructor(compressed: Readable, listener: ReaderListener, size?: number) {
    const gunzip = createGunzip({ chunkSize: CHUNK });
    compressed.on('error', (error) => gunzip.destroy(error));
    super(compressed.pipe(gunzip), listener, size);
    this.#compressed = compressed;
  }

  override async release(): Promise<void> {
    const released = super.release();
    this.#compressed.destroy();
    if (!this.#compressed.closed) await once(this.#compressed, 'close');
    await released;
  }
}

/** As much as is read of the file at once. */
const CHUNK = 65_536;
