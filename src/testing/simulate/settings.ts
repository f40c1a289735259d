import { wrongValue } from '../../core/errors.ts';
import { OptionReader, checkCount, isArrayOf } from '../../core/options.ts';
import { readFlag, readFunction } from '../../core/readers.ts';
import type { SimulateOptions } from '../simulate.ts';
import { contentsOf, type Rules } from './Rules.ts';
import { SOURCE_KINDS, TASK_KINDS } from './schedule.ts';
import type { Range } from './schedules.ts';

/** Checked `SimulateOptions`. */
export type Settings = ReturnType<typeof readSettings>;

/** Checks the options of `simulate`. */
// oxlint-disable-next-line typescript/explicit-module-boundary-types -- {@link Settings} is what it gives
export function readSettings(options: SimulateOptions) {
  const reader = new OptionReader('simulate', options, OPTIONS);
  const concurrency = reader.get('concurrency');
  const items = reader.count('items', 1, 10);
  if (items > 100) throw wrongValue('simulate', 'items', 'an integer from 1 to 100', items);
  const seed = reader.get('seed');
  if (seed !== undefined && !Number.isInteger(seed)) throw reader.wrong('seed', 'an integer', seed);
  const path = reader.get('path');
  if (path !== undefined && (typeof path !== 'string' || !/^\d+(:\d+)*$/.test(path) || seed === undefined))
    throw reader.wrong('path', 'given with "seed", as a SimulationError says', path);
  const rules: Rules = {
    bound: boundOf(reader.get('bound')),
    concurrency: concurrency === undefined ? undefined : reader.count('concurrency', 1, 1, true),
    key: readFunction(reader, 'key'),
    perKey: reader.count('perKey', 1, 1, true),
    order: reader.oneOf('order', ['completion', 'input', 'none'], 'completion'),
    onError: reader.oneOf('onError', ['stop', 'skip', 'emit', 'deadLetter'], 'stop'),
    discards: readFlag(reader, 'discards', false),
    drops: readFlag(reader, 'drops', false),
    keeps: readFlag(reader, 'keeps', false),
    isChain: readFlag(reader, 'chain', false),
    contents: readFunction(reader, 'contents') ?? contentsOf,
    expected: readFunction(reader, 'expected'),
    mayFail: readFunction(reader, 'mayFail') ?? (() => false),
  };
  const range: Range = {
    sources: someOf(reader, 'sources', SOURCE_KINDS),
    tasks: someOf(reader, 'tasks', TASK_KINDS),
    acts: [
      ...(typeof reader.get('bound') === 'function' ? (['limit'] as const) : []),
      ...(rules.onError === 'deadLetter' ? (['letter'] as const) : []),
    ],
    items,
  };
  return { rules, range, runs: reader.count('runs', 1, 1_000), seed, path };
}

const OPTIONS = [
  'bound',
  'concurrency',
  'key',
  'perKey',
  'order',
  'onError',
  'discards',
  'drops',
  'keeps',
  'chain',
  'contents',
  'expected',
  'mayFail',
  'sources',
  'tasks',
  'items',
  'runs',
  'seed',
  'path',
] as const;

function boundOf(bound: SimulateOptions['bound']): Rules['bound'] {
  if (typeof bound === 'function') return bound;
  const most = bound === undefined ? Infinity : checkCount('simulate', 'bound', bound, 0, true);
  return () => most;
}

function someOf<W extends string>(
  reader: OptionReader<SimulateOptions>,
  key: 'sources' | 'tasks',
  words: readonly W[],
): readonly W[] {
  const given: unknown = reader.get(key);
  if (given === undefined) return words;
  const isWord = (word: unknown): word is W => words.includes(word as W);
  if (!isArrayOf(given, isWord) || given.length === 0)
    throw reader.wrong(key, `some of ${words.map((word) => `'${word}'`).join(', ')}`, given);
  return words.filter((word) => given.includes(word));
}
