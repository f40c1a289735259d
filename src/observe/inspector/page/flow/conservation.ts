import { read, type Field, type Row } from './fields.ts';

/** Where the items of a stage are that arrived in it. */
export interface Conservation {
  readonly arrived: number;
  readonly terms: readonly { readonly field: Field; readonly word: string; readonly count: number }[];
  readonly sum: number;
  /** Whether every item that arrived is accounted for. */
  readonly holds: boolean;
}

export function conservation(row: Row | undefined): Conservation {
  const terms = TERMS.map(([field, word]) => ({ field, word, count: read(row, field) }));
  const sum = terms.reduce((all, { count }) => all + count, 0);
  const arrived = read(row, 'in');
  return { arrived, terms, sum, holds: sum === arrived };
}

const TERMS: readonly (readonly [Field, string])[] = [
  ['completed', 'completed'],
  ['failed', 'failed'],
  ['dropped', 'dropped'],
  ['merged', 'merged'],
  ['deadLettered', 'dead-lettered'],
  ['abandoned', 'abandoned'],
  ['held', 'held'],
];
