import { claim, printTable, whole } from './print.ts';
import { child } from './processes.ts';

/** Measures and prints how the heap in use depends on how many items go through a pool. */
export async function measureHeap(scale: number): Promise<void> {
  const peaks: number[] = [];
  const rows = [['items', 'most heap in use, beyond what was in use before']];
  for (const items of [10_000, 100_000, 1_000_000 * scale]) {
    const { printed } = await child<number>('child', ['heap', String(items)]);
    peaks.push(printed);
    rows.push([whole(items), `${printed.toFixed(1)} MB`]);
  }
  console.log(
    '\n## heap: fromIterable → workerPool, 100 at once → scan; after the garbage is collected, at 50 moments\n',
  );
  printTable(rows);
  claim('difference between these, in MB', [Math.max(...peaks) - Math.min(...peaks)], 20);
}
