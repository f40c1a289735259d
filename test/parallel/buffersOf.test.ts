import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { bytesOf, buffersOf } from '../../src/parallel/codec/buffersOf.ts';

const bytes = (size: number): Uint8Array<ArrayBuffer> => new Uint8Array(size);
const fails = (): never => {
  throw new Error('looked');
};
function nested(depth: number, inmost: unknown): unknown {
  let value = inmost;
  for (let i = 0; i < depth; i++) value = i % 2 === 0 ? { a: value } : [value];
  return value;
}

describe('buffersOf', () => {
  test('lists a buffer, and that of a view which covers it', () => {
    const [buffer, view, data, resizable] = [new ArrayBuffer(8), bytes(8), new DataView(new ArrayBuffer(3)), bytes(4)];
    expect(buffersOf(buffer)).toEqual([buffer]);
    expect(buffersOf(view)).toEqual([view.buffer]);
    expect(buffersOf({ view, list: [data, { deep: resizable }] })).toEqual([
      view.buffer,
      data.buffer,
      resizable.buffer,
    ]);
    expect(buffersOf(Buffer.alloc(5))).toHaveLength(1);
    expect(buffersOf(Object.assign(Object.create(null), { view }))).toEqual([view.buffer]);
  });

  test('lists a buffer once, however often it is there', () => {
    const view = bytes(8);
    const found = buffersOf({ a: view, b: view.buffer, c: new DataView(view.buffer), d: [view] });
    expect(found).toEqual([view.buffer]);
    expect(() => structuredClone({ view }, { transfer: found })).not.toThrow();
  });

  test('leaves out pooled Buffers and other views of a part', () => {
    expect(buffersOf(Buffer.from('pooled'))).toEqual([]);
    expect(buffersOf([bytes(8).subarray(1), bytes(8).subarray(0, 4)])).toEqual([]);
  });

  test('leaves out memory that is shared, empty or detached', () => {
    const gone = bytes(8);
    structuredClone(gone, { transfer: [gone.buffer] });
    const shared = new SharedArrayBuffer(8);
    expect(buffersOf([gone, gone.buffer, shared, new Uint8Array(shared), bytes(0), new ArrayBuffer(0)])).toEqual([]);
  });

  test('looks 4 levels deep, at 1,000 places, and only into plain objects and arrays', () => {
    expect(buffersOf(nested(4, bytes(8)))).toHaveLength(1);
    expect(buffersOf(nested(5, bytes(8)))).toEqual([]);
    expect(buffersOf(Array.from({ length: 5_000 }, () => bytes(1)))).toHaveLength(999);
    expect(buffersOf(new Array(4e9))).toEqual([]);
    const inside = new (class Holder {
      readonly view = bytes(8);
    })();
    expect(buffersOf([inside, new Map([['k', bytes(8)]])])).toEqual([]);
  });

  test.each<[unknown]>([[undefined], [null], [1], ['text'], [Symbol('s')], [fails], [{}], [[]], [new Date()]])(
    '%#: lists nothing where there is none',
    (value) => {
      expect(buffersOf(value)).toEqual([]);
    },
  );

  test('never throws, and ends with what is circular', () => {
    const circular: unknown[] = [bytes(1)];
    circular.push(circular, { circular });
    expect(buffersOf(circular)).toHaveLength(1);
    expect(
      buffersOf({
        view: bytes(1),
        get bad() {
          return fails();
        },
      }),
    ).toEqual([]);
    expect(buffersOf(new Proxy({}, { getPrototypeOf: fails }))).toEqual([]);
  });

  test('lists only what can be moved, whatever the value is', () => {
    fc.assert(
      fc.property(fc.anything({ withTypedArray: true, withMap: true }), (value) => {
        const found = buffersOf(value);
        expect(new Set(found).size).toBe(found.length);
        structuredClone(value, { transfer: found });
        expect(buffersOf(value)).toEqual([]);
      }),
    );
  });
});

describe('bytesOf', () => {
  test.each<[number, unknown]>([
    [8, 5],
    [8, true],
    [8, null],
    [8, undefined],
    [8, 5n],
    [8, Symbol('s')],
    [0, ''],
    [1e6, 'x'.repeat(1e6)],
    [16, {}],
    [16 + 2 + 8 + 4 + 5, { id: 1, name: 'Maria' }],
    [16 + 24, [1, 2, 3]],
    [16 + 1 + 16 + 8, { a: [1] }],
    [16 + 1 + 8, new Map([['k', 1]])],
    [16 + 3, new Set(['a', 'bc'])],
    [100, new ArrayBuffer(100)],
    [16 + 100, bytes(100)],
    [16, new SharedArrayBuffer(100)],
    [32, new Uint8Array(new SharedArrayBuffer(100))],
    [16, new Date()],
  ])('is %d for %o', (size, value) => {
    expect(bytesOf(value)).toBe(size);
  });

  test('counts the whole buffer of a view, as structured clone copies it', () => {
    expect(bytesOf(bytes(1_000).subarray(0, 1))).toBe(16 + 1_000);
    const buffer = new ArrayBuffer(1_000);
    expect(bytesOf([bytes(10), new Uint8Array(buffer), new DataView(buffer)])).toBeLessThan(1_100);
  });

  test('counts class instances like plain objects, with nothing inherited', () => {
    class Point {
      readonly x = 1;
      get big(): string {
        return 'x'.repeat(1_000);
      }
    }
    expect(bytesOf(new Point())).toBe(16 + 1 + 8);
    expect(bytesOf(Object.create({ big: 'x'.repeat(1_000) }))).toBe(16);
  });

  test.each<[string, (n: number) => unknown]>([
    ['numbers', (n) => Array.from({ length: n }, () => 1)],
    ['rows', (n) => Array.from({ length: n }, () => ({ id: 1, name: 'x'.repeat(20), tags: ['a', 'b'] }))],
    [
      'rows of numbers',
      (n) => Array.from({ length: Math.sqrt(n) }, () => Array.from({ length: Math.sqrt(n) }, () => 1)),
    ],
    ['a map', (n) => new Map(Array.from({ length: n }, (_, i) => [i, 'x'.repeat(40)]))],
    ['a set', (n) => new Set(Array.from({ length: n }, (_, i) => i))],
    ['a table', (n) => Object.fromEntries(Array.from({ length: n }, (_, i) => [`k${i}`, 'x'.repeat(40)]))],
    [
      'lists side by side',
      (n) => ({ a: Array.from({ length: n }, () => 1), b: Array.from({ length: n }, () => 'x'.repeat(90)) }),
    ],
    ['buffers', (n) => Array.from({ length: n }, () => bytes(50))],
  ])('reckons a large value from parts of it: %s', (_, make) => {
    const [small, large] = [bytesOf(make(100)), bytesOf(make(10_000))];
    expect(large / small).toBeGreaterThan(70);
    expect(large / small).toBeLessThan(130);
  });

  test('finds what is large in the middle of a list', () => {
    const list: unknown[] = Array.from({ length: 1_000 }, (_, i) => (i < 200 ? 1 : 'x'.repeat(1_000)));
    expect(bytesOf(list)).toBeGreaterThan(600_000);
  });

  test('W8: finds a large buffer behind many rows', () => {
    const rows = Array.from({ length: 1_000 }, (_, id) => ({ id, list: [{ id }, { id }] }));
    expect(bytesOf({ a: rows, b: rows.map((row) => ({ ...row })), image: bytes(1e7) })).toBeGreaterThan(1e7);
  });

  test('is not fooled by what is there twice, circular, or not there', () => {
    const shared = { text: 'x'.repeat(1_000) };
    expect(bytesOf([shared, shared, shared])).toBeLessThan(1_100);
    const circular: unknown[] = [];
    for (let i = 0; i < 1_000; i++) circular.push(circular, { circular });
    expect(bytesOf(circular)).toBeLessThan(1e6);
    expect(bytesOf(new Array(4e9))).toBe(16);
  });

  test('never throws', () => {
    expect(
      bytesOf({
        get bad() {
          return fails();
        },
      }),
    ).toBe(8);
    expect(bytesOf(new Proxy({}, { ownKeys: fails }))).toBe(8);
    fc.assert(
      fc.property(
        fc.anything({ withMap: true, withSet: true, withTypedArray: true, withSparseArray: true }),
        (value) => {
          expect(bytesOf(value)).toBeGreaterThanOrEqual(0);
          expect(bytesOf(value)).toBeLessThan(1e9);
        },
      ),
    );
  });
});
