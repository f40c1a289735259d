import type { Check } from '../../src/testing/conform.ts';

/** The checks of everything that is exported, by the names of the exports. */
export type Suites = Readonly<Record<string, readonly (readonly Check[])[]>>;

/**
 * The checks without those of a hundred thousand items: for options that have no part in how one item follows another, of an
 * operator that takes all of them with other options.
 */
export const withoutFloods = (checks: readonly Check[]): Check[] =>
  checks.filter(({ title }) => !/a hundred thousand/.test(title));

/**
 * The checks without these and without the hundreds of random orders: for what becomes of failures, of which neither has any, of a pool
 * that goes through all of it with other options.
 */
export const ofFailures = (checks: readonly Check[]): Check[] =>
  withoutFloods(checks).filter(({ title }) => !/in any order/.test(title));
