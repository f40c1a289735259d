/** What tells one key from another, compared as in a `Map`. */
export type Identity = string | number | bigint | boolean | symbol | object;

/** `lru-cache` takes neither `undefined` nor `null` for a key. */
export function identityOf(value: unknown): Identity {
  if (value === undefined) return UNDEFINED;
  return value === null ? NULL : value;
}

const NULL = Symbol('null');
const UNDEFINED = Symbol('undefined');
