const MAX_DEPTH = 4;
const MAX_NODES = 1_000;
const MAX_COUNTED = 200;

/**
 * Lists the buffers in a value that can be moved to another thread instead of copied, each once.
 *
 * Looks at the value itself, and into plain objects and arrays, 4 levels deep and at 1,000 places. Left out, and so copied, are
 * memory that is shared, buffers that are empty or detached, and views of a part of a buffer: a pooled `Buffer` is one, and others
 * use the rest. Whether a buffer was marked as not to be moved cannot be seen: send it again without the list if sending throws.
 */
export function buffersOf(value: unknown): ArrayBuffer[] {
  if (typeof value !== 'object' || value === null) return [];
  const found = new Set<ArrayBuffer>();
  try {
    let left = MAX_NODES;
    let level: unknown[] = [value];
    for (let depth = 0; depth <= MAX_DEPTH && level.length > 0; depth++) {
      const next: unknown[] = [];
      for (const part of level) {
        if (left-- <= 0) return [...found];
        if (!addBuffer(part, found) && depth < MAX_DEPTH) addParts(part, next, left);
      }
      level = next;
    }
  } catch {
    // A getter or a proxy that throws: sending the value fails, too, and says so.
    return [];
  }
  return [...found];
}

/** Whether a value is nothing to look into; if it is a buffer that can be moved, adds it. */
function addBuffer(value: unknown, found: Set<ArrayBuffer>): boolean {
  if (typeof value !== 'object' || value === null) return true;
  const isView = ArrayBuffer.isView(value);
  const buffer: unknown = isView ? value.buffer : value;
  if (buffer instanceof ArrayBuffer) {
    // A view of a buffer that was detached has no bytes, nor has the buffer.
    const isWhole = !isView || value.byteLength === buffer.byteLength;
    if (isWhole && buffer.byteLength > 0) found.add(buffer);
    return true;
  }
  return isView;
}

function addParts(value: unknown, parts: unknown[], most: number): void {
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length && parts.length < most; i++) parts.push(value[i]);
  } else if (isPlain(value as object)) {
    for (const key of Object.keys(value as object)) {
      if (parts.length >= most) return;
      parts.push((value as Record<string, unknown>)[key]);
    }
  }
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/**
 * Estimates how many bytes structured clone copies for a value. Never throws.
 *
 * A number counts 8, a string its length, a view the whole of its buffer, shared memory nothing, and an object that was met before
 * nothing more. Of a large value some 200 parts are counted, and lists, maps and sets reckoned from those.
 */
export function bytesOf(value: unknown): number {
  if (typeof value === 'number') return NUMBER;
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return NUMBER;
  try {
    return new Count().object(value);
  } catch {
    return NUMBER;
  }
}

const NUMBER = 8;
const OBJECT = 16;
/** An object with more keys is a table, whose values are alike. */
const MANY_KEYS = 64;

/** What is counted of one value. */
class Count {
  #left = MAX_COUNTED;
  #seen: Set<object> | undefined;

  object(value: object): number {
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === Object.prototype) return this.#fields(value);
    if (ArrayBuffer.isView(value)) return OBJECT + this.#nested(value.buffer, value);
    if (Array.isArray(value)) return OBJECT + this.#sample(value.length, true, (i) => this.#part(value[i], value));
    if (value instanceof ArrayBuffer) return value.byteLength;
    if (value instanceof SharedArrayBuffer) return OBJECT;
    if (value instanceof Map) {
      const entries = Map.prototype.entries.call(value);
      return OBJECT + this.#sample(value.size, false, () => this.#entry(entries.next().value, value));
    }
    if (value instanceof Set) {
      const items = Set.prototype.values.call(value);
      return OBJECT + this.#sample(value.size, false, () => this.#part(items.next().value, value));
    }
    return this.#fields(value);
  }

  #fields(value: object): number {
    const keys = Object.keys(value);
    if (keys.length > MANY_KEYS) {
      const at = (key: string): number => key.length + this.#part((value as Record<string, unknown>)[key], value);
      return OBJECT + this.#sample(keys.length, true, (i) => at(keys[i]!));
    }
    let bytes = OBJECT;
    // Every item with a few fields comes by here.
    for (let i = 0; i < keys.length; i++) {
      const field = (value as Record<string, unknown>)[keys[i]!];
      bytes += keys[i]!.length + (typeof field === 'number' ? NUMBER : this.#part(field, value));
    }
    return bytes;
  }

  #entry(entry: [unknown, unknown] | undefined, owner: object): number {
    return entry === undefined ? 0 : this.#part(entry[0], owner) + this.#part(entry[1], owner);
  }

  #part(value: unknown, owner: object): number {
    this.#left--;
    if (typeof value === 'number') return NUMBER;
    if (typeof value === 'string') return value.length;
    // A list may have four thousand million holes, which are not copied.
    if (value === undefined) return 0;
    return typeof value === 'object' && value !== null ? this.#nested(value, owner) : NUMBER;
  }

  #nested(value: object, owner: object): number {
    this.#seen ??= new Set([owner]);
    // A buffer is the largest that an item can hold, and quickly counted.
    if (this.#seen.has(value) || (this.#left <= 0 && !isBytes(value))) return NUMBER;
    this.#seen.add(value);
    return this.object(value);
  }

  /** The bytes of many parts, reckoned from some: with half of what may still be counted, so that the next list has its turn. */
  #sample(size: number, spread: boolean, part: (i: number) => number): number {
    const floor = this.#left >> 1;
    // An iterator only gives the first ones.
    const step = spread ? Math.max(Math.ceil(size / (this.#left - floor)), 1) : 1;
    let [bytes, counted] = [0, 0];
    for (let i = 0; i < size && this.#left > floor; i += step) {
      bytes += part(i);
      counted++;
    }
    return counted === 0 ? size * NUMBER : (bytes / counted) * size;
  }
}

function isBytes(value: object): boolean {
  return ArrayBuffer.isView(value) || value instanceof ArrayBuffer;
}
