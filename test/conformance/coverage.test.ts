import * as sluice from 'sluice';
import * as csv from 'sluice/csv';
import * as parallel from 'sluice/parallel';
import * as parquet from 'sluice/parquet';
import { describe, expect, test } from 'vitest';
import { operatorSuites } from './operatorSuites.ts';
import { poolSuites } from './poolSuites.ts';
import { sinkSuites } from './sinkSuites.ts';
import { sourceSuites } from './sourceSuites.ts';

/** What is exported and is neither an operator nor a source nor a sink of items, or cannot be put to the suite, and why. */
const NEITHER: Readonly<Record<string, string>> = {
  run: 'runs a flow',
  formatReport: 'makes text of a report',
  hooks: 'an object to be changed',
  demand: 'what sources are made with; every source here tests it',
  operate: 'what operators are made with; every operator here tests it',
  Stage: 'what stages are made with; every stage here tests it',
  task: 'declares what parallel runs',
  ThreadPool: 'threads that stages share',
  parquetInfo: 'gives a promise, and reads only the footer',
  Semaphore: 'gives out permits, no items; withPermit is its operator',
  ErrGroup: 'runs functions',
  backoff: 'the delay of retry; see test/sync/backoff.test.ts',
  Budget: 'a counter that hedges and retries share',
  CircuitBreaker: 'the state behind circuitBreaker; see test/sync/circuitBreakerModel.test.ts',
  Limit: 'what limits are made with; see test/core/limit.test.ts',
  fixedLimit: 'gives a limit, no items',
  once: 'gives a promise',
  getOrCompute: 'gives promises',
  amdahl: 'computes a number',
  usl: 'computes numbers',
  littlesLaw: 'computes numbers',
  poolSize: 'computes a number',
};

const exported = Object.entries({ ...sluice, ...csv, ...parallel, ...parquet }) as [string, unknown][];
const isError = (value: unknown): boolean => typeof value === 'function' && value.prototype instanceof Error;

const suites = { ...poolSuites, ...operatorSuites, ...sourceSuites, ...sinkSuites };

/** The titles of the checks of something that flood it. */
const floods = (name: string): string =>
  suites[name]!.flatMap((checks) => checks.map(({ title }) => title))
    .filter((title) => /a hundred thousand items/.test(title))
    .join();

describe('the suite', () => {
  test('has an entry for every operator, source and sink that is exported, or a reason why not', () => {
    const names = exported.filter(([, value]) => !isError(value)).map(([name]) => name);
    expect(names.filter((name) => !(name in suites) && !(name in NEITHER))).toEqual([]);
  });

  test('has no entry for what is not exported, and no reason for what has an entry', () => {
    const names = new Set(exported.map(([name]) => name));
    expect([...Object.keys(suites), ...Object.keys(NEITHER)].filter((name) => !names.has(name))).toEqual([]);
    expect(Object.keys(NEITHER).filter((name) => name in suites)).toEqual([]);
  });

  test('R-22: floods every operator and source, and pools in both orders', () => {
    const flooded = Object.keys({ ...poolSuites, ...operatorSuites, ...sourceSuites });
    expect(flooded.filter((name) => floods(name) === '')).toEqual([]);
    for (const name of ['workerPool', 'keyed', 'parallel']) {
      expect(floods(name)).toMatch(/completion/);
      expect(floods(name)).toMatch(/input/);
    }
  });

  test('gives every check a title of its own', () => {
    const titles = Object.values(suites).flatMap((each) => each.flat().map(({ title }) => title));
    expect(titles.filter((title, i) => titles.indexOf(title) !== i)).toEqual([]);
  });
});
