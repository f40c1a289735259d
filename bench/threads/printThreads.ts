import { claim, claimAtLeast, printTable, spread } from '../print.ts';
import { BASE, CEILING, OURS, POOLS, RAW } from './contenders.ts';
import { Figures, type Rounds } from './Figures.ts';
import { payloads } from './payloads.ts';
import { costs, SCALED, SKEWED, workloadName } from './workloads.ts';

const costNames = Object.keys(costs);

/** The share of the ideal that our own row is to reach. */
const SHARES = [
  [workloadName('number', '10 µs'), 0.92],
  [workloadName('number', '100 µs'), 0.93],
  [workloadName('number', '1 ms'), 0.93],
  [workloadName('number', '10 ms'), 0.93],
  [SKEWED, 0.93],
] as const;

/** Prints the tables of measured rows and what they claim. `fewer` has some rows on fewer threads than there are cores. */
export function printThreads(rows: Rounds, fewer: ReadonlyMap<number, Rounds>, cores: number): void {
  const figures = new Figures(rows, cores);
  for (const payload of Object.keys(payloads)) printPayload(payload, figures, cores);
  printSkewed(figures);
  printAlone(figures);
  if (fewer.size > 0) printFewer(figures, fewer, cores);
  printClaims(figures, cores);
}

function printPayload(payload: string, figures: Figures, cores: number): void {
  const table = (cell: (row: string, workload: string) => string) => {
    printTable([
      ['', ...costNames],
      ...figures.names.map((row) => [title(row), ...costNames.map((cost) => cell(row, workloadName(payload, cost)))]),
    ]);
  };
  console.log(`\n## threads, ${payload}: times as fast as the plain loop, share of the ideal (${cores} times)\n`);
  table((row, workload) => figures.gain(row, workload));
  console.log('Microseconds an item, and how many items a run had:\n');
  table((row, workload) => `${figures.micros(row, workload)} (${figures.items(row, workload)})`);
}

function printSkewed(figures: Figures): void {
  console.log(`\n## threads, skewed costs: ${SKEWED}\n`);
  printTable([
    ['', 'times as fast, share of the ideal', 'µs an item', 'items'],
    ...figures.names.map((row) => [
      title(row),
      figures.gain(row, SKEWED),
      figures.micros(row, SKEWED),
      figures.items(row, SKEWED),
    ]),
  ]);
}

function printAlone(figures: Figures): void {
  console.log('\n## threads, a lone item: µs from handing it over until its result is there\n');
  printTable([
    ['', 'half of them take at most', '99 % of them take at most'],
    ...figures.names
      .filter((row) => row !== BASE)
      .map((row) => [title(row), spread(figures.alone(row, 'p50')), spread(figures.alone(row, 'p99'))]),
  ]);
}

function printFewer(figures: Figures, fewer: ReadonlyMap<number, Rounds>, cores: number): void {
  console.log(`\n## threads, more and more of them (${SCALED}): times as fast as the plain loop, share of the ideal\n`);
  const [some] = fewer.values();
  printTable([
    ['threads', ...[...fewer.keys(), cores].map(String)],
    ...[...some!.keys()].map((row) => [
      title(row),
      ...[...fewer].map(([threads, measured]) => figures.gainOf(measured.get(row)!, SCALED, threads)),
      figures.gain(row, SCALED),
    ]),
  ]);
}

function printClaims(figures: Figures, cores: number): void {
  const tiny = workloadName('number', 'add one');
  for (const pool of POOLS) {
    const ratio = figures.fastest(OURS, tiny) / figures.fastest(pool, tiny);
    claim(`${OURS} / ${pool} (${tiny}), fastest runs`, [ratio], 0.1);
  }
  for (const [workload, atLeast] of SHARES) {
    const share = figures.fastest(BASE, workload) / figures.fastest(OURS, workload) / cores;
    claimAtLeast(`${OURS} (${workload}), share of the ideal, fastest runs`, [share], atLeast);
  }
  // Where the machine itself does not reach the ideal, this is what is left to `parallel`.
  for (const [workload, atLeast] of SHARES) {
    const share = figures.fastest(CEILING, workload) / figures.fastest(OURS, workload);
    claimAtLeast(`${OURS} (${workload}), share of "${CEILING}", fastest runs`, [share], atLeast);
  }
  const lone = (row: string) => Math.min(...figures.alone(row, 'p50'));
  claim(`${OURS} / ${RAW}, a lone item, fastest rounds`, [lone(OURS) / lone(RAW)], 1);
}

function title(row: string): string {
  return row.startsWith(OURS) ? `**${row}**` : row;
}
