import vm from 'node:vm';
import { MessageChannel, Worker, receiveMessageOnPort } from 'node:worker_threads';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DeadLetterError } from '../../src/core/errors.ts';
import { decodeError, encodeError } from '../../src/parallel/codec/errorCodec.ts';
import { DisorderError } from '../../src/sources/DisorderError.ts';

/** To another thread and back is the same as through one channel: the value is written and read again. */
function sent(thrown: unknown): unknown {
  const { port1, port2 } = new MessageChannel();
  try {
    port1.postMessage(encodeError(thrown));
    return decodeError((receiveMessageOnPort(port2) as { message: never }).message);
  } finally {
    port1.close();
  }
}

const sentError = (thrown: unknown): Error & Record<string, unknown> => sent(thrown) as never;

class HttpError extends Error {
  readonly code = 'E_HTTP';
  readonly status: number;

  constructor(message: string, status: number, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}
class NotANumberError extends RangeError {
  override readonly name = 'NotANumberError';
}

const fails = (): never => {
  throw new Error('looked');
};
function revoked(target: object): object {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}
const traps = ['get', 'has', 'ownKeys', 'getPrototypeOf', 'getOwnPropertyDescriptor'];
const hostile = (target: object, names = traps): object =>
  new Proxy(target, Object.fromEntries(names.map((name) => [name, fails])));

describe('R-33: what a task throws that is no error', () => {
  test.each([
    [undefined],
    [null],
    [0],
    [-0],
    [NaN],
    [''],
    ['a string'],
    [false],
    [10n ** 30n],
    [{ a: 1 }],
    [[1, 'two', null, undefined]],
    [[{ a: [1] }, []]],
    [new Date(0)],
    [/x/g],
    [new Uint8Array([1, 2])],
    [new Map<unknown, unknown>([[{ a: 1 }, new Set([1, { b: 2 }])]])],
    [Object(5)],
    [{ message: 'like an error', name: 'Error' }],
  ])('%#: arrives as it was: %o', (thrown) => {
    expect(sent(thrown)).toStrictEqual(thrown);
  });

  test.each([
    ['[function fails]', fails],
    ['Symbol(s)', Symbol('s')],
    ['[Promise]', Promise.resolve(1)],
    ['[WeakMap]', new WeakMap()],
    ['[URL]', new URL('http://a.test')],
    ['[revoked proxy]', revoked([])],
    ['[revoked proxy]', revoked({})],
    ['[object]', hostile({})],
    ['[array of 4000000000]', new Array(4e9)],
  ])('and cannot be cloned becomes an error that says so: %s', (shown, thrown) => {
    const error = sentError(thrown);
    expect(error).toBeInstanceOf(Error);
    expect(error.message).toBe(`A task threw ${shown}`);
    expect(error.stack).toBe(`Error: ${error.message}`);
  });

  test('and is circular, or holds one thing twice, stays so', () => {
    const list: unknown[] = [{}];
    const thrown: Record<string, unknown> = { list, same: list[0], map: new Map(), set: new Set() };
    list.push(thrown);
    (thrown['map'] as Map<unknown, unknown>).set('all', thrown);
    (thrown['set'] as Set<unknown>).add(thrown);
    const got = sent(thrown) as { list: unknown[]; same: unknown; map: Map<unknown, unknown>; set: Set<unknown> };
    expect(got.list[1]).toBe(got);
    expect(got.list[0]).toBe(got.same);
    expect(got.map.get('all')).toBe(got);
    expect([...got.set][0]).toBe(got);
  });

  test('keeps everything but the parts that cannot be cloned', () => {
    const thrown = { a: 1, go() {}, list: [Symbol('s'), 2], of: new Map([['k', Promise.resolve()]]) };
    expect(sent(thrown)).toEqual({
      a: 1,
      go: '[function go]',
      list: ['Symbol(s)', 2],
      of: new Map([['k', '[Promise]']]),
    });
  });

  test('keeps errors inside it whole', () => {
    const { list, map } = sent({ list: [new HttpError('a', 500)], map: new Map([['e', new HttpError('b', 404)]]) }) as {
      list: HttpError[];
      map: Map<string, HttpError>;
    };
    expect(list[0]).toMatchObject({ message: 'a', code: 'E_HTTP', status: 500 });
    expect(map.get('e')).toMatchObject({ message: 'b', code: 'E_HTTP', status: 404 });
  });
});

describe('R-33: an error that a task throws', () => {
  test('keeps name, message, stack, code, cause and its own fields', () => {
    const cause = new TypeError('why');
    const thrown = new HttpError('gone', 410, { cause });
    const error = sentError(thrown);
    expect(error).toMatchObject({ name: 'Error', message: 'gone', stack: thrown.stack, code: 'E_HTTP', status: 410 });
    expect(error.cause).toBeInstanceOf(TypeError);
    expect(error.cause).toMatchObject({ message: 'why', stack: cause.stack });
    expect(Object.keys(error).toSorted()).toEqual(['code', 'status']);
  });

  test.each([Error, TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError])(
    'of a built-in class stays one: %o',
    (type) => {
      class Special extends type {
        override name = 'Special';
      }
      expect(Object.getPrototypeOf(sent(new type('x')))).toBe(type.prototype);
      const error = sentError(new Special('x'));
      expect(Object.getPrototypeOf(error)).toBe(type.prototype);
      expect(error).toMatchObject({ name: 'Special', message: 'x' });
    },
  );

  test('of a class of its own keeps its name, and is of the nearest built-in class', () => {
    const error = sentError(new NotANumberError('x'));
    expect(error).toBeInstanceOf(RangeError);
    expect([error.name, String(error)]).toEqual(['NotANumberError', 'NotANumberError: x']);
  });

  test.each([
    ['an abort', AbortSignal.abort().reason as DOMException, 'AbortError', 20],
    ['a timeout', new DOMException('late', 'TimeoutError'), 'TimeoutError', 23],
    ['none that has a code', new DOMException('odd', 'Odd'), 'Odd', 0],
  ])('and is a DOMException stays one: %s', (_, thrown, name, code) => {
    const error = sentError(thrown);
    expect(error).toBeInstanceOf(DOMException);
    expect(error).toMatchObject({ name, code, message: thrown.message, stack: thrown.stack });
    expect(Object.hasOwn(error, 'code')).toBe(false);
  });

  test('that is an AggregateError keeps every error', () => {
    const error = sentError(
      new AggregateError([new HttpError('a', 1), 'text', null], 'all'),
    ) as unknown as AggregateError;
    expect(error).toBeInstanceOf(AggregateError);
    expect(error.message).toBe('all');
    expect(error.errors).toMatchObject([{ message: 'a', status: 1 }, 'text', null]);
    expect(Object.keys(error)).toEqual([]);
  });

  test.each([[undefined], [null], [0], ['text'], [{ a: 1 }], [[1]]])('keeps a cause that is no error: %o', (cause) => {
    const error = sentError(new Error('x', { cause }));
    expect(Object.hasOwn(error, 'cause')).toBe(true);
    expect(error.cause).toStrictEqual(cause);
  });

  test('has no cause where there was none', () => {
    expect('cause' in sentError(new Error('x'))).toBe(false);
  });

  test('keeps the item that an error of this package does not show, and does not show it either', () => {
    const item = { id: 7, password: 'hunter2' };
    const letter = sentError(new DeadLetterError('login', item, new Error('item'), new Error('letter')));
    expect(letter['item']).toEqual(item);
    const disorder = sentError(new DisorderError('log', 1, item, 7, 8));
    expect(disorder).toMatchObject({ item, key: 7, previous: 8, source: 1 });
    for (const error of [letter, disorder]) expect(Object.keys(error)).not.toContain('item');
  });

  test('that is circular stays so', () => {
    const [a, b] = [new Error('a'), new Error('b')] as (Error & { self?: unknown; list?: unknown })[];
    Object.assign(a!, { self: a, list: [a, { b }], cause: b });
    b!.cause = a;
    const error = sentError(a);
    expect(error['self']).toBe(error);
    expect((error.cause as Error).cause).toBe(error);
    expect(error['list']).toEqual([error, { b: error.cause }]);
  });

  test('that is frozen, or behind a proxy, is read all the same', () => {
    expect(sentError(Object.freeze(new HttpError('cold', 1)))).toMatchObject({ message: 'cold', status: 1 });
    expect(sentError(new Proxy(new HttpError('far', 2), {}))).toMatchObject({ message: 'far', status: 2 });
  });

  test('of another realm becomes one of this', () => {
    const error = sentError(vm.runInNewContext('Object.assign(new TypeError("x"), { code: "E" })'));
    expect(error).toBeInstanceOf(TypeError);
    expect(error).toMatchObject({ message: 'x', code: 'E' });
  });

  test('with a code that only its class has keeps it', () => {
    class Coded extends Error {
      get code(): string {
        return 'E_CLASS';
      }
    }
    expect(sentError(new Coded('x'))['code']).toBe('E_CLASS');
  });

  test('with getters that throw keeps the rest', () => {
    const throwing = { get: fails, enumerable: true };
    const thrown = Object.defineProperties(new Error('x'), { bad: throwing, good: { value: 1, enumerable: true } });
    expect(sentError(thrown)).toMatchObject({ message: 'x', bad: '[a getter that throws]', good: 1 });
    const keys = ['stack', 'name', 'message', 'cause', 'errors', 'code'];
    const all = Object.defineProperties(
      new TypeError('x'),
      Object.fromEntries(keys.map((key) => [key, { get: fails }])),
    );
    expect(sentError(all)).toMatchObject({
      name: 'TypeError',
      message: '[a getter that throws]',
      stack: 'TypeError: [a getter that throws]',
      cause: '[a getter that throws]',
    });
  });

  test.each(traps)('behind a proxy of which the trap %s throws never fails', (trap) => {
    const error = sentError(hostile(new HttpError('x', 1), [trap]));
    expect(error).toBeInstanceOf(Error);
    expect(error.message).not.toBe('');
  });

  test('with fields that cannot be cloned keeps the rest', () => {
    const fields = {
      fn: fails,
      weak: new WeakSet(),
      gone: revoked([]),
      at: new Date(0),
      bytes: new Float64Array([1]),
      ok: 1,
    };
    expect(sentError(Object.assign(new Error('x'), fields))).toMatchObject({
      fn: '[function fails]',
      weak: '[WeakSet]',
      gone: '[revoked proxy]',
      at: new Date(0),
      bytes: new Float64Array([1]),
      ok: 1,
    });
  });

  test('with odd names and messages has texts for both', () => {
    const error = sentError(Object.assign(new Error('x'), { name: 5, message: { a: 1 }, stack: 7 }));
    expect([error.name, error.message, error.stack]).toEqual(['Error', '[Object]', 'Error: [Object]']);
  });
});

describe('R-33: bounds', () => {
  test('X26: a stack is cut at 4 KB and still has frames, a message at 64 KB', () => {
    const long = sentError(new Error('m'.repeat(1e6)));
    expect(long.message).toHaveLength(65_536);
    expect(long.stack).toMatch(/^Error: mmm/);
    expect(long.stack).toMatch(/\.\.\.\n {4}at .*errorCodec/);
    expect(long.stack!.length).toBeLessThanOrEqual(4_096);
    const deep = Object.assign(new Error('x'), { stack: `Error: x${'\n    at somewhere'.repeat(1_000)}` });
    expect(sentError(deep).stack).toHaveLength(4_096);
    expect(sentError(Object.assign(new Error('x'), { name: 'n'.repeat(1_000) })).name).toHaveLength(200);
  });

  test('W7: causes a hundred thousand deep end in one that is described', () => {
    let thrown = new Error('0');
    for (let i = 1; i < 1e5; i++) thrown = new Error(String(i), { cause: thrown });
    let depth = 0;
    let at: unknown = sent(thrown);
    for (; at instanceof Error; at = at.cause) depth++;
    expect([depth, at]).toEqual([33, '[Error: 99966]']);
  });

  test('W7: fields, lists and tables without end are cut', () => {
    const many = Object.fromEntries(Array.from({ length: 50_000 }, (_, i) => [`k${i}`, i]));
    expect(Object.keys(sentError(Object.assign(new Error('x'), many))).length).toBeLessThanOrEqual(10_000);
    const list = Array.from({ length: 50_000 }, () => ({}));
    const { rows } = sentError(Object.assign(new Error('x'), { rows: list })) as unknown as { rows: unknown[] };
    expect(rows.length).toBeLessThan(10_000);
    expect(rows.at(-1)).toBe(`[${50_000 - rows.length + 1} more]`);
    const map = new Map(list.map((value, i) => [i, value]));
    expect((sent(map) as Map<unknown, unknown>).size).toBeLessThan(10_000);
    let nest: unknown[] = [];
    for (let i = 0; i < 1e5; i++) nest = [nest];
    expect(JSON.stringify(sent(nest))).toBe(`${'['.repeat(33)}"[array of 1]"${']'.repeat(33)}`);
  });

  test('a long list of numbers is no reason to cut', () => {
    const numbers = Array.from({ length: 50_000 }, (_, i) => i);
    expect(sentError(Object.assign(new Error('x'), { numbers }))['numbers']).toEqual(numbers);
  });
});

describe('X3: keys that could change all objects', () => {
  test('are left out', () => {
    const payload: object = JSON.parse(
      '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"ok":1}',
    );
    const thrown = Object.defineProperties(new Error('x'), Object.getOwnPropertyDescriptors(payload));
    for (const got of [sent(payload), sent(thrown), sentError(Object.assign(new Error('x'), { payload }))['payload']]) {
      expect(Object.getOwnPropertyNames(got)).toContain('ok');
      expect(Object.hasOwn(got as object, '__proto__')).toBe(false);
      expect(Object.hasOwn(got as object, 'constructor')).toBe(false);
      expect((got as { polluted?: unknown }).polluted).toBeUndefined();
    }
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  test('a field called like a method of every object is data', () => {
    const error = sentError(Object.assign(new Error('x'), { toString: 'text', hasOwnProperty: 1 }));
    expect(error).toMatchObject({ toString: 'text', hasOwnProperty: 1 });
  });
});

describe('R-33: any value', () => {
  const anything = fc.anything({
    withBigInt: true,
    withBoxedValues: true,
    withDate: true,
    withMap: true,
    withNullPrototype: true,
    withObjectString: true,
    withSet: true,
    withSparseArray: true,
    withTypedArray: true,
  });

  test('that is thrown arrives, and never as something else', () => {
    fc.assert(
      fc.property(anything, (thrown) => {
        const got = sent(thrown);
        if (typeof thrown !== 'object') expect(got).toBe(thrown);
        else expect(Object.prototype.toString.call(got)).toBe(Object.prototype.toString.call(thrown));
      }),
    );
  });

  test('may be the cause of an error, and its field', () => {
    fc.assert(
      fc.property(fc.string(), anything, fc.string(), anything, (message, cause, key, value) => {
        const thrown = new RangeError(message, { cause });
        Object.defineProperty(thrown, key, { value, enumerable: true, configurable: true });
        const error = sentError(thrown);
        expect(error).toBeInstanceOf(RangeError);
        if (!['message', 'name', 'stack'].includes(key)) expect(error.message).toBe(message);
        if (key !== 'cause' && typeof cause !== 'object') expect(error.cause).toBe(cause);
        expect(Object.keys(Object.prototype)).toEqual([]);
      }),
    );
  });

  test('is encoded on a stack that is nearly used up, too', () => {
    const thrown = new HttpError('deep', 1, { cause: [new Error('x')] });
    const encoded: unknown[] = [];
    const dive = (): void => {
      try {
        dive();
      } catch (overflow) {
        // Again one call further up, where there is a little more room.
        if (encoded.length === 50) return;
        encoded.push(encodeError(thrown));
        throw overflow;
      }
    };
    dive();
    expect(encoded).toHaveLength(50);
    for (const one of encoded) expect(decodeError(structuredClone(one) as never)).toBeInstanceOf(Error);
  });
});

test('R-33: an error from a thread says where in the thread it was thrown, and decoding leaves the stack limit alone', async () => {
  const url = new URL('../../src/parallel/codec/errorCodec.ts', import.meta.url).href;
  const code = `
    const { parentPort } = require('node:worker_threads');
    const run = async () => {
      const { register } = await import('tsx/esm/api');
      register();
      const { encodeError } = await import(${JSON.stringify(url)});
      try {
        (function deepInTheThread() { null.x; })();
      } catch (error) {
        parentPort.postMessage(encodeError(error));
      }
    };
    run();`;
  const worker = new Worker(code, { eval: true });
  try {
    const message: unknown = await new Promise((resolve, reject) =>
      worker.once('message', resolve).once('error', reject),
    );
    const limit = Error.stackTraceLimit;
    const error = decodeError(message as never);
    expect(error).toBeInstanceOf(TypeError);
    expect((error as Error).stack).toMatch(/at deepInTheThread/);
    expect([Error.stackTraceLimit, limit > 0]).toEqual([limit, true]);
  } finally {
    await worker.terminate();
  }
});
