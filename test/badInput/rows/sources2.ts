import { EMPTY } from 'rxjs';
import { mergeSorted } from '../../../src/sources/mergeSorted.ts';
import { paginate } from '../../../src/sources/paginate.ts';
import { poll } from '../../../src/sources/poll.ts';
import { restartable } from '../../../src/sources/restartable.ts';
import { select } from '../../../src/sources/select.ts';
import { ticker } from '../../../src/sources/ticker.ts';
import { outOfRange, wrongType, wrongValue, type BadValue } from '../BadValue.ts';
import { count, duration, flag, fn, oneOf, optionalFn, stageName, type Kind } from '../kinds.ts';
import { HUGE, oddNonArrays } from '../oddValues.ts';
import { row, type Row } from '../Row.ts';
import { untouched$, untouchedFn, untouchedIterable } from '../untouched.ts';

const required = (kind: Kind): Kind => ({ ...kind, bad: [...kind.bad, ...wrongType(undefined)] });

/** Milliseconds that are repeated. */
const period: Kind = {
  good: [1, 1000 / 60, 2 ** 31 - 1],
  bad: [...duration.bad, ...outOfRange(0, -0, 0.5), ...wrongType(undefined)],
};

const notLists = wrongType(...oddNonArrays, undefined, 0, 5, true, '', 'text', HUGE, untouchedFn);

/** What is wrong with one element of a list, as clashes, since it is the element that the error names. */
const elements = (
  bad: readonly BadValue[],
  option: string,
  list: (value: unknown) => unknown,
  options: object,
): NonNullable<Row['clashes']> => bad.map((it) => ({ ...it, args: [list(it.value)], options, option }));

const notSources = wrongType(null, undefined, 0, 5, true, 2n, Symbol('source'), {}, () => {}, Object.create(null));

export const sources2Rows: readonly Row[] = [
  row('select', select, {
    good: () => [[[untouched$, untouchedFn]], {}],
    args: [
      {
        name: 'cases',
        good: [
          [
            [untouchedIterable, untouchedFn],
            [EMPTY, untouchedFn],
          ],
        ],
        bad: [...notLists, ...outOfRange([])],
      },
    ],
    options: {
      timeout: {
        good: [
          [0, untouchedFn],
          [2 ** 31 - 1, untouchedFn],
        ],
        bad: wrongType(...oddNonArrays, 0, 100, true, untouchedFn, [], [1], [1, untouchedFn, 2]).concat(
          wrongValue('', '1s', HUGE),
        ),
      },
      default: optionalFn,
      fairness: oneOf('random', 'rotate', 'order'),
      random: optionalFn,
      repeat: flag,
      name: stageName,
    },
    clashes: [
      ...elements(
        wrongType(null, undefined, 5, 'ab', {}, EMPTY, [], [EMPTY], [EMPTY, untouchedFn, 1]),
        'cases[1]',
        (it) => [[EMPTY, untouchedFn], it],
        {},
      ),
      ...elements([...notSources, ...wrongType('text')], 'cases[0][0]', (it) => [[it, untouchedFn]], {}),
      ...elements(fn.bad, 'cases[0][1]', (it) => [[EMPTY, it]], {}),
      ...duration.bad.map((it) => ({ ...it, options: { timeout: [it.value, untouchedFn] }, option: 'timeout[0]' })),
      ...fn.bad.map((it) => ({ ...it, options: { timeout: [1, it.value] }, option: 'timeout[1]' })),
      ...wrongType(untouchedFn).flatMap((it) => [
        { ...it, options: { default: untouchedFn, timeout: [1, untouchedFn] }, option: 'default' },
        { ...it, options: { default: untouchedFn, repeat: true }, option: 'default' },
      ]),
    ],
  }),
  row('ticker', ticker, {
    good: () => [{ every: 10, missed: 'burst' }],
    args: [],
    needsOptions: true,
    options: {
      every: period,
      missed: oneOf('skip', 'burst', 'delay'),
      initial: duration,
      burst: count(1, { infinite: true }),
      name: stageName,
    },
    clashes: [
      { options: { every: 1, burst: 5 }, option: 'burst', ...wrongType(5)[0]! },
      { options: { every: 1, missed: 'delay', burst: 5 }, option: 'burst', ...wrongType(5)[0]! },
    ],
  }),
  row('paginate', paginate, {
    good: () => [untouchedFn, {}],
    args: [{ name: 'fetchPage', ...fn }],
    options: {
      start: { good: [null, 0, '', untouchedFn], bad: [] },
      prefetch: count(0),
      name: stageName,
    },
  }),
  row('poll', poll, {
    good: () => [untouchedFn, { every: 10 }],
    args: [{ name: 'fn', ...fn }],
    needsOptions: true,
    options: {
      every: required(duration),
      from: oneOf('end', 'start'),
      immediate: flag,
      until: optionalFn,
      distinct: {
        good: [true, false, untouchedFn],
        bad: flag.bad
          .filter(({ value }) => typeof value !== 'string')
          .concat(wrongValue('', 'true', HUGE))
          .filter(({ value }) => typeof value !== 'function'),
      },
      name: stageName,
    },
  }),
  row('restartable', restartable, {
    good: () => [untouchedFn, { backoff: 10 }],
    args: [{ name: 'factory', ...fn }],
    needsOptions: true,
    options: {
      backoff: {
        good: [0, 2 ** 31 - 1, untouchedFn],
        bad: [
          ...outOfRange(NaN, -1, Infinity, -Infinity, 2 ** 31),
          ...wrongType(...oddNonArrays.filter((value) => typeof value !== 'function'), [], true, undefined),
          ...wrongValue('', '1s', HUGE),
        ],
      },
      max: count(0, { infinite: true }),
      resetAfter: duration,
      onComplete: oneOf('end', 'restart'),
      onRestart: optionalFn,
    },
  }),
  row('mergeSorted', mergeSorted, {
    good: () => [[untouched$, untouchedIterable], { by: untouchedFn }],
    args: [{ name: 'sources', good: [[], [untouched$]], bad: notLists }],
    needsOptions: true,
    options: {
      by: fn,
      onDisorder: oneOf('fail', 'pass'),
      name: stageName,
      overflowLimit: count(0, { infinite: true }),
    },
    clashes: elements([...notSources, ...wrongValue('text')], 'sources[1]', (it) => [[], it], { by: untouchedFn }),
  }),
];
