import type { FileHandle } from 'node:fs/promises';
import type { AsyncBuffer } from 'hyparquet';

/**
 * Gives ranges of an open file to hyparquet. Unlike hyparquet's own `asyncBufferFromFile`, it reads each range with one
 * call into one buffer and leaves the handle, and so its closing, to the caller.
 */
export async function fileBuffer(handle: FileHandle): Promise<AsyncBuffer> {
  const { size } = await handle.stat();
  return {
    byteLength: size,
    async slice(start, end = size) {
      const bytes = new Uint8Array(end - start);
      let filled = 0;
      while (filled < bytes.length) {
        const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled, start + filled);
        if (bytesRead === 0) throw new Error(`the file ended at byte ${start + filled}, before byte ${end}`);
        filled += bytesRead;
      }
      return bytes.buffer;
    },
  };
}
