import type { EncodedError, EncodedNode, Fields } from './EncodedError.ts';
import { ErrorEncoder } from './ErrorEncoder.ts';
import { makeError } from './errorParts.ts';

export type { EncodedError } from './EncodedError.ts';

/**
 * Makes data of whatever a task threw, so that {@link decodeError} can make the same of it in another thread. Never throws.
 *
 * An error keeps its name, message, stack, code, cause, errors, an item that it does not show, and own enumerable fields, and errors
 * inside them; its class becomes the nearest built-in one. A field that cannot be cloned becomes a text that describes it. What is
 * nested deeper than 32, or comes after some 10,000 parts, is described or left out; a message is cut at 64 KB, a stack at 4 KB.
 */
export function encodeError(thrown: unknown): EncodedError {
  let encoded: EncodedError;
  try {
    encoded = new ErrorEncoder().encode(thrown, 0);
  } catch {
    encoded = '[something that cannot be read]';
  }
  // A text in place of something else only describes it.
  if (typeof encoded !== 'string' || typeof thrown === 'string') return encoded;
  return { kind: 'error', type: 'Error', name: 'Error', message: `A task threw ${encoded}`, stack: undefined };
}

/** Makes of {@link encodeError}'s data what was thrown; errors are instances of this thread's own classes. */
export function decodeError(encoded: EncodedError): unknown {
  return decode(encoded, new Map());
}

function decode(encoded: EncodedError, made: Map<EncodedNode, unknown>): unknown {
  if (typeof encoded !== 'object' || encoded === null) return encoded;
  if (made.has(encoded)) return made.get(encoded);
  const keep = <T>(value: T): T => {
    made.set(encoded, value);
    return value;
  };
  switch (encoded.kind) {
    case 'clone':
      return keep(encoded.value);
    case 'list': {
      const list: unknown[] = keep([]);
      for (const item of encoded.items) list.push(decode(item, made));
      return list;
    }
    case 'set': {
      const set = keep(new Set());
      for (const item of encoded.items) set.add(decode(item, made));
      return set;
    }
    case 'map': {
      const map = keep(new Map());
      for (const [key, item] of encoded.entries) map.set(decode(key, made), decode(item, made));
      return map;
    }
    case 'object':
      return put(keep({}), encoded.fields, true, made);
    default: {
      const { type, name, message, stack = `${name}: ${message}`, hidden = {}, fields = {} } = encoded;
      const error = keep(makeError(type, message, name));
      if (error.name !== name) put(error, { name }, false, made);
      put(error, { stack, ...hidden }, false, made);
      return put(error, fields, true, made);
    }
  }
}

/** Defines rather than assigns, so that no setter runs and nothing inherited is in the way. */
function put(target: object, fields: Fields, enumerable: boolean, made: Map<EncodedNode, unknown>): object {
  for (const key of Object.keys(fields)) {
    const value = decode(fields[key], made);
    Object.defineProperty(target, key, { value, enumerable, configurable: true, writable: true });
  }
  return target;
}
