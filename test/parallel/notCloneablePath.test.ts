import { MessageChannel } from 'node:worker_threads';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { notCloneablePath } from '../../src/parallel/codec/notCloneablePath.ts';
import { NotCloneableError } from '../../src/parallel/NotCloneableError.ts';

const fn = (): void => {};
const fails = (): never => {
  throw new Error('looked');
};
const throwing = { get: fails, enumerable: true };
const circular: Record<string, unknown> = { list: [], fn };
circular['self'] = circular;
(circular['list'] as unknown[]).push(circular);
const detached = new ArrayBuffer(8);
const goneView = new Uint8Array(detached);
structuredClone(detached, { transfer: [detached] });
function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}
function nested(depth: number, inmost: unknown = {}): unknown {
  let value = inmost;
  for (let i = 0; i < depth; i++) value = { a: value };
  return value;
}
/** Nothing but its name shows what it is. */
class Outing {
  readonly #secret = 1;

  static secretOf(outing: Outing): number {
    return outing.#secret;
  }
}
class Job {
  readonly done = fn;
}

describe('R-63, W7: what cannot be cloned', () => {
  test.each<[string, string, unknown]>([
    ['item', 'a function', fn],
    ['item', 'a symbol', Symbol('s')],
    ['item', 'a symbol', Object(Symbol('s'))],
    ['item.user.onClick', 'a function', { user: { name: 'x', onClick: fn } }],
    ['item[3]', 'a function', [1, 2, {}, fn]],
    ['item["a b"]', 'a symbol', { 'a b': Symbol('s') }],
    [String.raw`item["\u{202e}"]`, 'a function', { '\u202E': fn }],
    ['item.$a_1', 'a function', { $a_1: fn }],
    ['item.done', 'a function', new Job()],
    ['item.fn', 'a function', circular],
    ['item.near', 'a function', { far: { fn }, near: fn }],
    ['item.a', 'a WeakMap', { a: new WeakMap() }],
    ['item.a', 'a WeakSet', { a: new WeakSet() }],
    ['item.a', 'a WeakRef', { a: new WeakRef({}) }],
    ['item.a', 'a Promise', { a: Promise.resolve(1) }],
    ['item.a', 'an object that cannot be cloned', { a: [1].values() }],
    ['item.a', 'a getter that throws', Object.defineProperty({}, 'a', throwing)],
    ['item[0]', 'a getter that throws', Object.defineProperty([], 0, throwing)],
    ['item.a', 'a Proxy', { a: new Proxy({}, {}) }],
    ['item', 'a Proxy', revoked()],
    ['item', 'a Proxy', new Proxy({}, { ownKeys: fails, getPrototypeOf: fails })],
    ['item.a', 'a detached ArrayBuffer', { a: detached }],
    ['item.a', 'a detached ArrayBuffer', { empty: new Uint8Array(0), a: goneView }],
    ['item.a', 'a generator', { a: (function* () {})() }],
    ['item.a', 'a ReadableStream', { a: new ReadableStream() }],
    ['item.a', 'an Outing', { a: Object.setPrototypeOf(new WeakMap(), { constructor: Outing }) }],
    ['item.get("k")', 'a function', new Map([['k', fn]])],
    [
      'item.keys()[1]',
      'a function',
      new Map<unknown, unknown>([
        [1, 1],
        [fn, 2],
      ]),
    ],
    ['item.values()[0].fn', 'a function', new Map([[{}, { fn }]])],
    ['item.values()[1]', 'a symbol', new Set([1, Symbol('s')])],
    ['item.cause.fn', 'a function', new Error('x', { cause: { fn } })],
    ['item', 'nested too deeply', nested(1e5)],
    ['item', 'something that cannot be cloned', Object.assign([1], { fn })],
  ])('is found at %s, and called %s', (path, what, value) => {
    expect(notCloneablePath(value)).toEqual({ path, what });
    expect(() => structuredClone(value)).toThrow();
  });

  test('is looked for below the name that is given', () => {
    expect(notCloneablePath({ a: fn }, 'result')).toEqual({ path: 'result.a', what: 'a function' });
  });

  test('has a short path, however deep it is', () => {
    const { path, what } = notCloneablePath(nested(900, { last: fn }))!;
    expect(what).toBe('a function');
    expect(path).toMatch(/^item(\.a)+\.{3,4}(a?\.)?.*(\.a)+\.last$/);
    expect(path.length).toBeLessThanOrEqual(200);
  });

  test('is said of the root where it is too far away to be found', () => {
    const far = [...Array.from({ length: 200_000 }, () => 1), fn];
    expect(notCloneablePath(far)).toEqual({ path: 'item', what: 'something that cannot be cloned' });
    expect(notCloneablePath(new Array(4e9).fill(1, 0, 2))).toBeUndefined();
  });
});

describe('R-63: what can be cloned', () => {
  test.each<[unknown]>([
    [undefined],
    [null],
    [1n],
    [''],
    [{ a: [new Date(), /x/, new Map([[{}, new Set([1])]])] }],
    [new Uint8Array(0)],
    [new SharedArrayBuffer(8)],
    [Object.assign(new Date(), { fn })],
    [Object.assign(new Uint8Array(1), { fn })],
    [Object.assign(new Error('x'), { fn })],
    [Object.assign(new Map(), { fn })],
    [Object.defineProperty({}, 'hidden', { value: fn })],
    [{ [Symbol('s')]: fn }],
    [new Outing()],
    [new Blob(['x'])],
    [Object.create({ inherited: fn })],
  ])('%#: nothing is found', (value) => {
    expect(notCloneablePath(value)).toBeUndefined();
  });

  test('is any value that structured clone takes, and no other', () => {
    const leaf = fc.oneof(
      fc.anything({ withMap: true, withSet: true, withTypedArray: true, withDate: true, withBigInt: true }),
      fc.constantFrom<unknown>(fn, Symbol('s'), new WeakMap(), Promise.resolve(), new Proxy({}, {})),
    );
    const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        leaf,
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.dictionary(fc.string(), tie('tree'), { maxKeys: 3 }),
      ),
    }));
    fc.assert(
      fc.property(tree, (value) => {
        let isCloneable = true;
        try {
          structuredClone(value);
        } catch {
          isCloneable = false;
        }
        expect(notCloneablePath(value) === undefined).toBe(isCloneable);
      }),
    );
  });
});

describe('R-63: the error of what cannot be sent', () => {
  test('W7: names the part of the item, and what to do', () => {
    const cause = new Error('DataCloneError');
    const error = new NotCloneableError('resize', 'item', 7, notCloneablePath({ onDone: fn })!, cause);
    expect(error.message).toBe(
      `Stage "resize": item.onDone is a function and cannot be sent to a thread. Send data only, and make functions in the task's module.`,
    );
    expect(error).toMatchObject({
      name: 'NotCloneableError',
      code: 'ERR_NOT_CLONEABLE',
      stage: 'resize',
      direction: 'item',
      index: 7,
      path: 'item.onDone',
    });
    expect(error.cause).toBe(cause);
  });

  test('W7: names the part of the result, and what to do', () => {
    const error = new NotCloneableError('resize', 'result', 0, notCloneablePath({ next: fn }, 'result')!);
    expect(error.message).toBe(
      'Stage "resize": result.next is a function and cannot be sent back from a thread. Return data only, and make functions where the result arrives.',
    );
    expect('cause' in error).toBe(false);
  });

  test('W7: advises to flatten what is nested too deeply', () => {
    const error = new NotCloneableError('resize', 'item', 0, notCloneablePath(nested(1e5))!);
    expect(error.message).toMatch(/item is nested too deeply and cannot be sent to a thread\. Make it flatter/);
  });
});

test('W7: a port is named, and left usable', () => {
  const { port1, port2 } = new MessageChannel();
  expect(notCloneablePath({ port: port1 })).toEqual({ path: 'item.port', what: 'a MessagePort' });
  port1.close();
  port2.close();
});
