import type { Writable } from 'node:stream';
import { wrongType, wrongValue } from '../../core/errors.ts';
import { holds } from '../../core/options.ts';
import type { ItemWriter } from './ItemWriter.ts';
import { NodeWriter } from './NodeWriter.ts';
import { WebWriter } from './WebWriter.ts';

/** Checks, in the name of `fn`, that a value is a Node.js or web stream that can be written to from here on. */
export function checkDestination(fn: string, value: unknown): asserts value is Writable | WritableStream<unknown> {
  if (holds(() => typeof (value as Partial<WritableStream>).getWriter === 'function')) {
    if (!(value as WritableStream).locked) return;
    throw wrongValue(fn, 'destination', `a stream that nothing else has locked. ${ONCE}`, value);
  }
  if (!isNodeStream(value)) {
    throw wrongType(fn, 'destination', 'a Node.js or web stream to write to, or a function that gives one', value);
  }
  // Those of old do not say whether they are writable.
  const { writable, destroyed, writableEnded } = value as Partial<Writable>;
  if (writable !== false && destroyed !== true && writableEnded !== true) return;
  const error = wrongValue(fn, 'destination', `a stream that has not ended, failed or been destroyed. ${ONCE}`, value);
  throw Object.assign(error, value.errored ? { cause: value.errored } : undefined);
}

function isNodeStream(value: unknown): value is Writable {
  return holds(() => {
    const { write, end, on } = value as Partial<Writable>;
    return [write, end, on].every((method) => typeof method === 'function');
  });
}

/** The stream that `given` is or gives. Throws, in the name of `fn`, if it cannot be written to. */
export function openDestination(fn: string, given: unknown): Writable | WritableStream<unknown> {
  const destination: unknown = typeof given === 'function' ? (given as () => unknown)() : given;
  checkDestination(fn, destination);
  return destination;
}

/** Begins to write to a stream; `ends` says whether it is ended after the last item, and destroyed if there is none. */
export function writerTo(destination: Writable | WritableStream<unknown>, ends: boolean): ItemWriter {
  return 'getWriter' in destination ? new WebWriter(destination, ends) : new NodeWriter(destination, ends);
}

/** Whether a stream is one of those that belong to the whole process. */
export function belongsToProcess(destination: unknown): boolean {
  const { process } = globalThis as { process?: Partial<NodeJS.Process> };
  return process !== undefined && (destination === process.stdout || destination === process.stderr);
}

const ONCE = 'A stream can be ended once, so give a function that makes a new one for each subscription';
