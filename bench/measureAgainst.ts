import { printTable, spread, whole, median } from './print.ts';
import { child } from './processes.ts';
import type { Measured } from './Table.ts';
import { tables } from './tables.ts';

/**
 * Measures our own rows of the tables of one name with this build and with an earlier one, in turn, and prints both. A row
 * that the earlier build cannot run is left out, and named.
 */
export async function measureAgainst(
  name: string,
  rounds: number,
  scale: number,
  earlier: { readonly folder: string; readonly title: string },
): Promise<void> {
  for (const [number, table] of tables[name]!.entries()) {
    const printed = [['', `ns an item at ${earlier.title}`, 'ns an item now', 'now / then']];
    for (const row of Object.keys(table.contenders).filter((it) => table.contenders[it]!.ours)) {
      const args = [name, String(number), row, String(scale)];
      const then: number[] = [];
      const now: number[] = [];
      try {
        for (let round = 0; round < rounds; round++) {
          then.push((await child<Measured>('child', args, earlier.folder)).printed.ns);
          now.push((await child<Measured>('child', args)).printed.ns);
        }
      } catch (error) {
        if (now.length > 0 || then.length > 0) throw error;
        printed.push([row, 'cannot run it', '', '']);
        continue;
      }
      const ratios = now.map((ns, round) => ns / then[round]!);
      printed.push([row, whole(median(then)), whole(median(now)), spread(ratios)]);
    }
    console.log(`\n## ${table.title}\n`);
    printTable(printed);
  }
}
