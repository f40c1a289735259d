import { task } from '../../../src/parallel/task.ts';

/** What has a buffer in it. */
type Bytes = Uint8Array | ArrayBuffer | Int32Array;

/** Adds up what it gets, and so shows that it all arrived. */
export const sum = task(import.meta.url, 'sum', (bytes: Uint8Array) => bytes.reduce((all, one) => all + one, 0));

/** Gives back what it got. */
export const echo = task(import.meta.url, 'echo', (bytes: Bytes): Bytes => bytes);

/** Gives a new buffer, and keeps it: says how long the one before is by now. */
export const keep = task(import.meta.url, 'keep', (length: number, context) => {
  const kept = context.state(() => ({ last: undefined as Uint8Array | undefined }));
  const before = kept.last?.byteLength;
  kept.last = new Uint8Array(length).fill(7);
  return { bytes: kept.last, before };
});

/** Gives several new buffers, and at last how long each of them is once they have been sent. */
export const several = task(import.meta.url, 'several', async function* (length: number): AsyncGenerator<
  Uint8Array | number[]
> {
  const given = [1, 2].map((fill) => new Uint8Array(length).fill(fill));
  yield* given;
  await new Promise((resolve) => void setImmediate(resolve));
  yield given.map(({ byteLength }) => byteLength);
});

/** Gives one buffer several times in one result. */
export const twins = task(import.meta.url, 'twins', (length: number) => {
  const buffer = new Uint8Array(length).fill(3).buffer;
  return { all: new Uint8Array(buffer), again: new Uint8Array(buffer), buffer };
});

/** Gives the lengths of what is in an item, and whether two of them are the same memory. */
export const lengths = task(import.meta.url, 'lengths', (item: { a: Uint8Array; b: Uint8Array }) => ({
  a: item.a.byteLength,
  b: item.b.byteLength,
  same: item.a.buffer === item.b.buffer,
}));

/** Writes to shared memory. */
export const write = task(import.meta.url, 'write', ({ cells, at }: { cells: Int32Array; at: number }) => {
  Atomics.store(cells, at, at + 1);
  return cells.buffer instanceof SharedArrayBuffer;
});

/** Gives a `Buffer` that is a part of Node's pool. */
export const pooled = task(import.meta.url, 'pooled', (text: string) => Buffer.from(text));
