import { parallel, task, ThreadPool } from '../../../src/parallel.ts';
import { outOfRange, wrongType, wrongValue } from '../BadValue.ts';
import { count, duration, oneOf, optionalFn, fn, stageName, type Kind } from '../kinds.ts';
import { oddFunctions, oddValues, unreadable } from '../oddValues.ts';
import { row, type Row } from '../Row.ts';
import { untouchedFn } from '../untouched.ts';
import { concurrency, onError } from './stageOptions.ts';

const declared = task(import.meta.url, 'declared', untouchedFn);
/** Never used, and so never started. */
const pool = new ThreadPool({ threads: 1 });
const { good, bad } = count(1, { max: 256 });

/** How many threads, where that may be left open. */
const size: Kind = { good: [...good, 'auto'], bad: bad.filter(({ value }) => value !== 'auto') };

const limits: Kind = {
  good: [{}, { maxOldGenerationSizeMb: 64 }, { stackSizeMb: 4, codeRangeSizeMb: 16, maxYoungGenerationSizeMb: 0.5 }],
  bad: wrongType(
    null,
    0,
    64,
    '',
    '64',
    true,
    [],
    [64],
    () => {},
    Symbol('limits'),
    new Map(),
    ...unreadable,
    ...oddFunctions,
    { maxHeap: 64 },
    { maxOldGenerationSizeMb: '64' },
    { maxOldGenerationSizeMb: NaN },
    { maxOldGenerationSizeMb: 0 },
    { stackSizeMb: -1 },
    { stackSizeMb: Infinity },
    { stackSizeMb: null },
  ),
};

const env: Kind = {
  good: [{}, { TZ: 'UTC' }, Object.assign(Object.create(null), { A: '' })],
  bad: wrongType(
    null,
    0,
    true,
    [],
    ['A=1'],
    () => {},
    Symbol('env'),
    { A: 1 },
    { A: undefined },
    { A: null },
    { A: {} },
    ...unreadable,
  ),
};

const positiveDuration: Kind = {
  good: duration.good.filter((ms) => ms !== 0),
  bad: [...duration.bad, ...outOfRange(0, -0)],
};

const threadOptions = {
  resourceLimits: limits,
  maxMemory: count(1, { infinite: true }),
  maxTasksPerThread: count(1, { infinite: true }),
  env,
  startTimeout: positiveDuration,
};

const transfer: Kind = {
  good: [true, false, 'auto'],
  bad: [...wrongValue('', 'all', 'Auto', 'true'), ...wrongType(...oddValues, 0, 1, NaN, () => true)],
};

const noEnv = {};

/** `'auto'` is none of those that go with a key, which `onMove` needs: see the clashes. */
const inline: Kind = {
  good: [false],
  bad: [...wrongValue('', 'always', 'Auto'), ...wrongType(...oddValues, true, 0, 1, NaN, () => false)],
};

const moduleUrl: Kind = {
  good: ['file:///a.ts', 'file:///a%20b.js?v=2#x', import.meta.url],
  bad: [
    ...wrongValue('', './a.ts', '/a.ts', 'data:text/javascript,0', 'https://example.org/a.js', 'node:fs', ' file:///a'),
    ...wrongType(...oddValues, undefined, 0, 1, true, () => 'file:///a', new URL('file:///a.ts')),
  ],
};

const taskName: Kind = {
  good: ['a', 'x'.repeat(200), 'with spaces', '__proto__', 'constructor'],
  bad: [
    ...wrongValue('', 'a\nb', '\0', '\u001B[31m', '\u202Ename', 'a\u2028b', 'x'.repeat(201)),
    ...wrongType(...oddValues, undefined, 0, 1, true, () => 'name'),
  ],
};

export const parallelRows: readonly Row[] = [
  row('task', task, {
    good: () => [import.meta.url, 'good', untouchedFn],
    args: [
      { name: 'moduleUrl', ...moduleUrl },
      { name: 'name', ...taskName },
      { name: 'fn', ...fn },
    ],
  }),
  row('parallel', parallel, {
    good: () => [declared, { key: untouchedFn }],
    args: [
      {
        name: 'task',
        // Of another copy of the package, too.
        good: [declared, { ...declared }],
        bad: wrongType(
          undefined,
          null,
          0,
          true,
          '',
          'declared',
          untouchedFn,
          [declared],
          {},
          { ...declared, fn: 1 },
          { ...declared, url: 1 },
          { ...declared, name: undefined },
          Symbol('task'),
          ...unreadable,
        ),
      },
    ],
    options: {
      name: stageName,
      concurrency,
      capacity: count(0, { infinite: true }),
      order: oneOf('completion', 'input'),
      onError: onError('stop', 'skip', 'emit'),
      overflowLimit: count(0, { infinite: true }),
      threads: { good: [...size.good, pool], bad: size.bad },
      timeout: positiveDuration,
      retries: count(0),
      transfer,
      inline,
      key: optionalFn,
      onMove: optionalFn,
      maxBatch: count(1, { max: 65_536 }),
      maxBatchBytes: count(1, { infinite: true }),
      maxItemBytes: count(1, { infinite: true }),
      grace: duration,
      ...threadOptions,
    },
    clashes: [
      { options: { key: untouchedFn, inline: 'auto' }, option: 'inline', ...wrongValue('auto')[0]! },
      { options: { onMove: untouchedFn }, option: 'key', ...wrongType(undefined)[0]! },
      { options: { threads: pool, env: noEnv }, option: 'env', ...wrongType(noEnv)[0]! },
      { options: { threads: pool, maxMemory: 5 }, option: 'maxMemory', ...wrongType(5)[0]! },
    ],
  }),
  row('ThreadPool', ThreadPool, {
    call: (...args) => new ThreadPool(...(args as ConstructorParameters<typeof ThreadPool>)),
    good: () => [{}],
    args: [],
    options: { threads: size, idleTimeout: duration, ...threadOptions },
    end: (result) => (result as ThreadPool).close(),
  }),
  row('resize', ThreadPool.prototype.resize, {
    call: (...args) => pool.resize(...(args as Parameters<ThreadPool['resize']>)),
    good: () => [2],
    args: [{ name: 'threads', ...size }],
  }),
];
