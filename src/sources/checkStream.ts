import type { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { wrongType, wrongValue } from '../core/errors.ts';
import { NodeReader } from './NodeReader.ts';

/** Checks, in the name of `fn`, that a value is a Node.js or web stream that can be read from here on. */
export function checkStream(
  fn: string,
  value: unknown,
  expected = 'a Node.js or web stream to read from, or a function that gives one',
): asserts value is Readable | ReadableStream {
  const { getReader, locked, read, on, readable, errored } = fieldsOf(value);
  if (typeof getReader === 'function') {
    if (locked === true) throw wrongValue(fn, 'source', `a stream that nothing else has locked. ${ONCE}`, value);
  } else if (typeof read !== 'function' || typeof on !== 'function') {
    throw wrongType(fn, 'source', expected, value);
  } else if (readable === false) {
    const error = wrongValue(fn, 'source', `a stream that has not ended, failed or been destroyed. ${ONCE}`, value);
    throw Object.assign(error, errored ? { cause: errored } : undefined);
  } else if (NodeReader.hasTaken(value as object)) {
    throw wrongValue(fn, 'source', `a stream that nothing else reads. ${ONCE}`, value);
  }
}

/** What tells streams apart. */
type Fields = Partial<Record<'getReader' | 'locked' | 'read' | 'on' | 'readable' | 'errored', unknown>>;

/** What cannot be read is no stream. */
function fieldsOf(value: unknown): Fields {
  try {
    const { getReader, locked, read, on, readable, errored } = (value ?? {}) as Fields;
    return { getReader, locked, read, on, readable, errored };
  } catch {
    return {};
  }
}

const ONCE = 'A stream can be read once, so give a function that makes a new one for each subscription';
