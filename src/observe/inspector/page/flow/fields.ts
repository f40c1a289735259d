import { STAGE_FIELDS } from '../../protocol.ts';

/** A counter of a stage. */
export type Field = (typeof STAGE_FIELDS)[number];

/** The counters of one stage as a tick carries them. */
export type Row = readonly number[];

const PLACES = new Map<Field, number>(STAGE_FIELDS.map((field, place) => [field, place]));

/** Gives one counter; 0 where the server sent none. */
export function read(row: Row | undefined, field: Field): number {
  return row?.[PLACES.get(field)!] ?? 0;
}

/** Gives one that may not be known, which a tick says with -1. */
export function readKnown(row: Row | undefined, field: Field): number | undefined {
  const value = read(row, field);
  return value < 0 || row === undefined ? undefined : value;
}
