import { afterEach, describe, expect, test } from 'vitest';
import { inspect } from '../../src/core/errors.ts';
import { wrongType, wrongValue, type BadValue } from './BadValue.ts';
import { EXEMPT } from './exempt.ts';
import { flaws } from './flaws.ts';
import { options as optionsKind } from './kinds.ts';
import { HUGE } from './oddValues.ts';
import { publicValues } from './publicValues.ts';
import { resources } from './resources.ts';
import { ROWS } from './rows.ts';
import type { Row } from './Row.ts';

const surface = await publicValues();
const UNKNOWN = [
  'constructor',
  '__proto__',
  'prototype',
  'toString',
  'a\n\u001B[2Jb',
  '',
  '\u202Etxt',
  'a\u2028b',
  HUGE,
];

describe('the table of bad input', () => {
  test('has a row for every public function and class, or says why there is none', () => {
    const covered = new Set(ROWS.map(({ target }) => target));
    const missing = surface.filter(({ name, value }) => !covered.has(value) && !Object.hasOwn(EXEMPT, name));
    expect(missing.map(({ where }) => where)).toEqual([]);
  });

  test('exempts nothing that is not there, or that has a row', () => {
    const names = new Set(surface.map(({ name }) => name));
    const rows = new Set(ROWS.map(({ fn }) => fn));
    expect(Object.keys(EXEMPT).filter((name) => !names.has(name) || rows.has(name))).toEqual([]);
  });

  test('has a row for every argument and every option', () => {
    for (const row of ROWS) {
      const known = Object.keys(row.options ?? {}).toSorted();
      if (row.takesAnyKey !== true) expect(knownOptions(row), `options of ${row.fn}`).toEqual(known);
      const args = row.good().length - (row.options === undefined ? 0 : 1);
      expect(row.args, `arguments of ${row.fn}`).toHaveLength(args);
    }
  });
});

describe.each(ROWS.map((row) => [row.fn, row] as const))('%s', (_, row) => {
  const good = row.good();
  const last = row.args.length;
  const goodOptions = (good[last] ?? {}) as Record<string, unknown>;
  const withOptions = (options: unknown): unknown[] => [...row.good().slice(0, last), options];
  const refuse = (args: readonly unknown[], option: string, bad: BadValue): string[] => flaws(row, args, option, bad);
  /** Why a call with these arguments is not accepted, if so. */
  const accept = async (args: readonly unknown[]): Promise<string[]> => {
    const before = resources(args);
    let result: unknown;
    try {
      result = row.call(...args);
    } catch (error) {
      return [`${args.map(inspect).join(', ')}: ${String(error)}`];
    }
    await row.end?.(result);
    const left = resources(args).filter((it) => it.endsWith('listeners') && !before.includes(it));
    return left.length === 0 ? [] : [`${args.map(inspect).join(', ')} leaves behind ${left.join(', ')}`];
  };
  const acceptAll = async (calls: readonly (readonly unknown[])[]): Promise<string[]> => {
    const all: string[] = [];
    for (const args of calls) all.push(...(await accept(args)));
    return all;
  };

  test('accepts good arguments', async () => {
    expect(await accept(good)).toEqual([]);
  });

  if (row.args.length > 0) {
    test.each(row.args.map((it, at) => ({ ...it, at })))(
      'the argument $name: takes what is right, and refuses the rest at the call',
      async ({ name, at, good: right, bad }) => {
        const calls = (value: unknown): readonly unknown[] => row.good().with(at, value);
        expect(await acceptAll(right.map(calls))).toEqual([]);
        expect(bad.flatMap((it) => refuse(calls(it.value), name, it))).toEqual([]);
      },
    );
  }

  test('refuses options that clash', () => {
    const found = (row.clashes ?? []).flatMap((clash) =>
      refuse(
        [...(clash.args ?? row.good().slice(0, row.options === undefined ? last - 1 : last)), clash.options],
        clash.option,
        clash,
      ),
    );
    expect(found).toEqual([]);
  });

  if (row.options === undefined) return;
  const options = Object.entries(row.options);
  const needsOptions = row.needsOptions === true ? 'options' : row.needsOptions || undefined;

  test.each(options)('the option %s: takes what is right, and refuses the rest at the call', async (option, kind) => {
    const calls = (value: unknown): unknown[] => withOptions(changed(goodOptions, option, value));
    const isOptional = !kind.bad.some(({ value }) => value === undefined);
    const right = isOptional && goodOptions[option] === undefined ? [...kind.good, undefined] : kind.good;
    expect(await acceptAll(right.map(calls))).toEqual([]);
    expect(kind.bad.flatMap((bad) => refuse(calls(bad.value), option, bad))).toEqual([]);
  });

  if (row.isVariadic !== true) {
    test('refuses what are no options', () => {
      expect(optionsKind.bad.flatMap((it) => refuse(withOptions(it.value), 'options', it))).toEqual([]);
    });
  }

  if (needsOptions !== undefined) {
    test('refuses to do without options', () => {
      expect(refuse(withOptions(undefined), needsOptions, wrongType(undefined)[0]!)).toEqual([]);
    });
  }

  test('takes options without a prototype, of a class, frozen, and left out', async () => {
    class Settings {
      kind(): string {
        return 'settings';
      }
    }
    expect(
      await acceptAll([
        withOptions(Object.assign(Object.create(null), goodOptions)),
        withOptions(Object.assign(new Settings(), goodOptions)),
        withOptions(Object.freeze({ ...goodOptions })),
        withOptions({ ...goodOptions, [Symbol('own')]: 1 }),
        ...(needsOptions !== undefined
          ? []
          : row.isVariadic === true
            ? [row.good().slice(0, last)]
            : [withOptions(undefined), row.good().slice(0, last)]),
      ]),
    ).toEqual([]);
  });

  if (row.takesAnyKey !== true) {
    test.each(UNKNOWN.map((key) => [inspect(key), key]))('refuses the unknown option %s', (_text, key) => {
      const given = changed(goodOptions, key, { polluted: true });
      expect(refuse(withOptions(given), 'options', wrongValue(key)[0]!)).toEqual([]);
      expect(({} as { polluted?: true }).polluted).toBeUndefined();
    });

    test.each(options)('names the option %s where it is misspelt', (option) => {
      for (const key of [option.toUpperCase(), `${option}s`, option.slice(0, -1)]) {
        if (key === option || key in row.options!) continue;
        expect(() => row.call(...withOptions(changed(goodOptions, key, 1)))).toThrow(/Did you mean "\w+"\?$/);
      }
    });
  }

  test.each(options)('reads the option %s once, and says so where that fails', async (option, kind) => {
    const reads: string[] = [];
    const given = Object.defineProperty({ ...goodOptions }, option, {
      enumerable: true,
      get: () => {
        reads.push(option);
        return reads.length > 1 ? Symbol('another value') : (goodOptions[option] ?? kind.good[0]);
      },
    });
    expect(await accept(withOptions(given))).toEqual([]);
    expect(reads).toEqual([option]);

    const failing = Object.defineProperty({ ...goodOptions }, option, {
      enumerable: true,
      get: () => {
        throw new Error('getter');
      },
    });
    expect(refuse(withOptions(failing), option, wrongType(failing)[0]!)).toEqual([]);
  });

  describe('X3', () => {
    afterEach(() => {
      for (const [option] of options) delete (Object.prototype as Record<string, unknown>)[option];
    });

    test('takes no option from a prototype', async () => {
      expect(
        await accept(withOptions(Object.create(bads(row), Object.getOwnPropertyDescriptors(goodOptions)))),
      ).toEqual([]);
      Object.assign(Object.prototype, bads(row, goodOptions));
      expect(await accept(withOptions({ ...goodOptions }))).toEqual([]);
    });
  });
});

/** A bad value for every option, but for those that are given anyway. */
function bads({ options = {}, handedOn = [] }: Row, given: object = {}): Record<string, unknown> {
  const rest = Object.entries(options).filter(
    ([option]) => !Object.hasOwn(given, option) && !handedOn.includes(option),
  );
  return Object.fromEntries(rest.map(([option]) => [option, Symbol('from the prototype')]));
}

/** Own properties, `__proto__` too. */
function changed(options: object, key: string, value: unknown): object {
  return Object.defineProperty({ ...options }, key, { value, enumerable: true, configurable: true, writable: true });
}

/** Every option that the function itself says it knows. */
function knownOptions(row: Row): string[] {
  if (row.options === undefined) return [];
  try {
    row.call(...row.good().slice(0, row.args.length), { '?': 1 });
  } catch (error) {
    return /made of (?<known>.+)\. Received/.exec(String(error))?.groups?.['known']?.split(', ').toSorted() ?? [];
  }
  return [];
}
