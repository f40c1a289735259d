import { of } from 'rxjs';
import { broadcast } from '../../../src/operators/broadcast.ts';
import { conflate } from '../../../src/operators/conflate.ts';
import { deadline } from '../../../src/operators/deadline.ts';
import { dedupe } from '../../../src/operators/dedupe.ts';
import { delay } from '../../../src/operators/delay.ts';
import { idleTimeout } from '../../../src/operators/idleTimeout.ts';
import { latestMap } from '../../../src/operators/latestMap.ts';
import { rateLimit } from '../../../src/operators/rateLimit.ts';
import { shed } from '../../../src/operators/shed.ts';
import { zip } from '../../../src/sources/zip.ts';
import { outOfRange, wrongType, wrongValue } from '../BadValue.ts';
import { count, duration, fn, oneOf, optionalFn, positive, stageName, type Kind } from '../kinds.ts';
import { oddFunctions } from '../oddValues.ts';
import { row, type Row } from '../Row.ts';
import { untouched$, untouchedFn, untouchedIterable } from '../untouched.ts';
import { onError } from './stageOptions.ts';

/** The same where it must be given. */
const needed = (kind: Kind): Kind => ({ ...kind, bad: [...kind.bad, ...wrongType(undefined)] });

const many = count(0, { infinite: true });
const ms = { name: 'ms', ...needed(duration) };

export const shapingRows: readonly Row[] = [
  row('rateLimit', rateLimit, {
    good: () => [{ limit: 1, per: 1 }],
    args: [],
    needsOptions: true,
    options: {
      limit: needed(count(1)),
      per: needed(positive),
      burst: count(0),
      key: optionalFn,
      maxKeys: count(1),
      mode: oneOf('shape', 'reject', 'drop'),
      capacity: count(1, { infinite: true }),
      onDrop: optionalFn,
      name: stageName,
      overflowLimit: many,
    },
  }),
  row('shed', shed, {
    good: () => [{ when: { maxDepth: 5 } }],
    args: [],
    needsOptions: true,
    options: {
      when: {
        good: [{ maxAge: 0 }, { maxLoopDelay: 5 }, { maxAge: 1, maxDepth: Infinity, maxLoopDelay: 2 ** 31 - 1 }],
        bad: wrongType(undefined, null, 5, '', true, [], {}, { maxAge: undefined }, untouchedFn, ...oddFunctions),
      },
      drop: oneOf('newest', 'oldest'),
      onDrop: optionalFn,
      name: stageName,
    },
    clashes: [
      ...duration.bad
        .filter(({ value }) => value !== undefined && typeof value !== 'object' && typeof value !== 'function')
        .flatMap((bad) =>
          (['maxAge', 'maxLoopDelay'] as const).map((limit) => ({
            ...bad,
            options: { when: { [limit]: bad.value } },
            option: `when.${limit}`,
          })),
        ),
      ...outOfRange(0, -1, NaN, 1.5).map((bad) => ({
        ...bad,
        options: { when: { maxDepth: bad.value } },
        option: 'when.maxDepth',
      })),
      { options: { when: { depth: 1 } }, option: 'options', ...wrongValue('depth')[0]! },
    ],
  }),
  row('conflate', conflate, {
    good: () => [{ merge: untouchedFn }],
    args: [],
    needsOptions: true,
    options: {
      merge: fn,
      // With `merge` they are left out: what is right about them stands below.
      seed: { ...optionalFn, good: [] },
      aggregate: { ...optionalFn, good: [] },
      name: stageName,
    },
    clashes: [
      { options: { seed: untouchedFn }, option: 'aggregate', ...wrongType(undefined)[0]! },
      { options: { aggregate: untouchedFn }, option: 'seed', ...wrongType(undefined)[0]! },
      { options: { merge: untouchedFn, seed: untouchedFn }, option: 'seed', ...wrongType(untouchedFn)[0]! },
      { options: { merge: untouchedFn, aggregate: untouchedFn }, option: 'aggregate', ...wrongType(untouchedFn)[0]! },
    ],
  }),
  row('latestMap', latestMap, {
    good: () => [untouchedFn, {}],
    args: [{ name: 'fn', ...fn }],
    options: { onError: onError('stop', 'skip', 'emit'), onDrop: optionalFn, name: stageName },
  }),
  row('dedupe', dedupe, {
    good: () => [{ max: 9 }],
    args: [],
    needsOptions: true,
    options: {
      key: optionalFn,
      max: needed(count(1, { max: 2 ** 23 })),
      ttl: duration,
      onDrop: optionalFn,
      name: stageName,
      overflowLimit: many,
    },
  }),
  row('idleTimeout', idleTimeout, {
    good: () => [1, {}],
    args: [ms],
    options: { onIdle: oneOf('fail', 'complete'), name: stageName, overflowLimit: many },
  }),
  row('deadline', deadline, { good: () => [1, {}], args: [ms], options: { name: stageName } }),
  row('delay', delay, {
    good: () => [1, {}],
    args: [ms],
    options: { capacity: count(1, { infinite: true }), name: stageName, overflowLimit: many },
  }),
  row('broadcast', broadcast, {
    good: () => [{}],
    args: [],
    options: { capacity: count(1), subscribers: count(1), name: stageName, overflowLimit: many },
  }),
  row('zip', zip, {
    good: () => [[untouchedIterable, untouched$], {}],
    args: [
      {
        name: 'sources[0]',
        good: [[untouched$, untouched$], [], [untouchedIterable]],
        bad: wrongType(null, undefined, 0, 5, true, 2n, Symbol('source'), {}, () => {}, Object.create(null)).concat(
          wrongType(...oddFunctions),
        ),
      },
    ],
    isVariadic: true,
    options: { capacity: count(1), name: stageName, overflowLimit: many },
    clashes: [
      { args: [['text', of(1)]], options: {}, option: 'sources[0]', ...wrongValue('text')[0]! },
      { args: [[of(1), 5]], options: {}, option: 'sources[1]', ...wrongType(5)[0]! },
    ],
  }),
];
