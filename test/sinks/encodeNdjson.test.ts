import fc from 'fast-check';
import { EMPTY, NEVER, concat, from, lastValueFrom, of, take, throwError, toArray, type OperatorFunction } from 'rxjs';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { EncodeError } from '../../src/sinks/EncodeError.ts';
import { encodeNdjson, type EncodeNdjsonOptions } from '../../src/sinks/encodeNdjson.ts';
import { fromIterable } from '../../src/sources/fromIterable.ts';
import { marbles } from '../../src/testing/marbles.ts';
import { Probe } from '../core/Probe.ts';

const linesOf = (items: unknown[], options?: EncodeNdjsonOptions): Promise<string[]> =>
  lastValueFrom(from(items).pipe(encodeNdjson(options), toArray()), { defaultValue: [] });

async function failureOf(items: unknown[], options?: EncodeNdjsonOptions): Promise<EncodeError> {
  const failure = await linesOf(items, options).catch((e: unknown) => e);
  expect(failure).toBeInstanceOf(EncodeError);
  return failure as EncodeError;
}

describe('encodeNdjson', () => {
  test('makes one line of each item', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold(' a-b-c|', { a: { n: 1 }, b: 'x\ny', c: [null] });
      const expected = '    r-s-t|';
      const lines = { r: '{"n":1}\n', s: '"x\\ny"\n', t: '[null]\n' };
      expectObservable(source.pipe(encodeNdjson())).toBe(expected, lines);
      expectObservable(cold('--|').pipe(encodeNdjson())).toBe('--|');
      expectObservable(cold('a-#', { a: 1 }).pipe(encodeNdjson())).toBe('r-#', { r: '1\n' });
    });
  });

  test('says falsy items and the values of JSON as JSON does', async () => {
    expect(
      await linesOf([null, 0, '', false, NaN, -0, [undefined, () => 1], { a: undefined, b: new Date(0) }]),
    ).toEqual(
      ['null', '0', '""', 'false', 'null', '0', '[null,null]', '{"b":"1970-01-01T00:00:00.000Z"}'].map(
        (it) => `${it}\n`,
      ),
    );
  });

  test('never puts a line break inside a line, and loses nothing that JSON can say', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.jsonValue()), async (items) => {
        const lines = await linesOf(items);
        expect(lines.every((line) => line.endsWith('\n') && !/[\n\r]/.test(line.slice(0, -1)))).toBe(true);
        expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(JSON.parse(JSON.stringify(items)));
      }),
    );
    const lines = await linesOf(['\r\n\u2028\ud800', { 'a\nb': 1 }]);
    expect(lines).toEqual(['"\\r\\n\u2028\\ud800"\n', '{"a\\nb":1}\n']);
  });

  test('R-33 names the item and the place of what JSON cannot say', async () => {
    const cyclic: Record<string, unknown> = { a: 1, b: [{}, {}] };
    (cyclic['b'] as unknown[])[1] = { c: cyclic };
    const twice = { n: 1 };
    const cases: [item: unknown, path: string, why: RegExp][] = [
      [undefined, '$', /JSON has no word for undefined/],
      [() => 1, '$', /JSON has no word for \[function/],
      [Symbol('s'), '$', /JSON has no word for Symbol\(s\)/],
      [{ toJSON: () => undefined }, '$', /JSON has no word for/],
      [1n, '$', /BigInt/],
      [{ id: 1n }, '$.id', /BigInt/],
      [{ a: [1, { b: twice, c: twice, d: [0, 2n] }] }, '$.a[1].d[1]', /BigInt/],
      [{ a: { b: 1 }, c: { d: { e: 1 } }, f: 3n }, '$.f', /BigInt/],
      [cyclic, '$.b[1].c', /circular structure/],
      [{ a: 1, b: throwing }, '$', /^.*item 2 cannot be encoded at \$: no json$/],
    ];
    for (const [item, path, why] of cases) {
      const error = await failureOf([0, 0, item]);
      expect(error).toMatchObject({ name: 'EncodeError', code: 'ERR_ENCODE', stage: 'encodeNdjson', index: 2, path });
      expect(error.message).toMatch(why);
      expect(error.message.startsWith(`encodeNdjson(): item 2 cannot be encoded at ${path}: `)).toBe(true);
    }
    expect((await failureOf([throwing])).cause).toBe(noJson);
    expect((await failureOf([undefined])).cause).toBeUndefined();
  });

  const noJson = new Error('no json');
  const throwing = {
    toJSON() {
      throw noJson;
    },
  };

  test('W7 fails for what is nested too deeply, rather than end the process', async () => {
    let deep: unknown[] = [];
    for (let i = 0; i < 100_000; i++) deep = [deep];
    expect((await failureOf([deep])).cause).toBeInstanceOf(RangeError);
  });

  test('lets a replacer say it otherwise', async () => {
    const options: EncodeNdjsonOptions = {
      replacer: (key, value) => (key === 'secret' ? undefined : typeof value === 'bigint' ? String(value) : value),
    };
    expect(await linesOf([{ id: 7n, secret: 1 }, 8n], options)).toEqual(['{"id":"7"}\n', '"8"\n']);
    expect(await failureOf([{ a: [1, 'x'] }], { replacer: (_, value) => (value === 'x' ? 1n : value) })).toMatchObject({
      path: '$.a[1]',
    });
  });

  test('R-45 unsubscribes its source after the failing item, and emits what came before', async () => {
    const pulled: unknown[] = [];
    const source = fromIterable(function* () {
      for (const item of [1, 2n, 3]) {
        pulled.push(item);
        yield item;
      }
    });
    const probe = new Probe<string>().subscribe(source.pipe(encodeNdjson()));
    expect(probe.values).toEqual(['1\n']);
    expect(probe.error).toBeInstanceOf(EncodeError);
    expect(pulled).toEqual([1, 2n]);
  });

  test('R-16 lets the gate below it reach through: it holds nothing', () => {
    let pulled = 0;
    const source = fromIterable(function* () {
      for (;;) yield pulled++;
    });
    const probe = new Probe<string>();
    probe.allow(3);
    probe.subscribe(source.pipe(encodeNdjson()));
    expect(pulled).toBe(3);
    probe.allow(2);
    expect(probe.values).toEqual(['0\n', '1\n', '2\n', '3\n', '4\n']);
    probe.unsubscribe();
  });

  test('R-05 counts anew for each subscription; ends early with take, and with its source', async () => {
    const flow = from([1, 2n]).pipe(encodeNdjson());
    for (let i = 0; i < 2; i++) await expect(lastValueFrom(flow)).rejects.toMatchObject({ index: 1 });
    expect(await lastValueFrom(of(1, 2n).pipe(encodeNdjson(), take(1)))).toBe('1\n');
    expect(await lastValueFrom(EMPTY.pipe(encodeNdjson()), { defaultValue: 'none' })).toBe('none');
    const failure = new Error('no');
    await expect(
      lastValueFrom(
        concat(
          of(1),
          throwError(() => failure),
        ).pipe(encodeNdjson()),
      ),
    ).rejects.toBe(failure);
    NEVER.pipe(encodeNdjson()).subscribe().unsubscribe();
  });

  test.each([
    [{ replacer: ['a'] }, 'replacer'],
    [{ replacer: null }, 'replacer'],
    [{ space: 2 }, 'options'],
    [null, 'options'],
  ])('refuses the options %o at the call', (options, option) => {
    expect(() => encodeNdjson(options as EncodeNdjsonOptions)).toThrow(
      expect.objectContaining({ name: 'TypeError', option }),
    );
  });

  test('has the type of an operator from anything to strings', () => {
    expectTypeOf(encodeNdjson()).toEqualTypeOf<OperatorFunction<unknown, string>>();
    of({ a: 1 }).pipe(encodeNdjson());
  });
});
