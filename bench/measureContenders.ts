import { claim, median, printTable, spread, whole } from './print.ts';
import { child, goChild } from './processes.ts';
import type { Contender, Measured, Table } from './Table.ts';
import { tables } from './tables.ts';

/** Measures and prints the tables of one name, with a share `scale` of their items. */
export async function measureContenders(name: string, rounds: number, scale: number, hasGo: boolean): Promise<void> {
  for (const [number, table] of tables[name]!.entries()) {
    const rows = Object.entries(table.contenders).filter(([, { run }]) => typeof run === 'function' || hasGo);
    const measured = new Map(rows.map(([row]): [string, Measured[]] => [row, []]));
    // They take turns, so that what else the machine does hits all of them.
    for (let round = 0; round < rounds; round++) {
      for (const [row, contender] of rows) {
        measured.get(row)!.push(await measureOnce([name, String(number), row], contender, table, scale));
      }
    }
    print(table, measured, scale);
  }
}

async function measureOnce(which: readonly string[], { run, items }: Contender, table: Table, scale: number) {
  if (typeof run !== 'function') return goChild(run, Math.round((items ?? table.items) * scale));
  return (await child<Measured>('child', [...which, String(scale)])).printed;
}

function print(table: Table, measured: ReadonlyMap<string, readonly Measured[]>, scale: number): void {
  const ns = (row: string) => measured.get(row)!.map((one) => one.ns);
  const ratios = (row: string, than: string) => ns(row).map((one, round) => one / ns(than)[round]!);
  console.log(`\n## ${table.title}\n`);
  printTable([
    ['', 'ns an item', `× ${table.base}`, 'peak memory', 'items'],
    ...[...measured.keys()].map((row) => [
      table.contenders[row]!.ours ? `**${row}**` : row,
      whole(median(ns(row))),
      row === table.base ? '1' : spread(ratios(row, table.base)),
      `${whole(Math.max(...measured.get(row)!.map(({ rss }) => rss)))} MB`,
      whole((table.contenders[row]!.items ?? table.items) * scale),
    ]),
  ]);
  // Judged by the fastest runs of all rounds: they are the least disturbed.
  const fastest = (row: string) => Math.min(...ns(row));
  for (const { row, than, atMost } of table.claims) {
    if (than === undefined) claim(`${row}, ns an item, fastest run`, [fastest(row)], atMost);
    else if (!measured.has(than))
      console.log(`- claim: ${row} / ${than} ≤ ${atMost}: not measured, there is no Go here`);
    else claim(`${row} / ${than}, fastest runs`, [fastest(row) / fastest(than)], atMost);
  }
}
