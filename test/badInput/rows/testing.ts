import { NEVER, map, type Observable } from 'rxjs';
import { Probe, ProbeSource, assertMarbles, conform, marbles, noLeaks } from '../../../src/testing/index.ts';
import { toEqualMarbles } from '../../../src/testing/vitest.ts';
import { simulate } from '../../../src/testing/simulate.ts';
import { wrongType, wrongValue } from '../BadValue.ts';
import { count, flag, fn, observable, oneOf, optionalFn, type Kind } from '../kinds.ts';
import { builtIns, HUGE, oddArrays, oddNonArrays, oddValues } from '../oddValues.ts';
import { row, type Row } from '../Row.ts';
import { untouchedFn, untouchedIterable } from '../untouched.ts';

const iterables = new Set<unknown>([...oddArrays, ...builtIns.filter((it) => Symbol.iterator in it)]);

const iterable: Kind = {
  good: [untouchedIterable, [], new Map(), 'text'],
  bad: wrongType(...oddValues.filter((value) => !iterables.has(value)), 0, true, untouchedFn, NEVER),
};

const isNoFunction = ({ value }: { value: unknown }): boolean => typeof value !== 'function';

/** A list of some of a few words. */
const someOf = (...words: string[]): Kind => ({
  good: [words, [words[0]]],
  bad: [
    ...wrongType(...oddValues, 0, true, untouchedFn, ['nonsense'], [words[0], null], new Array(1)),
    ...wrongValue('', words[0]),
  ],
});

/** What a `TestScheduler` hands over. */
const marbleList: Kind = {
  good: [[]],
  bad: wrongType(
    ...oddValues.filter((value) => value !== oddArrays[0]),
    undefined,
    0,
    '',
    'a-b|',
    true,
    [2],
    untouchedFn,
  ),
};

export const testingRows: readonly Row[] = [
  row('Probe', Probe, { call: () => new Probe(), good: () => [], args: [] }),
  row('subscribe', Probe.prototype.subscribe, {
    call: (source) => new Probe().subscribe(source as Observable<unknown>),
    good: () => [NEVER],
    args: [{ name: 'source', ...observable }],
    end: (probe) => (probe as Probe<unknown>).unsubscribe(),
  }),
  row('allow', Probe.prototype.allow, {
    call: (most) => new Probe().allow(most as number),
    good: () => [1],
    args: [
      {
        name: 'count',
        ...count(0, { infinite: true }),
        bad: [...count(0, { infinite: true }).bad, ...wrongType(undefined)],
      },
    ],
  }),
  row('ProbeSource', ProbeSource, {
    call: (items, completes) => new ProbeSource(items as Iterable<unknown>, completes as boolean),
    good: () => [untouchedIterable, true],
    args: [
      { name: 'items', ...iterable },
      { name: 'completes', good: [true, false, undefined], bad: wrongType(null, 0, 1, '', 'true', {}, ...oddArrays) },
    ],
  }),
  row('marbles', marbles, {
    good: () => [() => {}],
    args: [{ name: 'body', good: [() => {}, function named() {}], bad: fn.bad }],
  }),
  row('simulate', simulate, {
    good: () => [() => map((n: unknown) => n), { runs: 1, seed: 1 }],
    args: [{ name: 'make', good: [], bad: fn.bad }],
    options: {
      bound: { good: [0, 5, Infinity, () => 3], bad: count(0, { infinite: true }).bad.filter(isNoFunction) },
      concurrency: count(1, { infinite: true }),
      key: { ...optionalFn, good: [(item: unknown) => item] },
      perKey: count(1, { infinite: true }),
      order: oneOf('input', 'completion', 'none'),
      onError: oneOf('stop', 'skip', 'emit', 'deadLetter'),
      discards: flag,
      drops: flag,
      keeps: flag,
      chain: flag,
      contents: { ...optionalFn, good: [() => []] },
      expected: { ...optionalFn, good: [() => []] },
      mayFail: { ...optionalFn, good: [() => true] },
      sources: someOf('sync', 'async', 'hot'),
      tasks: someOf('value', 'promise'),
      items: { good: [1, 5], bad: count(1).bad },
      runs: { good: [1, 2], bad: count(1).bad },
      seed: { good: [0, -1, 2 ** 31], bad: wrongType(...oddValues, NaN, 1.5, true) },
      path: { good: ['0:1'], bad: [...wrongType(...oddValues, 0, true), ...wrongValue('', 'a:b', '0:', HUGE)] },
    },
    // What a simulation finds does not matter here.
    end: (result) => (result as Promise<unknown>).catch(() => {}),
  }),
  row('noLeaks', noLeaks, {
    good: () => [() => {}, {}],
    args: [{ name: 'body', ...fn }],
    options: {
      ignore: {
        good: [[], [/x/, /y/g]],
        bad: wrongType(...oddNonArrays, 0, true, '', 'text', /x/, untouchedFn, ['x'], [/x/, null], new Array(1)),
      },
    },
    // What is left, and what the body throws, do not matter here.
    end: (result) => (result as Promise<unknown>).catch(() => {}),
  }),
  row('conform', conform, {
    good: () => [() => map((n: unknown) => n), { kind: 'operator', name: 'map', bound: 0 }],
    args: [
      { name: 'factory', ...fn },
      { name: 'capabilities', good: [], bad: wrongType(null, undefined, 0, '', 'text', true, 2n, untouchedFn) },
    ],
  }),
  ...['assertMarbles', 'toEqualMarbles'].map((name) =>
    row(name, name === 'assertMarbles' ? assertMarbles : toEqualMarbles, {
      good: () => [[], []],
      args: [
        { name: 'actual', ...marbleList },
        { name: 'expected', ...marbleList },
      ],
    }),
  ),
];
