import { EventEmitter } from 'node:events';
import { PassThrough, Writable } from 'node:stream';
import { EMPTY, of } from 'rxjs';
import {
  abortable,
  channel,
  chunks,
  fanIn,
  fromEventEmitter,
  fromIterable,
  fromReadable,
  lines,
  quitSignal,
  unfold,
} from '../../../src/index.ts';
import { fromParquet, parquetInfo } from '../../../src/parquet.ts';
import { outOfRange, wrongType, wrongValue } from '../BadValue.ts';
import { count, flag, fn, oneOf, optionalFn, path, stageName, type Kind } from '../kinds.ts';
import { builtIns, HUGE, oddFunctions, oddNonArrays, oddValues, unreadable } from '../oddValues.ts';
import { row, type Row } from '../Row.ts';
import { untouched$, untouchedFn, untouchedIterable } from '../untouched.ts';

/** Of the odd values these are iterable, for all that. */
const iterables = new Set<unknown>(builtIns.filter((it) => Symbol.iterator in it));

const iterable: Kind = {
  good: [untouchedIterable, new Map(), new Uint8Array(1), [], new PassThrough(), untouchedFn, ...fn.good],
  bad: [
    ...wrongType(...oddNonArrays.filter((value) => !iterables.has(value)), undefined, 0, 5, true, '', 'text', HUGE),
    ...wrongType(of(1), { [Symbol.iterator]: 1 }, { next: () => ({ done: true }) }, { length: 1, 0: 'a' }),
  ],
};

/** Streams that cannot be read any more. */
const spent = (): unknown[] => {
  const locked = new ReadableStream();
  locked.getReader();
  const destroyed = new PassThrough().destroy();
  const failed = new PassThrough();
  failed.on('error', () => {}).destroy(new Error('failed before'));
  return [locked, destroyed, failed];
};

const notStreams = [...oddValues, undefined, 0, 5, true, EMPTY, new WritableStream(), new Writable(), { on: () => {} }];

const stream: Kind = {
  good: [new PassThrough(), new ReadableStream(), untouchedFn, ...fn.good],
  bad: [...wrongType(...notStreams, '', 'text', HUGE), ...wrongValue(...spent())],
};

const column: Kind = {
  good: [['a'], ['__proto__', 'constructor', 'a\nb']],
  bad: [
    ...wrongValue([]),
    ...wrongType(...oddNonArrays),
    ...wrongType([2], [null], new Array(1), new Array(2 ** 32 - 1), ['a', 1], 0, true, '', 'a', HUGE, untouchedFn),
  ],
};

const notEvents = [...oddValues.filter((value) => typeof value !== 'symbol'), 0, true, () => 'data'];

/** The names of one event or of several. */
const events: Kind = {
  good: ['end', Symbol('end'), ['end', 'close'], []],
  bad: [
    ...wrongType(...oddNonArrays.filter((value) => typeof value !== 'symbol'), 0, true, () => 'data', [2], [null]),
    ...wrongType(new Array(1), ['end', 2], new Array(2 ** 32 - 1)),
    ...wrongValue('data', ['end', 'data']),
  ],
};

const policies = oneOf('dropOldest', 'dropNewest', 'fail');

export const sourceRows: readonly Row[] = [
  row('fromIterable', fromIterable, {
    good: () => [untouchedIterable],
    args: [{ name: 'source', ...iterable }],
  }),
  row('abortable', abortable, { good: () => [untouchedFn], args: [{ name: 'fn', ...fn }] }),
  row('unfold', unfold, {
    good: () => [0, untouchedFn],
    args: [
      { name: 'seed', good: [undefined, null, untouchedFn], bad: [] },
      { name: 'next', ...fn },
    ],
  }),
  row('channel', channel, {
    good: () => [{ capacity: 1 }],
    args: [],
    needsOptions: true,
    options: {
      capacity: {
        ...count(0, { infinite: true }),
        bad: [...count(0, { infinite: true }).bad, ...wrongType(undefined)],
      },
      name: stageName,
    },
  }),
  row('fanIn', fanIn, {
    good: () => [[untouchedIterable, untouched$], {}],
    args: [
      {
        name: 'sources[0]',
        good: [[untouched$, untouched$], [], [untouchedIterable]],
        bad: wrongType(
          null,
          undefined,
          0,
          5,
          true,
          2n,
          Symbol('source'),
          {},
          () => {},
          Object.create(null),
          ...oddFunctions,
        ),
      },
    ],
    isVariadic: true,
    options: {
      priority: {
        good: [
          [1, 1],
          [3, 2 ** 53 - 1],
        ],
        bad: [
          ...wrongType(
            ...oddNonArrays.filter((value) => !unreadable.includes(value)),
            0,
            5,
            true,
            '',
            '11',
            HUGE,
            untouchedFn,
          ),
          ...wrongValue([], [1], [1, 2, 3], new Array(2 ** 32 - 1)),
        ],
      },
      name: stageName,
      overflowLimit: count(0, { infinite: true }),
    },
    clashes: [
      ...[0, -1, 1.5, NaN, Infinity, -0].map((weight) => ({
        options: { priority: [1, weight] },
        option: 'priority[1]',
        ...outOfRange(weight)[0]!,
      })),
      ...['1', null, 1n, [1]].map((weight) => ({
        options: { priority: [1, weight] },
        option: 'priority[1]',
        ...wrongType(weight)[0]!,
      })),
      { args: [[untouched$, null]], options: {}, option: 'sources[1]', ...wrongType(null)[0]! },
      { args: [new Array(1)], options: {}, option: 'sources[0]', ...wrongType(undefined)[0]! },
      { args: [['text']], options: {}, option: 'sources[0]', ...wrongValue('text')[0]! },
    ],
  }),
  row('fromEventEmitter', fromEventEmitter, {
    good: () => [new EventEmitter(), 'data', { overflow: 'dropOldest', capacity: 2 }],
    args: [
      {
        name: 'emitter',
        good: [new EventEmitter(), new EventTarget(), new PassThrough(), new AbortController().signal],
        bad: wrongType(
          ...oddValues,
          undefined,
          0,
          '',
          'text',
          true,
          untouchedFn,
          { on: 1, off: 2 },
          { on: untouchedFn },
        ),
      },
      {
        name: 'event',
        good: ['', 'end', Symbol('end'), '__proto__'],
        bad: wrongType(...notEvents, undefined, ['data']),
      },
    ],
    needsOptions: 'overflow',
    options: {
      overflow: {
        good: [...policies.good, { merge: untouchedFn }],
        bad: [...policies.bad, ...wrongType(undefined, { merge: 1 }, {}), ...wrongValue('wait')],
      },
      capacity: {
        ...count(1, { infinite: true }),
        bad: [...count(1, { infinite: true }).bad, ...wrongType(undefined)],
      },
      onDrop: optionalFn,
      until: events,
      failOn: events,
      name: stageName,
    },
    clashes: [{ options: { overflow: 'latest', capacity: 2 }, option: 'capacity', ...outOfRange(2)[0]! }],
  }),
  row('quitSignal', quitSignal, {
    good: () => ['SIGINT'],
    args: [
      {
        name: 'signals[0]',
        good: ['SIGINT', 'SIGTERM', 'SIGUSR2'],
        bad: [
          ...wrongType(...oddValues, undefined, 2, true, untouchedFn),
          ...wrongValue('', 'sigint', 'SIGKILL', 'SIGSTOP', 'SIGNONE', '__proto__', 'constructor', HUGE),
        ],
      },
    ],
  }),
  row('fromReadable', fromReadable, {
    good: () => [new PassThrough()],
    args: [{ name: 'source', ...stream }],
  }),
  row('chunks', chunks, {
    good: () => ['no such file', {}],
    args: [{ name: 'file', ...path }],
    options: { size: count(1, { max: 2 ** 30 }), gzip: flag, name: stageName },
  }),
  row('lines', lines, {
    good: () => ['no such file', {}],
    args: [
      {
        name: 'source',
        good: [...path.good, ...stream.good],
        bad: [
          ...path.bad.filter(({ value }) => typeof value !== 'function' || oddFunctions.includes(value)),
          ...wrongType(...notStreams),
          ...wrongValue(...spent()),
        ],
      },
    ],
    clashes: [
      { args: [new PassThrough()], options: { gzip: true }, option: 'gzip', ...wrongType(true)[0]! },
      { args: [untouchedFn], options: { gzip: true }, option: 'gzip', ...wrongType(true)[0]! },
    ],
    options: {
      maxLength: count(1, { infinite: true }),
      onError: oneOf('stop', 'skip'),
      encoding: oneOf('utf8', 'latin1'),
      gzip: flag,
      name: stageName,
    },
  }),
  row('fromParquet', fromParquet, {
    good: () => ['no such file', {}],
    args: [{ name: 'file', ...path }],
    options: {
      columns: column,
      rowGroups: {
        good: [[], [0, 3]],
        bad: [
          ...wrongType(...oddNonArrays, 0, true, '', 'a', HUGE, untouchedFn, ['a'], [null], new Array(1), [0, 1n]),
          ...wrongValue([-1], [1.5], [NaN], [2 ** 53], [0, Infinity]),
        ],
      },
      int64: oneOf('bigint', 'number'),
      parsers: {
        good: [{}, { dateFromDays: untouchedFn }, { dateFromDays: undefined }, Object.create(null)],
        bad: [
          ...wrongType(...builtIns, ...unreadable, ...oddFunctions, null, 5, [], untouchedFn),
          ...wrongType({ dateFromDays: 1 }, { dateFromDay: untouchedFn }, JSON.parse('{"__proto__":{}}')),
          ...wrongValue('text'),
        ],
      },
    },
  }),
  row('parquetInfo', parquetInfo, {
    good: () => ['no such file'],
    args: [{ name: 'file', ...path }],
    // What it gives rejects: there is no such file.
    end: (result) => (result as Promise<unknown>).catch(() => {}),
  }),
];
