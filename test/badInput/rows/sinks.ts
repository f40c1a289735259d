import { encodeCsv } from '../../../src/csv.ts';
import { PassThrough, Readable } from 'node:stream';
import { encodeNdjson, forEach, toFile, toIterable, toReadable, toWeb, toWritable } from '../../../src/index.ts';
import { outOfRange, wrongType, wrongValue } from '../BadValue.ts';
import { count, flag, fn, observable, oneOf, optionalFn, options, path, stageName, type Kind } from '../kinds.ts';
import { HUGE, oddNonArrays, oddValues } from '../oddValues.ts';
import { row, type Row } from '../Row.ts';
import { untouched$, untouchedFn } from '../untouched.ts';
import { concurrency, onError } from './stageOptions.ts';

const columns: Kind = {
  good: [['a'], ['__proto__', 'constructor'], { a: 'A', b: '' }, JSON.parse('{"__proto__":"title"}')],
  bad: [
    ...wrongType(...oddNonArrays, undefined, [], [2], new Array(1)),
    ...wrongType(new Array(2 ** 32 - 1), { a: 1 }, { a: { toString: () => 'A' } }, 0, true, untouchedFn),
    ...wrongValue('', 'a', HUGE),
  ],
};

const delimiter: Kind = {
  good: [',', ';', '\t', '|'],
  bad: [...wrongValue('', '::', '"', '\n', '\r', HUGE), ...wrongType(...oddValues, 0, true, untouchedFn)],
};

const size = wrongType(undefined)[0]!;

const strategy: Kind = {
  good: [
    { highWaterMark: 0 },
    { highWaterMark: Infinity, size: () => 1 },
    new CountQueuingStrategy({ highWaterMark: 3 }),
  ],
  bad: [...wrongType({}, [], null, 0, 5, true, 2n, Symbol('strategy'), untouchedFn), ...wrongValue('', 'text', HUGE)],
};

/** Streams that cannot be written to any more. */
const spent = (): unknown[] => {
  const locked = new WritableStream();
  locked.getWriter();
  const failed = new PassThrough();
  failed.on('error', () => {}).destroy(new Error('failed before'));
  return [locked, new PassThrough().end(), new PassThrough().destroy(), failed];
};

export const sinkRows: readonly Row[] = [
  row('encodeNdjson', encodeNdjson, { good: () => [{}], args: [], options: { replacer: optionalFn } }),
  row('encodeCsv', encodeCsv, {
    good: () => [{ columns: ['a'] }],
    args: [],
    needsOptions: true,
    options: { columns, header: flag, delimiter, guard: flag },
  }),
  row('forEach', forEach, {
    good: () => [untouchedFn, {}],
    args: [{ name: 'fn', ...fn }],
    options: {
      name: stageName,
      concurrency,
      capacity: count(0, { infinite: true }),
      onError: onError('stop', 'skip'),
      overflowLimit: count(0, { infinite: true }),
      batch: {
        good: [{ size: 1 }, { size: 2, wait: 5 }],
        bad: options.bad.map((bad) => (typeof bad.value === 'string' ? wrongValue(bad.value)[0]! : bad)),
      },
    },
    clashes: [
      { options: { batch: {} }, option: 'size', ...size },
      { options: { batch: { size: 1, weight: 5 } }, option: 'weigh', ...size },
      { options: { onError: 'emit' }, option: 'onError', ...wrongValue('emit')[0]! },
      { options: { order: 'input' }, option: 'options', ...wrongValue('order')[0]! },
    ],
  }),
  row('toFile', toFile, {
    good: () => ['no such file', {}],
    args: [
      {
        name: 'path',
        good: path.good,
        bad: [...path.bad, ...wrongValue('folder/', new URL('file:///a/'))],
      },
    ],
    options: {
      overwrite: flag,
      sync: flag,
      gzip: flag,
      mode: count(0, { max: 0o777 }),
      capacity: count(1),
      name: stageName,
      overflowLimit: count(0, { infinite: true }),
    },
  }),
  row('toIterable', toIterable, {
    good: () => [untouched$, {}],
    args: [{ name: 'source', ...observable }],
    options: { capacity: count(0, { infinite: true }), name: stageName, overflowLimit: count(0, { infinite: true }) },
  }),
  row('toReadable', toReadable, {
    good: () => [untouched$, {}],
    args: [{ name: 'source', ...observable }],
    options: {
      objectMode: flag,
      highWaterMark: count(0),
      name: stageName,
      overflowLimit: count(0, { infinite: true }),
    },
    handedOn: ['highWaterMark', 'objectMode'],
    end: (stream) => (stream as Readable).destroy(),
  }),
  row('toWeb', toWeb, {
    good: () => [untouched$, {}],
    args: [{ name: 'source', ...observable }],
    options: { strategy, name: stageName, overflowLimit: count(0, { infinite: true }) },
    clashes: [
      ...[-1, NaN, -Infinity].map((highWaterMark) => ({
        options: { strategy: { highWaterMark } },
        option: 'strategy.highWaterMark',
        ...outOfRange(highWaterMark)[0]!,
      })),
      ...['1', null, 2n, {}].map((highWaterMark) => ({
        options: { strategy: { highWaterMark } },
        option: 'strategy.highWaterMark',
        ...wrongType(highWaterMark)[0]!,
      })),
      { options: { strategy: { size: 1 } }, option: 'strategy.size', ...wrongType(1)[0]! },
    ],
  }),
  row('toWritable', toWritable, {
    good: () => [new PassThrough(), {}],
    args: [
      {
        name: 'destination',
        good: [new PassThrough(), new WritableStream(), process.stdout, untouchedFn],
        bad: [
          ...wrongType(...oddValues, undefined, 0, '', 'text', true, new ReadableStream(), new Readable()),
          ...wrongValue(...spent()),
        ],
      },
    ],
    options: {
      end: flag,
      readerGone: oneOf('fail', 'complete'),
      capacity: count(0, { infinite: true }),
      name: stageName,
      overflowLimit: count(0, { infinite: true }),
    },
  }),
];
