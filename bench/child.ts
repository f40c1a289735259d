/** Runs one contender of one table in a process of its own and prints nanoseconds an item and by how many megabytes its memory grew, as JSON. */
import { heapPeak } from './heap.ts';
import { tables } from './tables.ts';

const [table, row, scale = '1'] = process.argv.slice(2) as [string, string, string?];
if (table === 'heap') process.stdout.write(JSON.stringify({ heap: await heapPeak(Number(row)) }));
else {
  const { contenders, items } = tables[table]!;
  const contender = contenders[row]!;
  const count = Math.round((contender.items ?? items) * Number(scale));
  const atStart = process.resourceUsage().maxRSS;
  // Twice before: the first runs are the compiler's. Then three times, of which the middle one counts.
  await contender.run(Math.ceil(count / 10));
  await contender.run(Math.ceil(count / 10));
  const times: number[] = [];
  for (let run = 0; run < 3; run++) {
    const began = performance.now();
    await contender.run(count);
    times.push(((performance.now() - began) * 1e6) / count);
  }
  const ns = times.toSorted((a, b) => a - b)[1];
  process.stdout.write(JSON.stringify({ ns, rss: (process.resourceUsage().maxRSS - atStart) / 1024 }));
}
