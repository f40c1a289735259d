import { of, type ObservableInput } from 'rxjs';
import { allOf } from '../../../src/operators/allOf.ts';
import { bestEffort } from '../../../src/operators/bestEffort.ts';
import { circuitBreaker } from '../../../src/operators/circuitBreaker.ts';
import { hedge } from '../../../src/operators/hedge.ts';
import { quorum } from '../../../src/operators/quorum.ts';
import { backoff } from '../../../src/sync/backoff.ts';
import { Budget } from '../../../src/sync/Budget.ts';
import { CircuitBreaker } from '../../../src/sync/CircuitBreaker.ts';
import { outOfRange, wrongType, wrongValue, type BadValue } from '../BadValue.ts';
import { count, duration, oneOf, optionalFn, positive, stageName, type Kind } from '../kinds.ts';
import { HUGE, oddFunctions, oddNonArrays, oddValues } from '../oddValues.ts';
import { row, type Row } from '../Row.ts';
import { untouched$, untouchedFn } from '../untouched.ts';

const notNumbers = positive.bad.filter(({ code }) => code === 'ERR_INVALID_ARG_TYPE');

/** A share of something. */
const ratio: Kind = {
  good: [Number.MIN_VALUE, 0.5, 1],
  bad: [...outOfRange(0, -0, -0.1, 1.1, 60, NaN, Infinity, -Infinity), ...notNumbers],
};

const factor: Kind = {
  good: [1, 1.5, Number.MAX_VALUE],
  bad: [...outOfRange(0, -0, 0.99, -2, NaN, Infinity, -Infinity), ...notNumbers],
};

const rate: Kind = {
  good: [0, -0, 0.5, 1e9],
  bad: [...outOfRange(-1, NaN, Infinity, -Infinity), ...notNumbers],
};

const budget: Kind = { good: [new Budget()], bad: wrongType(...oddValues, 0, 5, '', 'text', true, () => {}, Budget) };

const openFor: Kind = {
  good: [...duration.good, backoff({ jitter: 'none' }), { delayOf: untouchedFn }],
  bad: [
    ...duration.bad.filter(({ code }) => code === 'ERR_OUT_OF_RANGE'),
    ...wrongType(...oddValues, '', '5s', true, () => 5, HUGE, { delayOf: 5 }),
  ],
};

const window: Kind = {
  good: [{ calls: 1 }, { calls: 1_000_000 }, { ms: 10 }, { ms: 2 ** 31 - 1 }],
  bad: wrongType(
    ...oddValues,
    0,
    5,
    '',
    'calls',
    true,
    untouchedFn,
    HUGE,
    { calls: 5, ms: 10 },
    { seconds: 5 },
    JSON.parse('{"__proto__":{"calls":5}}'),
  ),
};

const closed = { state: 'closed', openings: 0, remaining: 0, successes: 0, failuresInARow: 0, outcomes: '' };
const state: Kind = {
  good: [closed, { ...closed, state: 'open', remaining: 5, outcomes: '0123' }, new CircuitBreaker().toJSON()],
  bad: wrongType(
    ...oddValues,
    0,
    '',
    'open',
    true,
    untouchedFn,
    { ...closed, state: 'ajar' },
    { ...closed, openings: -1 },
    { ...closed, remaining: NaN },
    { ...closed, successes: '1' },
    { ...closed, failuresInARow: Infinity },
    { ...closed, outcomes: '4' },
    { ...closed, outcomes: HUGE },
    { ...closed, outcomes: [[0, 1, 1]] },
    { ...closed, outcomes: [null] },
    { ...closed, outcomes: undefined },
  ),
};

const breaker: Kind = {
  good: [new CircuitBreaker()],
  bad: wrongType(...oddValues, undefined, 0, '', 'text', true, untouchedFn, CircuitBreaker, { tryBegin: untouchedFn }),
};

const after: Kind = {
  good: [...duration.good, 'p95', { quantile: 0.5 }],
  bad: [
    ...duration.bad.filter(({ code }) => code === 'ERR_OUT_OF_RANGE'),
    ...wrongType(...oddValues, undefined, true, untouchedFn, { quantile: 0.5, more: 1 }, { q: 0.5 }),
    ...wrongValue('', 'p99.9', 'P95', '5s', HUGE),
  ],
};

/** What is no task, wherever it stands in a list. */
const noTasks: readonly BadValue[] = [
  ...wrongType(null, undefined, 0, 5, true, 2n, Symbol('task'), {}, () => {}, Object.create(null), ...oddFunctions),
  ...wrongValue('text', ''),
];

const badTasks = noTasks.map((bad) => ({ ...bad, tasks: [untouched$, bad.value], option: 'tasks[1]' }));

const tasks: Kind = {
  good: [
    [untouched$, untouched$],
    [Promise.resolve(1), [1, 2], new Set([1])],
  ],
  bad: wrongType(...oddNonArrays, undefined, 0, '', 'text', HUGE, true, untouchedFn, new Set([untouched$])),
};

export const resilienceRows: readonly Row[] = [
  row('backoff', backoff, {
    good: () => [{ max: 2 ** 31 - 1 }],
    args: [],
    options: {
      initial: duration,
      max: { good: [100, 2 ** 31 - 1], bad: [...duration.bad, ...outOfRange(99)] },
      factor,
      jitter: oneOf('none', 'full', 'equal', 'decorrelated'),
      random: optionalFn,
      retryAfter: optionalFn,
      maxRetryAfter: duration,
      budget,
    },
    clashes: [{ options: { initial: 500, max: 400 }, option: 'max', ...outOfRange(400)[0]! }],
  }),
  row('Budget', Budget, {
    call: (options) => new Budget(options as object),
    good: () => [{}],
    args: [],
    options: { ratio, burst: count(1), perSecond: rate },
  }),
  row('CircuitBreaker', CircuitBreaker, {
    call: (options) => new CircuitBreaker(options as object),
    good: () => [{ window: { ms: 1000 }, slowCallDuration: 5 }],
    args: [],
    options: {
      name: stageName,
      window,
      minimumCalls: count(1),
      failureRate: ratio,
      consecutiveFailures: count(1),
      slowCallDuration: duration,
      slowCallRate: ratio,
      openFor,
      halfOpenProbes: count(1),
      successesToClose: count(1),
      isFailure: optionalFn,
      isIgnored: optionalFn,
      onStateChange: optionalFn,
      state,
    },
    clashes: [
      { options: { window: { calls: 5 }, minimumCalls: 6 }, option: 'minimumCalls', ...outOfRange(6)[0]! },
      { options: { slowCallRate: 0.5 }, option: 'slowCallDuration', ...wrongType(undefined)[0]! },
      ...[0, -1, 1.5, NaN, 1_000_001, Infinity].map((calls) => ({
        options: { window: { calls } },
        option: 'window.calls',
        ...outOfRange(calls)[0]!,
      })),
      ...[0, 9, NaN, Infinity, 2 ** 31].map((ms) => ({
        options: { window: { ms } },
        option: 'window.ms',
        ...outOfRange(ms)[0]!,
      })),
      ...['5', null, undefined, 5n].flatMap((value) =>
        ['calls', 'ms'].map((key) => ({
          options: { window: { [key]: value } },
          option: `window.${key}`,
          ...wrongType(value)[0]!,
        })),
      ),
    ],
  }),
  row('circuitBreaker', circuitBreaker, {
    good: () => [new CircuitBreaker(), {}],
    args: [{ name: 'breaker', ...breaker }],
    options: { whenOpen: oneOf('fail', 'pause') },
  }),
  row('hedge', hedge, {
    good: () => [{ after: 5 }],
    args: [],
    needsOptions: true,
    options: { after, max: count(1), budget },
    clashes: [
      ...[0, 1, -0.5, 95, NaN, Infinity].map((quantile) => ({
        options: { after: { quantile } },
        option: 'after.quantile',
        ...outOfRange(quantile)[0]!,
      })),
      ...['0.5', null, undefined].map((quantile) => ({
        options: { after: { quantile } },
        option: 'after.quantile',
        ...wrongType(quantile)[0]!,
      })),
    ],
  }),
  row('quorum', quorum, {
    good: () => [1, [untouched$, untouched$]],
    args: [
      { name: 'k', good: [1, 2], bad: [...count(1).bad, ...wrongType(undefined), ...outOfRange(3)] },
      { name: 'tasks', good: tasks.good, bad: [...tasks.bad, ...outOfRange([])] },
    ],
    clashes: badTasks.map(({ tasks: list, ...bad }) => ({ ...bad, args: [1], options: list })),
  }),
  ...(
    [
      ['allOf', allOf],
      ['bestEffort', bestEffort],
    ] as const
  ).map(([name, fn]) =>
    row(name, fn, {
      call: (list, options) => fn(list as ObservableInput<unknown>[], options as object),
      good: () => [[untouched$, of(1)], {}],
      args: [{ name: 'tasks', good: [...tasks.good, []], bad: tasks.bad }],
      options: { concurrency: count(1, { infinite: true }) },
      clashes: [
        ...badTasks.map(({ tasks: list, ...bad }) => ({ ...bad, args: [list], options: {} })),
        { args: [new Array(1)], options: {}, option: 'tasks[0]', ...wrongType(undefined)[0]! },
      ],
    }),
  ),
];
