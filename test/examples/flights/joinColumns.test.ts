import { from, lastValueFrom, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { FlightColumn } from '../../../examples/flights/columns.ts';
import type { DecodedColumn } from '../../../examples/flights/flights.task.ts';
import { joinColumns } from '../../../examples/flights/joinColumns.ts';

const NAMES = ['date', 'delay', 'origin', 'destination'] as const;

function column(rowGroup: number, name: FlightColumn): DecodedColumn {
  const numbers = Int32Array.of(rowGroup * 10 + NAMES.indexOf(name));
  return { rowGroup, column: name, values: numbers };
}

function joined(columns: readonly DecodedColumn[]) {
  return lastValueFrom(from(columns).pipe(joinColumns(), toArray()));
}

const group = (rowGroup: number) =>
  Object.fromEntries(NAMES.map((name) => [name, column(rowGroup, name).values])) as object;

describe('joinColumns', () => {
  it('emits a row group when its last column is there, in whatever order they come', async () => {
    const columns = [
      column(1, 'origin'),
      ...NAMES.toReversed().map((name) => column(0, name)),
      column(1, 'date'),
      column(1, 'destination'),
      column(1, 'delay'),
    ];
    expect(await joined(columns)).toEqual([group(0), group(1)]);
  });

  it('leaves out a row group of which columns are missing at the end', async () => {
    const columns = [...NAMES.map((name) => column(0, name)), column(1, 'date'), column(1, 'delay')];
    expect(await joined(columns)).toEqual([group(0)]);
  });

  it('begins anew with each subscription', async () => {
    const operator = joinColumns();
    const half = from([column(0, 'date'), column(0, 'delay')]).pipe(operator, toArray());
    expect(await lastValueFrom(half)).toEqual([]);
    const rest = from([column(0, 'origin'), column(0, 'destination')]).pipe(operator, toArray());
    expect(await lastValueFrom(rest)).toEqual([]);
  });
});
