import { inspect } from '../core/errors.ts';

/** An error as a Node.js stream can be destroyed with it: it takes `undefined`, `0` and the like for no error at all. */
export function streamError(error: unknown): Error {
  if (error) return error as Error;
  const message = `The source failed with ${inspect(error)}, which a stream would take for no error. It is the cause of this one`;
  return Object.assign(new Error(message, { cause: error }), { code: 'ERR_FALSY_ERROR' });
}
