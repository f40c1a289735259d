import { once } from 'node:events';
import type * as Fs from 'node:fs';

/** Every file that `createReadStream` has opened, in a test that mocks `node:fs` with {@link watched}. */
export const opened: Fs.ReadStream[] = [];

/** `node:fs`, with a note of each file that it opens. */
export function watched(fs: typeof Fs): typeof Fs {
  const createReadStream: typeof fs.createReadStream = (...args) => {
    const stream = fs.createReadStream(...args);
    opened.push(stream);
    return stream;
  };
  return { ...fs, createReadStream };
}

/** Resolves when every opened file has been closed. */
export async function allClosed(): Promise<void> {
  for (const stream of opened) if (!stream.closed) await once(stream, 'close');
}
