import { fanOut } from '../../../src/operators/fanOut.ts';
import { keyed } from '../../../src/operators/keyed.ts';
import { Limit } from '../../../src/core/limit.ts';
import { adaptive } from '../../../src/sync/limits/adaptive.ts';
import { fixedLimit } from '../../../src/sync/limits/fixedLimit.ts';
import { outOfRange, wrongType, wrongValue } from '../BadValue.ts';
import { count, fn, oneOf, optionalFn, positive, stageName, type Kind } from '../kinds.ts';
import { oddValues } from '../oddValues.ts';
import { row, type Row } from '../Row.ts';
import { untouchedFn } from '../untouched.ts';
import { concurrency, onError } from './stageOptions.ts';

const infinite = count(0, { infinite: true });

class Own extends Limit {
  override ended(): void {}
}

const limits: Kind = {
  good: [...concurrency.good, adaptive(), new Own(0)],
  bad: [...concurrency.bad, ...wrongType({ current: 2, ended: untouchedFn }, { ended: untouchedFn }, Own, adaptive)],
};

const share: Kind = {
  good: [Number.MIN_VALUE, 0.5, 1 - Number.EPSILON],
  bad: [...outOfRange(0, -0, 1, 2, 90, -0.5, NaN, Infinity, -Infinity), ...wrongType(...oddValues, '0.5', '', true)],
};

const routes = oneOf('free', 'roundRobin', 'broadcast');
const failing = Object.defineProperty({}, 'key', {
  get: () => {
    throw new Error('getter');
  },
});
const route: Kind = {
  good: [...routes.good, { key: untouchedFn }],
  bad: [...routes.bad, ...wrongType({ key: 'id' }, { key: null }, {}, failing, { KEY: untouchedFn }, untouchedFn)],
};

const policies = oneOf('wait', 'dropOldest', 'dropNewest', 'latest', 'fail');
const overflow: Kind = {
  good: [...policies.good, { merge: untouchedFn }, ['wait', 'latest'], ['dropOldest', { merge: untouchedFn }]],
  bad: [
    ...policies.bad,
    ...wrongType(
      { merge: 1 },
      { merge: null },
      { spill: '/' },
      ['wait'],
      ['wait', 'wait', 'wait'],
      ['wait', undefined],
    ),
    ...wrongType(new Array(2), [untouchedFn, 'wait']),
  ],
};

export const limitsRows: readonly Row[] = [
  row('fixedLimit', fixedLimit, {
    good: () => [2],
    args: [{ name: 'concurrency', ...count(1, { infinite: true }) }],
  }),
  row('adaptive', adaptive, {
    good: () => [{}],
    args: [],
    options: {
      algorithm: oneOf('aimd', 'vegas'),
      min: { ...count(1), good: [1, 2, 10] },
      max: { ...count(1), good: [10, 11, 2 ** 53 - 1, 1] },
      initial: { ...count(1), good: [1, 10, 200] },
      slowAfter: positive,
      backoff: share,
      isOverload: optionalFn,
    },
    clashes: [
      { options: { min: 5, max: 4 }, option: 'max', ...outOfRange(4)[0]! },
      { options: { min: 5, initial: 4 }, option: 'initial', ...outOfRange(4)[0]! },
      { options: { max: 5, initial: 6 }, option: 'initial', ...outOfRange(6)[0]! },
      { options: { initial: 201 }, option: 'initial', ...outOfRange(201)[0]! },
    ],
  }),
  row('Limit', Limit, {
    call: (initial) => new (class extends Own {})(initial as number),
    good: () => [2],
    args: [{ name: 'initial', ...infinite }],
  }),
  row('keyed', keyed, {
    good: () => [untouchedFn, untouchedFn, { maxWaitingPerKey: 2 }],
    args: [
      { name: 'key', ...fn },
      { name: 'fn', ...fn },
    ],
    options: {
      name: stageName,
      concurrency: limits,
      capacity: infinite,
      order: oneOf('completion', 'input'),
      onError: onError('stop', 'skip', 'emit'),
      overflowLimit: infinite,
      perKey: count(1, { infinite: true }),
      maxWaitingPerKey: infinite,
      overflow: oneOf('wait', 'dropNewest', 'dropOldest', 'fail'),
      onDrop: optionalFn,
    },
    clashes: [{ options: { overflow: 'dropOldest' }, option: 'maxWaitingPerKey', ...wrongType(undefined)[0]! }],
  }),
  row('fanOut', fanOut, {
    good: () => [2, untouchedFn, { route: 'broadcast', capacity: 1 }],
    args: [
      { name: 'lanes', ...count(1), good: [1, 2, 1000] },
      { name: 'lane', ...fn },
    ],
    options: {
      route,
      capacity: count(1, { infinite: true }),
      overflow,
      onDrop: optionalFn,
      name: stageName,
      overflowLimit: infinite,
    },
    clashes: [
      { options: { overflow: 'latest' }, option: 'route', ...wrongType(undefined)[0]! },
      { options: { overflow: 'latest', route: 'free' }, option: 'route', ...wrongValue('free')[0]! },
      { options: { overflow: 'dropOldest', route: 'broadcast' }, option: 'capacity', ...wrongType(undefined)[0]! },
    ],
  }),
];
