import { types } from 'node:util';
import { inspect } from '../../core/errors.ts';

/** A part of the value that is looked at, and how it was reached. */
interface Node {
  readonly value: unknown;
  readonly parent: Node | undefined;
  /** Its place in the parent as it is written: `.user`, `[3]`. */
  readonly step: string;
  readonly depth: number;
}

const MAX_NODES = 10_000;
const MAX_DEPTH = 1_000;
/** Numbers and the like are soon looked at. */
const MAX_LOOKS = 100_000;
const MAX_PATH = 200;
const GETTER_THREW = Symbol('getter threw');

/**
 * Finds the first thing in a value that structured clone refuses, nearest to the root, or nothing if the value can be cloned. Never throws.
 *
 * The path starts with the name of the root: `item.user.onClick`, `item[3]`, `item["a b"]`; `what` completes the sentence
 * "item.user.onClick is ...": `a function`, `a WeakMap`, `nested too deeply`. Looks at 10,000 objects, 1,000 deep; what is
 * further away is said of the root. It may clone the value, so call it only once sending has failed.
 */
export function notCloneablePath(value: unknown, root = 'item'): { path: string; what: string } | undefined {
  try {
    const found = search(value);
    if (found !== undefined) return { path: pathOf(found.node, root), what: found.what };
  } catch {
    // The stack is nearly used up, or something changed while it was looked at: the clone says as much as can be known.
  }
  try {
    structuredClone(value);
    return undefined;
  } catch (reason) {
    if (reason instanceof RangeError) return { path: root, what: 'nested too deeply' };
    return { path: root, what: 'something that cannot be cloned' };
  }
}

function search(root: unknown): { node: Node; what: string } | undefined {
  const queue: Node[] = [{ value: root, parent: undefined, step: '', depth: 0 }];
  const seen = new Set<unknown>([root]);
  let looks = 0;
  for (let at = 0; at < queue.length; at++) {
    const node = queue[at]!;
    const what = refusalOf(node.value);
    if (what !== undefined) return { node, what };
    if (node.depth >= MAX_DEPTH) continue;
    for (const [step, value] of partsOf(node.value as object)) {
      if (++looks > MAX_LOOKS || queue.length > MAX_NODES) break;
      if (isHarmless(value) || seen.has(value)) continue;
      seen.add(value);
      queue.push({ value, parent: node, step, depth: node.depth + 1 });
    }
  }
  return undefined;
}

function isHarmless(value: unknown): boolean {
  return value === null || !['object', 'function', 'symbol'].includes(typeof value);
}

/** Why a value cannot be cloned whatever is in it. */
function refusalOf(value: unknown): string | undefined {
  if (value === GETTER_THREW) return 'a getter that throws';
  if (typeof value === 'symbol') return 'a symbol';
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object' || value === null) return undefined;
  if (types.isProxy(value)) return 'a Proxy';
  if (types.isSymbolObject(value)) return 'a symbol';
  if (types.isGeneratorObject(value)) return 'a generator';
  if (ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value)) return refusalOfBuffer(value);
  // With nothing in it there is no other reason than what it is.
  if (isContainer(value) || Object.keys(value).length > 0 || isCloneable(value)) return undefined;
  const name = inspect(value).replace(/^\[(.*)\]$/, '$1');
  return name.toLowerCase() === 'object'
    ? 'an object that cannot be cloned'
    : `${/^[AEIOU]/.test(name) ? 'an' : 'a'} ${name}`;
}

function refusalOfBuffer(value: ArrayBufferView | ArrayBufferLike): string | undefined {
  const buffer = ArrayBuffer.isView(value) ? value.buffer : value;
  return buffer.byteLength === 0 && !isCloneable(buffer) ? 'a detached ArrayBuffer' : undefined;
}

function isContainer(value: object): boolean {
  return Array.isArray(value) || types.isMap(value) || types.isSet(value) || types.isNativeError(value);
}

function isCloneable(value: unknown): boolean {
  try {
    structuredClone(value);
    return true;
  } catch {
    return false;
  }
}

/** What structured clone would look at next. */
function* partsOf(value: object): Generator<[step: string, value: unknown]> {
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) yield [`[${i}]`, read(value, i)];
  } else if (types.isMap(value)) {
    let i = 0;
    for (const [key, item] of Map.prototype.entries.call(value)) {
      yield [`.keys()[${i}]`, key];
      yield [isHarmless(key) ? `.get(${inspect(key)})` : `.values()[${i}]`, item];
      i++;
    }
  } else if (types.isSet(value)) {
    let i = 0;
    for (const item of Set.prototype.values.call(value)) yield [`.values()[${i++}]`, item];
  } else if (types.isNativeError(value)) {
    // The only part of an error that can hold more than text; its fields are left behind.
    if (Object.hasOwn(value, 'cause')) yield ['.cause', read(value, 'cause')];
  } else if (!hasNoParts(value)) {
    for (const key of Object.keys(value)) {
      yield [/^[A-Za-z_$][\w$]{0,59}$/.test(key) ? `.${key}` : `[${inspect(key)}]`, read(value, key)];
    }
  }
}

/** Of these structured clone leaves behind what somebody put on them. */
function hasNoParts(value: object): boolean {
  return ArrayBuffer.isView(value) || types.isDate(value) || types.isRegExp(value) || types.isBoxedPrimitive(value);
}

function read(from: object, key: string | number): unknown {
  try {
    return (from as Record<string | number, unknown>)[key];
  } catch {
    return GETTER_THREW;
  }
}

function pathOf(node: Node, root: string): string {
  const steps: string[] = [];
  for (let at: Node | undefined = node; at !== undefined; at = at.parent) steps.unshift(at.step);
  const path = root + steps.join('');
  return path.length <= MAX_PATH ? path : `${path.slice(0, MAX_PATH / 2)}...${path.slice(-MAX_PATH / 2 + 3)}`;
}
