import { withPermit } from '../../../src/operators/withPermit.ts';
import { ErrGroup } from '../../../src/sync/ErrGroup.ts';
import { getOrCompute } from '../../../src/sync/getOrCompute.ts';
import { once } from '../../../src/sync/once.ts';
import { Semaphore } from '../../../src/sync/Semaphore.ts';
import { amdahl } from '../../../src/sync/sizing/amdahl.ts';
import { littlesLaw } from '../../../src/sync/sizing/littlesLaw.ts';
import { poolSize } from '../../../src/sync/sizing/poolSize.ts';
import { usl } from '../../../src/sync/sizing/usl.ts';
import { outOfRange, wrongType } from '../BadValue.ts';
import { count, duration, flag, fn, oneOf, optionalFn, positive, signal, stageName, type Kind } from '../kinds.ts';
import { HUGE, oddValues } from '../oddValues.ts';
import { row, type Argument, type Row } from '../Row.ts';
import { untouchedFn } from '../untouched.ts';

const notNumbers = wrongType(...oddValues, '', '0.5', '60 %', true, HUGE, () => 0.5);

/** A part of a whole. */
const share: Kind = {
  good: [0, -0, 0.5, 1, Number.MIN_VALUE],
  bad: [...outOfRange(NaN, -0.1, -Number.MIN_VALUE, 1.1, 60, Infinity, -Infinity), ...notNumbers],
};
const utilization: Kind = { good: [0.5, 1, Number.MIN_VALUE], bad: [...share.bad, ...outOfRange(0, -0)] };
const notNegative: Kind = {
  good: [0, -0, 0.5, Number.MAX_VALUE],
  bad: [...outOfRange(NaN, -1, Infinity, -Infinity), ...notNumbers],
};

/** What has to be given. */
const needed = ({ good, bad }: Kind): Kind => ({ good, bad: [...bad, ...wrongType(undefined)] });

/** What goes with none of the good options, and so has to be left out. */
const others: Kind = { good: [], bad: wrongType(0, 1, NaN, '', null, true, {}) };

const weight = { name: 'weight', ...count(1) };
const notSemaphores = wrongType(...oddValues, undefined, 0, 1, '', true, Semaphore, untouchedFn, { wait: untouchedFn });
const semaphore = new Semaphore(2 ** 53 - 1);
const small = new Semaphore(4);

/** Of functions that a group calls at once, and so not those that throw. */
const job: Argument = { name: 'fn', good: [() => {}, async () => {}, function* () {}], bad: fn.bad };
const group = new ErrGroup();

/** A row for each kind of work, all of the same function. */
const poolRows = [
  { kind: 'cpu', options: { cores: 8, utilization: 1 }, takes: { cores: count(1), utilization } },
  { kind: 'io', options: { rate: 5, latency: 5 }, takes: { rate: needed(positive), latency: needed(positive) } },
  {
    kind: 'mixed',
    options: { wait: 5, compute: 5, cores: 8 },
    takes: { wait: needed(positive), compute: needed(positive), cores: count(1), utilization },
  },
  {
    kind: 'memory',
    options: { memory: 5, perItem: 5 },
    takes: {
      memory: needed({ good: [5, Number.MAX_VALUE], bad: positive.bad }),
      perItem: needed({ good: [5, Number.MIN_VALUE], bad: positive.bad }),
    },
  },
].map(({ kind, options, takes }) =>
  row('poolSize', poolSize, {
    good: () => [{ kind, ...options }],
    args: [],
    needsOptions: true,
    options: {
      kind: { good: [kind], bad: [...oneOf('cpu', 'io', 'mixed', 'memory').bad, ...wrongType(undefined)] },
      ...Object.fromEntries(
        ['cores', 'utilization', 'rate', 'latency', 'wait', 'compute', 'memory', 'perItem'].map((it) => [it, others]),
      ),
      ...takes,
    },
    clashes:
      kind === 'memory' ? [{ options: { kind, memory: 5, perItem: 6 }, option: 'perItem', ...outOfRange(6)[0]! }] : [],
  }),
);

export const syncRows: readonly Row[] = [
  row('Semaphore', Semaphore, {
    call: (...args) => new Semaphore(...(args as ConstructorParameters<typeof Semaphore>)),
    good: () => [2],
    args: [{ name: 'size', ...needed(count(1)) }],
  }),
  row('tryAcquire', Semaphore.prototype.tryAcquire, {
    call: (...args) => new Semaphore(2).tryAcquire(...(args as [number])),
    good: () => [1],
    args: [weight],
  }),
  row('release', Semaphore.prototype.release, {
    call: (...args) => {
      const all = new Semaphore(2 ** 53 - 1);
      all.tryAcquire(2 ** 53 - 1);
      all.release(...(args as [number]));
    },
    good: () => [1],
    args: [weight],
  }),
  row('withPermit', withPermit, {
    good: () => [semaphore, 1],
    args: [{ name: 'semaphore', good: [semaphore, small], bad: notSemaphores }, weight],
    clashes: [{ args: [small], options: 5 as unknown as object, option: 'weight', ...outOfRange(5)[0]! }],
  }),
  row('ErrGroup', ErrGroup, {
    call: (...args) => new ErrGroup(...(args as ConstructorParameters<typeof ErrGroup>)),
    good: () => [{}],
    args: [],
    options: { limit: count(1, { infinite: true }), errors: oneOf('first', 'all'), signal, name: stageName },
  }),
  row('go', ErrGroup.prototype.go, {
    call: (...args) => group.go(...(args as Parameters<ErrGroup['go']>)),
    good: () => [() => {}],
    args: [job],
  }),
  row('tryGo', ErrGroup.prototype.tryGo, {
    call: (...args) => group.tryGo(...(args as Parameters<ErrGroup['tryGo']>)),
    good: () => [() => {}],
    args: [job],
  }),
  row('once', once, {
    good: () => [untouchedFn, {}],
    args: [{ name: 'factory', ...fn }],
    options: { rememberFailure: flag },
  }),
  row('getOrCompute', getOrCompute, {
    good: () => [{ compute: untouchedFn, ttl: 5 }],
    args: [],
    needsOptions: true,
    options: {
      compute: fn,
      key: optionalFn,
      ttl: duration,
      max: count(1),
      staleWhileRevalidate: duration,
      negativeTtl: duration,
      onRefreshError: optionalFn,
      name: stageName,
    },
    clashes: [
      { options: { compute: untouchedFn, staleWhileRevalidate: 5 }, option: 'ttl', ...wrongType(undefined)[0]! },
    ],
  }),
  row('amdahl', amdahl, {
    good: () => [0.5, 4],
    args: [
      { name: 'parallelFraction', ...needed(share) },
      { name: 'cores', ...count(1, { infinite: true }) },
    ],
  }),
  row('usl', usl, {
    good: () => [{ concurrency: 4, contention: 0.1, coherency: 0.1 }],
    args: [],
    needsOptions: true,
    options: {
      concurrency: needed(count(1)),
      contention: needed(share),
      coherency: needed(notNegative),
      rate: positive,
    },
  }),
  row('littlesLaw', littlesLaw, {
    good: () => [{ rate: 5, latency: 5 }],
    args: [],
    needsOptions: true,
    options: { rate: needed(positive), latency: needed(positive), inFlight: { good: [], bad: positive.bad } },
    clashes: [
      { options: { rate: 1, latency: 1, inFlight: 1 }, option: 'inFlight', ...wrongType(1)[0]! },
      { options: {}, option: 'rate', ...wrongType(undefined)[0]! },
      { options: { rate: 1 }, option: 'latency', ...wrongType(undefined)[0]! },
      { options: { inFlight: 1 }, option: 'rate', ...wrongType(undefined)[0]! },
    ],
  }),
  ...poolRows,
];
