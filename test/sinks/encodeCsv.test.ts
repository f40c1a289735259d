import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import fc from 'fast-check';
import {
  EMPTY,
  Subject,
  concat,
  from,
  lastValueFrom,
  of,
  take,
  throwError,
  toArray,
  type Observable,
  type OperatorFunction,
} from 'rxjs';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { EncodeError } from '../../src/sinks/EncodeError.ts';
import { encodeCsv, type EncodeCsvOptions } from '../../src/sinks/encodeCsv.ts';
import { fromIterable } from '../../src/sources/fromIterable.ts';
import { marbles } from '../../src/testing/marbles.ts';
import { Probe } from '../core/Probe.ts';

type Options = EncodeCsvOptions;
const linesOf = (items: readonly unknown[], options: Options): Promise<string[]> =>
  lastValueFrom(from(items as Record<string, unknown>[]).pipe(encodeCsv(options), toArray()), { defaultValue: [] });
const csvOf = async (items: readonly unknown[], options: Options): Promise<string> =>
  (await linesOf(items, options)).join('');
/** One value as the only field of a line. */
const fieldOf = async (value: unknown, options: Partial<Options> = {}): Promise<string> =>
  (await csvOf([[value, 'end']], { columns: ['a', 'b'], header: false, ...options })).slice(0, -',end\n'.length);

describe('encodeCsv', () => {
  test('R-07, R-21: loses no item if the source ends while the header is sent', () => {
    const rows = new Subject<{ n: number }>();
    const out: string[] = [];
    rows.pipe(encodeCsv<{ n: number }>({ columns: ['n'] })).subscribe({
      next: (line) => {
        if (out.push(line) === 1) rows.complete();
      },
      complete: () => out.push('|'),
    });
    rows.next({ n: 1 });
    expect(out).toEqual(['n\n', '1\n', '|']);
  });

  test('R-20: sends its header once, also if an item comes while that is sent, and counts items as they came', () => {
    const rows = new Subject<{ n: unknown }>();
    const out: string[] = [];
    let error: unknown;
    rows.pipe(encodeCsv<{ n: unknown }>({ columns: ['n'] })).subscribe({
      next: (line) => {
        if (out.push(line) === 1) rows.next({ n: 2 });
      },
      error: (failure: unknown) => (error = failure),
    });
    rows.next({ n: 1 });
    rows.next({ n: () => {} });
    expect(out).toEqual(['n\n', '1\n', '2\n']);
    expect(error).toMatchObject({ index: 2 });
  });

  test('makes one line of each item, and one of the names before the first', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold(' --a---b--|', { a: { n: 1, s: 'x' }, b: { n: 2, s: '=1+1' } });
      const expected = '    --(hr)t--|';
      const lines = { h: 'n,s\n', r: '1,x\n', t: "2,'=1+1\n" };
      expectObservable(source.pipe(encodeCsv({ columns: ['n', 's'] }))).toBe(expected, lines);
      expectObservable(cold<object>('--|').pipe(encodeCsv({ columns: ['n'] as never }))).toBe('--(h|)', { h: 'n\n' });
      expectObservable(cold<object>('--#').pipe(encodeCsv({ columns: ['n'] as never }))).toBe('--#');
    });
  });

  test('R-03 writes the names for no items, too, unless told to leave them out', async () => {
    const columns = ['a', 'b'];
    expect(await linesOf([], { columns })).toEqual(['a,b\n']);
    expect(await linesOf([], { columns, header: false })).toEqual([]);
    expect(await linesOf([{ a: 1, b: 2 }], { columns, header: false })).toEqual(['1,2\n']);
  });

  test('takes the columns it was told, in that order, under the titles it was given', async () => {
    const item = { a: 1, b: 2, c: 3 };
    expect(await csvOf([item], { columns: ['c', 'a'] })).toBe('c,a\n3,1\n');
    expect(await csvOf([item], { columns: { b: 'The "b"', a: 'a,b' } })).toBe('"The ""b""","a,b"\n2,1\n');
  });

  test('takes arrays field by field', async () => {
    const columns = ['a', 'b', 'c'];
    expect(await csvOf([[1, 'x', null], [2], []], { columns })).toBe('a,b,c\n1,x,\n2,,\n,,\n');
    await expect(linesOf([[1], [1, 2, 3, 4]], { columns })).rejects.toMatchObject({
      name: 'EncodeError',
      index: 1,
      path: '$',
      message: 'encodeCsv(): item 1 cannot be encoded at $: it has 4 fields, and there are 3 columns',
    });
  });

  test('leaves a field empty that is missing, and out what is no column', async () => {
    const items = [{ a: 1 }, { b: 2, z: 9 }, { a: undefined, b: null }, {}];
    expect(await csvOf(items, { columns: ['a', 'b'] })).toBe('a,b\n1,\n,2\n,\n,\n');
  });

  test('takes a name as it is: not as a path, and not for what every object has', async () => {
    const columns = ['a.b', 'a[0]', 'toString', 'constructor', '__proto__'];
    const item = { 'a.b': 1, a: { b: 2, 0: 3 }, 'a[0]': 4 };
    expect(await csvOf([item], { columns, header: false })).toBe('1,4,,,\n');
    expect(await csvOf([JSON.parse('{"__proto__":5,"toString":6}')], { columns, header: false })).toBe(',,6,,5\n');
    expect(await csvOf([Object.assign(Object.create(null) as object, { a: 1 })], { columns: ['a', 'toString'] })).toBe(
      'a,toString\n1,\n',
    );
  });

  test('reads what a class defines', async () => {
    class Route {
      readonly from = 'LAX';
      get to(): string {
        return 'JFK';
      }
    }
    const flow: Observable<string> = of(new Route()).pipe(encodeCsv({ columns: ['from', 'to'] }));
    expect(await lastValueFrom(flow)).toBe('LAX,JFK\n');
  });

  test('writes values in one way each', async () => {
    const cases: [value: unknown, field: string][] = [
      [undefined, ''],
      [null, ''],
      ['', ''],
      ['text', 'text'],
      [0, '0'],
      [-0, '0'],
      [-5, '-5'],
      [-1.5e-7, '-1.5e-7'],
      [1e21, '1e+21'],
      [NaN, 'NaN'],
      [-Infinity, '-Infinity'],
      [-5n, '-5'],
      [12345678901234567890n, '12345678901234567890'],
      [true, 'true'],
      [false, 'false'],
      [new Date(0), '1970-01-01T00:00:00.000Z'],
      [{ a: [1, 'x'] }, '"{""a"":[1,""x""]}"'],
      [[], '[]'],
      [{ toJSON: () => '=1' }, '"""=1"""'],
    ];
    for (const [value, field] of cases) expect(await fieldOf(value)).toBe(field);
  });

  test('quotes as RFC 4180 says: separators, quotes and line breaks, and nothing else', async () => {
    const cases: [value: string, field: string][] = [
      ['a,b', '"a,b"'],
      ['say "a"', '"say ""a"""'],
      ['a\nb', '"a\nb"'],
      ['a\rb', '"a\rb"'],
      ['a\r\nb', '"a\r\nb"'],
      [' a ', ' a '],
      ['a;b', 'a;b'],
      ["'", "'"],
    ];
    for (const [value, field] of cases) expect(await fieldOf(value)).toBe(field);
    expect(await csvOf([{ a: 'x;y', b: 'x,y' }], { columns: ['a', 'b'], delimiter: ';' })).toBe('a;b\n"x;y";x,y\n');
    expect(await csvOf([['a\tb', 'c']], { columns: ['a', 'b'], delimiter: '\t', header: false })).toBe('"a\tb"\tc\n');
  });

  test('never writes a line with nothing on it, which readers would skip', async () => {
    const csv = await csvOf([{ a: '' }, { a: null }, { a: 1 }], { columns: ['a'] });
    expect(csv).toBe('a\n""\n""\n1\n');
    expect(parse(csv, { columns: true })).toEqual([{ a: '' }, { a: '' }, { a: '1' }]);
  });

  test('names the item and the column of what it has no way to say', async () => {
    const cyclic: Record<string, unknown> = {};
    cyclic['self'] = cyclic;
    const cases: [value: unknown, why: RegExp][] = [
      [() => 1, /CSV has no word for \[function/],
      [Symbol('s'), /CSV has no word for Symbol\(s\)/],
      [new Date(NaN), /Invalid time value/],
      [{ n: 1n }, /BigInt/],
      [cyclic, /circular/],
      [{ toJSON: () => undefined }, /CSV has no word for/],
    ];
    for (const [value, why] of cases) {
      const error = (await linesOf([{ a: 1 }, { a: 1, b: value }], { columns: ['a', 'b'] }).catch(
        (e: unknown) => e,
      )) as Error;
      expect(error).toBeInstanceOf(EncodeError);
      expect(error).toMatchObject({ code: 'ERR_ENCODE', stage: 'encodeCsv', index: 1, path: '$.b' });
      expect(error.message).toMatch(why);
    }
    await expect(linesOf([[1, Symbol('s')]], { columns: ['a', 'b'] })).rejects.toMatchObject({ path: '$[1]' });
    for (const item of [undefined, null, 1, 'a', () => ({})]) {
      await expect(linesOf([item], { columns: ['a'] })).rejects.toMatchObject({
        name: 'EncodeError',
        index: 0,
        path: '$',
      });
    }
  });
});

const TRIGGER = /^[=+\-@\t\r\n\0]/;
const guarded = (text: string): string => (TRIGGER.test(text) ? `'${text}` : text);

describe('encodeCsv X15 formulas', () => {
  test.each([
    ['equals sign', '=1+1', "'=1+1"],
    ['plus sign', '+1', "'+1"],
    ['minus sign', '-1', "'-1"],
    ['at sign', '@SUM(1)', "'@SUM(1)"],
    ['tab', '\t=1', "'\t=1"],
    ['carriage return', '\r=1', `"'\r=1"`],
    ['line feed', '\n=1', `"'\n=1"`],
    ['NUL', '\0=1', "'\0=1"],
    ['full-width equals sign', '＝1', "'＝1"],
    ['full-width plus sign', '＋1', "'＋1"],
    ['full-width minus sign', '－1', "'－1"],
    ['full-width at sign', '＠1', "'＠1"],
    ['trigger in a field that has to be quoted', '=HYPERLINK("x","y")', `"'=HYPERLINK(""x"",""y"")"`],
    ['trigger alone', '-', "'-"],
  ])('puts a quote before text with a %s in front', async (_, text, field) => {
    expect(await fieldOf(text)).toBe(field);
    expect(await fieldOf(text, { guard: false })).toBe(field.replace("'", ''));
  });

  test('leaves alone what only has one further on, and numbers and dates', async () => {
    for (const text of ['1-1', 'a=b', ' =1', "'=1", 'me@example.org']) expect(await fieldOf(text)).toBe(text);
    for (const value of [-5, -5n, -Infinity, -0.5]) expect(await fieldOf(value)).toBe(String(value));
  });

  test('guards titles, too', async () => {
    expect(await csvOf([], { columns: { a: '=1', b: 'b' } })).toBe("'=1,b\n");
    expect(await csvOf([], { columns: { a: '=1' }, guard: false })).toBe('=1\n');
  });

  test('never lets text through that begins with one, whatever it is', () => {
    const text = fc.string({
      unit: fc.constantFrom('=', '+', '-', '@', '\t', '\r', '\n', '\0', '"', ',', "'", 'a', ' '),
    });
    return fc.assert(
      fc.asyncProperty(fc.array(fc.array(text, { minLength: 3, maxLength: 3 })), async (rows) => {
        const csv = await csvOf(rows, { columns: ['a', 'b', 'c'], header: false });
        const read: string[][] = parse(csv, { record_delimiter: '\n' });
        expect(read.flat().filter((field) => TRIGGER.test(field))).toEqual([]);
        expect(read).toEqual(rows.map((row) => row.map(guarded)));
      }),
    );
  });
});

describe('encodeCsv round trip', () => {
  test('its lines are those of csv-stringify, whether it asks it or not', () => {
    const field = fc.string({ unit: fc.constantFrom('"', ',', '\\', ']', '\n', '\r', ' ', 'a', 't', "'") });
    return fc.assert(
      fc.asyncProperty(
        fc.array(field, { minLength: 1, maxLength: 4 }),
        fc.constantFrom(',', '\\', ']', 't', ' ', "'"),
        async (fields, delimiter) => {
          const columns = fields.map((_, i) => `column ${i}`);
          const csv = await csvOf([fields], { columns, delimiter, header: false, guard: false });
          expect(csv).toBe(stringify([fields], { delimiter, quoted_empty: fields.length === 1 }));
        },
      ),
    );
  });

  test('what csv-parse reads is what was written, for any text', () => {
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: fc.constantFrom('"', ',', ';', '\n', '\r', ' ', 'ü', '😀', '\t') }),
    );
    return fc.assert(
      fc.asyncProperty(
        fc
          .integer({ min: 1, max: 4 })
          .chain((width) => fc.array(fc.array(text, { minLength: width, maxLength: width }))),
        fc.constantFrom(',', ';', '\t', '|'),
        async (rows, delimiter) => {
          const columns = (rows[0] ?? ['']).map((_, i) => `column ${i}`);
          const csv = await csvOf(rows, { columns, delimiter, guard: false });
          const read: string[][] = parse(csv, { delimiter, record_delimiter: '\n' });
          expect(read).toEqual([columns, ...rows]);
        },
      ),
    );
  });
});

describe('encodeCsv as an operator', () => {
  test('R-16 lets the gate below it reach through', () => {
    let pulled = 0;
    const source = fromIterable(function* () {
      for (;;) yield { n: pulled++ };
    });
    const probe = new Probe<string>();
    probe.allow(3);
    probe.takesOverrun = true;
    probe.subscribe(source.pipe(encodeCsv({ columns: ['n'] })));
    expect(pulled).toBe(2);
    probe.allow(2);
    expect(probe.values).toEqual(['n\n', '0\n', '1\n', '2\n', '3\n']);
    probe.unsubscribe();
  });

  test('R-23 ends with take(1) after the names, without encoding an item', async () => {
    let looked = 0;
    const item = {
      get n() {
        return ++looked;
      },
    };
    expect(await lastValueFrom(of(item, item).pipe(encodeCsv({ columns: ['n'] }), take(1)))).toBe('n\n');
    expect(looked).toBe(0);
  });

  test('R-05 writes the names for each subscription; errors with its source', async () => {
    const flow = of({ n: 1 }).pipe(encodeCsv({ columns: ['n'] }), toArray());
    expect(await lastValueFrom(flow)).toEqual(['n\n', '1\n']);
    expect(await lastValueFrom(flow)).toEqual(['n\n', '1\n']);
    const failure = new Error('no');
    const seen: string[] = [];
    const failing = concat(
      of({ n: 1 }),
      throwError(() => failure),
    ).pipe(encodeCsv({ columns: ['n'] }));
    await expect(failing.forEach((line) => void seen.push(line))).rejects.toBe(failure);
    expect(seen).toEqual(['n\n', '1\n']);
    expect(await lastValueFrom(EMPTY.pipe(encodeCsv({ columns: ['n'] as never })))).toBe('n\n');
  });

  test('infers the items from the flow, and knows their names', () => {
    interface Row {
      from: string;
      to: string;
    }
    const rows = of<Row>({ from: 'LAX', to: 'JFK' });
    rows.pipe(encodeCsv({ columns: ['from', 'to'] }));
    rows.pipe(encodeCsv({ columns: { from: 'Origin' } }));
    // @ts-expect-error -- no such column
    rows.pipe(encodeCsv({ columns: ['form'] }));
    // @ts-expect-error -- no such column
    rows.pipe(encodeCsv({ columns: { form: 'Origin' } }));
    of<[number, string]>([1, 'a']).pipe(encodeCsv({ columns: ['n', 's'] }));
    of<Record<string, number>>({ a: 1 }).pipe(encodeCsv({ columns: ['a', 'b'] }));
    // @ts-expect-error -- no object
    of(1).pipe(encodeCsv({ columns: ['a'] }));
    expectTypeOf(encodeCsv<Row>({ columns: ['from'] })).toEqualTypeOf<OperatorFunction<Row, string>>();
  });

  test.each([
    [{}, 'columns'],
    [{ columns: [] }, 'columns'],
    [{ columns: {} }, 'columns'],
    [{ columns: 'a,b' }, 'columns'],
    [{ columns: null }, 'columns'],
    [{ columns: ['a', 1] }, 'columns'],
    [{ columns: [, 'a'] }, 'columns'], // oxlint-disable-line no-sparse-arrays -- it is one of the things to refuse
    [{ columns: { a: 1 } }, 'columns'],
    [{ columns: ['a'], header: 'yes' }, 'header'],
    [{ columns: ['a'], guard: 1 }, 'guard'],
    [{ columns: ['a'], delimiter: '' }, 'delimiter'],
    [{ columns: ['a'], delimiter: '::' }, 'delimiter'],
    [{ columns: ['a'], delimiter: '"' }, 'delimiter'],
    [{ columns: ['a'], delimiter: '\n' }, 'delimiter'],
    [{ columns: ['a'], delimiter: 1 }, 'delimiter'],
    [{ columns: ['a'], delimiter: null }, 'delimiter'],
    [{ columns: ['a'], colums: 1 }, 'options'],
    [null, 'options'],
    [undefined, 'options'],
  ])('refuses the options %o at the call', (options, option) => {
    expect(() => encodeCsv(options as Options)).toThrow(expect.objectContaining({ name: 'TypeError', option }));
  });
});
