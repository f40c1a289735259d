import { batch, buffered, okOnly, splitResults, workerPool } from '../../../src/index.ts';
import { outOfRange, wrongType } from '../BadValue.ts';
import { count, duration, fn, oneOf, optionalFn, positive, stageName, type Kind } from '../kinds.ts';
import { row, type Row } from '../Row.ts';
import { untouchedFn } from '../untouched.ts';
import { concurrency, onError } from './stageOptions.ts';

const policies = oneOf('wait', 'dropOldest', 'dropNewest', 'fail');
const overflow: Kind = {
  good: [...policies.good, { merge: untouchedFn }],
  bad: [...policies.bad, ...wrongType({ merge: 1 }, { merge: null }, { spill: '/' }, [untouchedFn])],
};

export const operatorRows: readonly Row[] = [
  row('batch', batch, {
    good: () => [{ size: 2, weigh: untouchedFn, weight: 5 }],
    args: [],
    needsOptions: true,
    options: {
      size: { ...count(1), bad: [...count(1).bad, ...wrongType(undefined)] },
      wait: duration,
      weigh: optionalFn,
      weight: positive,
      name: stageName,
    },
    clashes: [
      { options: { size: 2, weight: 5 }, option: 'weigh', ...wrongType(undefined)[0]! },
      { options: { size: 2, weigh: untouchedFn }, option: 'weight', ...wrongType(undefined)[0]! },
    ],
  }),
  row('buffered', buffered, {
    good: () => [{ capacity: 2 }],
    args: [],
    needsOptions: true,
    options: {
      capacity: {
        ...count(1, { infinite: true }),
        bad: [...count(1, { infinite: true }).bad, ...wrongType(undefined)],
      },
      overflow,
      onDrop: optionalFn,
      name: stageName,
      overflowLimit: count(0, { infinite: true }),
    },
    clashes: [{ options: { overflow: 'latest', capacity: 2 }, option: 'capacity', ...outOfRange(2)[0]! }],
  }),
  row('okOnly', okOnly, { good: () => [], args: [] }),
  row('splitResults', splitResults, {
    good: () => [untouchedFn, untouchedFn],
    args: [
      { name: 'values', ...fn },
      { name: 'failures', ...fn },
    ],
  }),
  row('workerPool', workerPool, {
    good: () => [untouchedFn, {}],
    args: [{ name: 'fn', ...fn }],
    options: {
      name: stageName,
      concurrency,
      capacity: count(0, { infinite: true }),
      order: oneOf('completion', 'input'),
      onError: onError('stop', 'skip', 'emit'),
      overflowLimit: count(0, { infinite: true }),
    },
  }),
];
