/**
 * Measures the built package beside its peers.
 *
 *     npm run bench [-- [TABLE ...] [--rounds N] [--quick] [--strict]]
 *
 * TABLE is pipeline, microtask, setImmediate, heap or flights; all of them by default. Every figure comes from a process of its own;
 * the contenders of a table take turns, and what counts is the ratio to the row called "base", taken round by round. With
 * `--strict` it exits with 1 if a claim does not hold.
 */
import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { tables } from './tables.ts';
import type { Table } from './Table.ts';

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '5' },
    quick: { type: 'boolean', default: false },
    strict: { type: 'boolean', default: false },
  },
});
const rounds = flags.quick ? 3 : Number(flags.rounds);
const scale = flags.quick ? 0.3 : 1;
const known = [...Object.keys(tables), 'heap', 'flights'];
const chosen = positionals.length > 0 ? positionals : known;
for (const name of chosen) {
  if (!known.includes(name)) throw new Error(`There is no table "${name}": choose from ${known.join(', ')}`);
}
const chosenTables = Object.entries(tables).filter(([name]) => chosen.includes(name));
let broken = 0;

console.log(header());
for (const [name, table] of chosenTables) await measure(name, table);
if (chosen.includes('heap')) await measureHeap();
if (chosen.includes('flights')) await measureFlights();
if (broken > 0 && flags.strict) process.exitCode = 1;

async function measure(name: string, table: Table): Promise<void> {
  const rows = Object.keys(table.contenders);
  const figures = new Map(rows.map((row) => [row, { ns: [] as number[], rss: 0 }]));
  for (let round = 0; round < rounds; round++) {
    for (const row of rows) {
      const { ns, rss } = await child<{ ns: number; rss: number }>('bench/child.ts', name, row, String(scale));
      const own = figures.get(row)!;
      own.ns.push(ns);
      own.rss = Math.max(own.rss, rss);
    }
  }
  const ratios = (row: string, than: string) => figures.get(row)!.ns.map((ns, i) => ns / figures.get(than)!.ns[i]!);
  console.log(`\n## ${table.title}\n`);
  console.log(
    `${table.items * scale} items, ${rounds} rounds; × is the ratio to "${table.base}", median (lowest–highest); memory is how far the process grew\n`,
  );
  print([
    ['', 'ns an item', '×', 'memory', 'items'],
    ...rows.map((row) => {
      const { ns, rss } = figures.get(row)!;
      const { items, ours } = table.contenders[row]!;
      const own = items === undefined ? '' : (items * scale).toLocaleString('en-US');
      return [
        ours ? `**${row}**` : row,
        figure(median(ns)),
        spread(ratios(row, table.base)),
        `${rss.toFixed(0)} MB`,
        own,
      ];
    }),
  ]);
  console.log();
  for (const { row, than, atMost } of table.claims)
    claim(`${row} takes at most ${atMost} × the time of ${than}`, ratios(row, than), atMost);
}

async function measureHeap(): Promise<void> {
  console.log('\n## heap in use, at most, beyond what was in use before\n');
  const peaks: number[] = [];
  for (const items of [10_000, 100_000, 1_000_000]) {
    const { heap } = await child<{ heap: number }>('bench/child.ts', 'heap', String(items));
    peaks.push(heap);
    console.log(`${items.toLocaleString('en-US').padStart(10)} items  ${heap.toFixed(1)} MB`);
  }
  console.log();
  claim(
    'the heap stays within 20 MB from 10,000 to 1,000,000 items (figures in MB)',
    [Math.max(...peaks) - Math.min(...peaks)],
    20,
  );
}

/** The flagship without its report against the same sums in a plain script, on one thread. */
async function measureFlights(): Promise<void> {
  const ratios: number[] = [];
  const times: Record<'plain' | 'flow', number[]> = { plain: [], flow: [] };
  const rss = { plain: 0, flow: 0 };
  for (let round = 0; round < rounds; round++) {
    for (const which of ['plain', 'flow'] as const) {
      const { elapsed, maxRssMB } = await child<{ elapsed: number; maxRssMB: number }>(`bench/flights/${which}.ts`);
      times[which].push(elapsed);
      rss[which] = Math.max(rss[which], maxRssMB);
    }
    ratios.push(times.flow.at(-1)! / times.plain.at(-1)!);
  }
  console.log('\n## three million flights, read and summed up on one thread\n');
  print([
    ['', 'ms', '×', 'peak memory'],
    ['plain script', figure(median(times.plain)), '1', `${rss.plain} MB`],
    ['**flow**', figure(median(times.flow)), spread(ratios), `${rss.flow} MB`],
  ]);
  console.log();
  claim('the flow takes at most 1.15 × the time of the plain script', ratios, 1.15);
}

function claim(text: string, measured: readonly number[], atMost: number): void {
  const holds = median(measured) <= atMost;
  if (!holds) broken++;
  console.log(`- ${text}: ${spread(measured)}, ${holds ? 'holds' : 'DOES NOT HOLD'}`);
}

async function child<T>(file: string, ...args: string[]): Promise<T> {
  const node = ['--expose-gc', '--import', 'ts-blank-space/register'];
  const { stdout } = await promisify(execFile)(process.execPath, [...node, file, ...args], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
  });
  return JSON.parse(stdout) as T;
}

function header(): string {
  const require = createRequire(import.meta.url);
  const { devDependencies } = require('../package.json') as { devDependencies: Record<string, string> };
  const peers = ['rxjs', 'effect', 'ix', 'p-map', 'p-queue', 'p-limit'].map(
    (name) => `${name} ${devDependencies[name]}`,
  );
  const machine = `${cpus()[0]?.model ?? 'unknown processor'}, ${availableParallelism()} cores, load ${loadavg()[0]!.toFixed(1)}`;
  return `node ${process.version}, ${peers.join(', ')}\n${machine}`;
}

function print(rows: readonly (readonly string[])[]): void {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const line = (row: readonly string[]) => `| ${row.map((cell, i) => cell.padEnd(widths[i]!)).join(' | ')} |`;
  console.log(line(rows[0]!));
  console.log(`| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`);
  for (const row of rows.slice(1)) console.log(line(row));
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
}

function figure(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

function spread(values: readonly number[]): string {
  if (values.length === 1) return short(values[0]!);
  return `${short(median(values))} (${short(Math.min(...values))}–${short(Math.max(...values))})`;
}

function short(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(2);
}
