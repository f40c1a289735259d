import { child } from './processes.ts';
import { claim, median, printTable, spread, whole } from './print.ts';
import type { Measured, Table } from './Table.ts';
import { tables } from './tables.ts';

/** Measures and prints the tables of one name, with a share `scale` of their items. */
export async function measureContenders(name: string, rounds: number, scale: number): Promise<void> {
  for (const [number, table] of tables[name]!.entries()) {
    const rows = Object.keys(table.contenders);
    const measured = new Map(rows.map((row): [string, Measured[]] => [row, []]));
    // They take turns, so that what else the machine does hits all of them.
    for (let round = 0; round < rounds; round++) {
      for (const row of rows) {
        const { printed } = await child<Measured>('child', name, String(number), row, String(scale));
        measured.get(row)!.push(printed);
      }
    }
    print(table, measured, scale);
  }
}

function print(table: Table, measured: ReadonlyMap<string, readonly Measured[]>, scale: number): void {
  const ns = (row: string) => measured.get(row)!.map((one) => one.ns);
  const ratios = (row: string, than: string) => ns(row).map((one, round) => one / ns(than)[round]!);
  console.log(`\n## ${table.title}\n`);
  printTable([
    ['', 'ns an item', `× ${table.base}`, 'peak memory', 'items'],
    ...Object.entries(table.contenders).map(([row, { ours, items }]) => [
      ours ? `**${row}**` : row,
      whole(median(ns(row))),
      row === table.base ? '1' : spread(ratios(row, table.base)),
      `${whole(Math.max(...measured.get(row)!.map(({ rss }) => rss)))} MB`,
      whole((items ?? table.items) * scale),
    ]),
  ]);
  // Judged by the fastest runs of all rounds: they are the least disturbed.
  const fastest = (row: string) => Math.min(...ns(row));
  for (const { row, than, atMost } of table.claims) {
    claim(`${row} / ${than}, fastest runs`, [fastest(row) / fastest(than)], atMost);
  }
}
