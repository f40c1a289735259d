import type { Result } from '../../src/core/options.ts';
import { batch } from '../../src/operators/batch.ts';
import { buffered } from '../../src/operators/buffered.ts';
import { named } from '../../src/operators/named.ts';
import { okOnly } from '../../src/operators/okOnly.ts';
import { splitResults } from '../../src/operators/splitResults.ts';
import { encodeCsv } from '../../src/sinks/encodeCsv.ts';
import { encodeNdjson } from '../../src/sinks/encodeNdjson.ts';
import { conform } from '../../src/testing/conform.ts';
import { resilienceSuites } from './resilienceSuites.ts';
import { shapingOperatorSuites } from './shapingSuites.ts';
import { withoutFloods, type Suites } from './suites.ts';
import { syncSuites } from './syncSuites.ts';

const buffers = [
  conform(() => buffered({ capacity: 1 }), { kind: 'operator', name: 'buffered(1)', bound: 1 }),
  withoutFloods(
    conform(() => buffered({ capacity: 5, overflowLimit: 30 }), {
      kind: 'operator',
      name: 'buffered(5)',
      bound: 5,
      overflowLimit: 30,
    }),
  ),
  conform(() => buffered({ capacity: Infinity }), {
    kind: 'operator',
    name: 'buffered(Infinity)',
    bound: Infinity,
    chain: 0,
  }),
  ...(['dropOldest', 'dropNewest'] as const).map((overflow) =>
    conform((_, { dropped }) => buffered({ capacity: 4, overflow, onDrop: dropped }), {
      kind: 'operator',
      name: `buffered(4, ${overflow})`,
      bound: 4,
      whenFull: 'drop',
      drops: [overflow],
      chain: 0,
    }),
  ),
  conform((_, { dropped }) => buffered({ overflow: 'latest', onDrop: dropped }), {
    kind: 'operator',
    name: 'buffered(latest)',
    bound: 1,
    whenFull: 'drop',
    drops: ['latest'],
    chain: 0,
  }),
  conform(() => buffered({ capacity: 3, overflow: 'fail' }), {
    kind: 'operator',
    name: 'buffered(3, fail)',
    bound: 3,
    whenFull: 'fail',
    chain: 0,
  }),
  conform(() => buffered<unknown[]>({ capacity: 3, overflow: { merge: (held, next) => [...held, ...next] } }), {
    kind: 'operator',
    name: 'buffered(3, merge)',
    bound: 3,
    whenFull: 'merge',
    item: (value) => [value],
    contents: (merged) => merged,
  }),
];

const batches = [
  conform(() => batch({ size: 1 }), { kind: 'operator', name: 'batch(1)', bound: 1, contents: (items) => items }),
  withoutFloods(
    conform(() => batch({ size: 4 }), { kind: 'operator', name: 'batch(4)', bound: 4, contents: (items) => items }),
  ),
  conform(() => batch({ size: 4, wait: 5 }), {
    kind: 'operator',
    name: 'batch(4, wait 5)',
    bound: 4,
    contents: (items) => items,
    time: { delay: (wait) => batch({ size: 4, wait }) },
  }),
  conform(() => batch<unknown>({ size: 10, weigh: (item) => Number(item) % 3 || 0, weight: 3, wait: 20 }), {
    kind: 'operator',
    name: 'batch(by weight)',
    // Those of no weight may make it full.
    bound: 10,
    contents: (items) => items,
    time: {},
  }),
];

const isFailure = (value: unknown): boolean => typeof value === 'number' && value % 3 === 2;
const result = (value: unknown): Result<unknown> =>
  isFailure(value) ? { ok: false, error: 'failed', item: value } : { ok: true, value };

const HEADER = 'n,even\n';

/** Every operator that is exported and is no pool, with the options that make a difference. */
export const operatorSuites: Suites = {
  ...syncSuites,
  ...resilienceSuites,
  ...shapingOperatorSuites,
  buffered: buffers,
  batch: batches,
  named: [conform(() => named<unknown>('stretch'), { kind: 'operator', name: 'named', bound: 0, passes: () => true })],
  okOnly: [
    conform(() => okOnly<unknown, unknown>(), {
      kind: 'operator',
      name: 'okOnly',
      bound: 0,
      item: result,
      passes: (n) => !isFailure(n),
    }),
  ],
  // Ways with stages of their own are left out: two stages above one gate wake one inside the other if the consumer opens the
  // gate inside a value, as below `merge`.
  splitResults: [
    conform(
      () =>
        splitResults(
          (values$) => values$,
          (failures$) => failures$,
        ),
      {
        kind: 'operator',
        name: 'splitResults',
        bound: 1,
        item: result,
        contents: (either) => [
          typeof either === 'object' && either !== null && 'item' in either ? either.item : either,
        ],
      },
    ),
  ],
  encodeNdjson: [
    conform(() => encodeNdjson(), {
      kind: 'operator',
      name: 'encodeNdjson',
      bound: 0,
      contents: (line) => [JSON.parse(line)],
      falsy: [null, 0, '', false],
      chain: 0,
    }),
  ],
  encodeCsv: [
    conform(() => encodeCsv<{ n: unknown }>({ columns: ['n'], header: false }), {
      kind: 'operator',
      name: 'encodeCsv(no header)',
      bound: 0,
      item: (n) => ({ n }),
      contents: (line) => [Number(line)],
      falsy: [],
    }),
    conform(() => encodeCsv<{ n: unknown; even: boolean }>({ columns: ['n', 'even'] }), {
      kind: 'operator',
      name: 'encodeCsv(header)',
      bound: 0,
      perItem: 2,
      item: (n) => ({ n, even: Number(n) % 2 === 0 }),
      contents: (line) => (line === HEADER ? [] : [Number(line.split(',')[0])]),
      falsy: [],
    }),
  ],
};
