import type { EncodedError, EncodedNode, ErrorNode, Fields } from './EncodedError.ts';
import { GETTER_THREW, describe, isError, messageOf, nameOf, read, stackOf, typeOf } from './errorParts.ts';

/** Objects, fields and kilobytes of text in one thrown value. */
const MAX_PARTS = 10_000;
/** Far less than the stack of the main thread, which is a quarter of a worker's, can read. */
const MAX_DEPTH = 32;
const MAX_LIST = 1_000_000;

/** Keys through which a value from elsewhere could change what all objects inherit. */
const UNSAFE: ReadonlySet<string> = new Set(['__proto__', 'constructor']);
const SPECIAL: ReadonlySet<string> = new Set([...UNSAFE, 'name', 'message', 'stack']);
/** What is kept although it is not shown: the last three are those of errors of this package that have an item. */
const HIDDEN = ['cause', 'code', 'errors', 'item', 'key', 'previous'];

/** Encodes one thrown value: each object once, so that what is circular stays so, and within bounds. */
export class ErrorEncoder {
  readonly #nodes = new Map<object, EncodedNode>();
  #left = MAX_PARTS;

  encode(value: unknown, depth: number): EncodedError {
    if (typeof value === 'function' || typeof value === 'symbol') return describe(value);
    if (typeof value !== 'object' || value === null) return value as EncodedError;
    const known = this.#nodes.get(value);
    if (known !== undefined) return known;
    if (depth > MAX_DEPTH || this.#left-- <= 0) return describe(value);
    try {
      return this.#object(value, depth + 1);
    } catch {
      // What could be read of it before is kept.
      return this.#nodes.get(value) ?? describe(value);
    }
  }

  #object(value: object, depth: number): EncodedError {
    if (isError(value)) return this.#error(value, depth);
    if (Array.isArray(value)) return this.#list(value, depth);
    if (value instanceof Map) {
      const entries: [EncodedError, EncodedError][] = [];
      const node = this.#keep(value, { kind: 'map', entries });
      for (const [key, item] of Map.prototype.entries.call(value)) {
        if (this.#left-- <= 0) break;
        entries.push([this.encode(key, depth), this.encode(item, depth)]);
      }
      return node;
    }
    if (value instanceof Set) {
      const node = this.#keep(value, { kind: 'set', items: [] });
      this.#fill(node.items, Set.prototype.values.call(value), value.size, depth);
      return node;
    }
    if (!isPlain(value)) {
      const clone: unknown = structuredClone(value);
      if (!isPlain(clone)) return this.#keep(value, { kind: 'clone', value: clone });
      // A URL or the like: all that it is would be lost on the way.
      if (Object.keys(value).length === 0) return describe(value);
    }
    const node = this.#keep(value, { kind: 'object', fields: {} });
    node.fields = this.#fields(value, UNSAFE, depth) ?? {};
    return node;
  }

  #error(error: object, depth: number): EncodedError {
    const type = typeOf(error);
    const [name, message] = [nameOf(error, type), messageOf(error)];
    const node: ErrorNode = this.#keep(error, { kind: 'error', type, name, message, stack: stackOf(error) });
    this.#left -= message.length >> 10;
    for (const key of HIDDEN) {
      // The code of a `DOMException` follows from its name.
      if (type === 'DOMException' && !Object.hasOwn(error, key)) continue;
      if (!(key in error) || Object.prototype.propertyIsEnumerable.call(error, key)) continue;
      (node.hidden ??= {})[key] = this.encode(read(error, key, GETTER_THREW), depth);
    }
    const fields = this.#fields(error, SPECIAL, depth);
    if (fields !== undefined) node.fields = fields;
    return node;
  }

  #list(list: unknown[], depth: number): EncodedError {
    // Counting through a list of four thousand million holes would never end.
    if (list.length > MAX_LIST) return describe(list);
    // By place, and once: a subclass may iterate over something else, a proxy may answer otherwise the next time.
    const copy = Array.from({ length: list.length }, (_, i) => list[i]);
    if (copy.every(isPrimitive)) return this.#keep(list, { kind: 'clone', value: copy });
    const node = this.#keep(list, { kind: 'list', items: [] });
    this.#fill(node.items, copy, copy.length, depth);
    return node;
  }

  #fill(items: EncodedError[], from: Iterable<unknown>, size: number, depth: number): void {
    for (const item of from) {
      if (this.#left-- <= 0) {
        items.push(`[${size - items.length} more]`);
        return;
      }
      items.push(this.encode(item, depth));
    }
  }

  #fields(from: object, skip: ReadonlySet<string>, depth: number): Fields | undefined {
    let fields: Fields | undefined;
    for (const key of Object.keys(from)) {
      if (skip.has(key)) continue;
      if (this.#left-- <= 0) break;
      (fields ??= {})[key] = this.encode(read(from, key, GETTER_THREW), depth);
    }
    return fields;
  }

  #keep<N extends EncodedNode>(value: object, node: N): N {
    this.#nodes.set(value, node);
    return node;
  }
}

function isPrimitive(value: unknown): boolean {
  return value === null || !['object', 'function', 'symbol'].includes(typeof value);
}

function isPlain(value: unknown): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
