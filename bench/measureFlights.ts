import { claim, median, printTable, spread, whole } from './print.ts';
import { child } from './processes.ts';

const contenders = ['plain', 'flow'] as const;

interface Times {
  /** Milliseconds from the first line of the program to the last. */
  readonly own: number[];
  /** Milliseconds from the start of the process to its end. */
  readonly wall: number[];
  /** Megabytes. */
  readonly rss: number[];
}

/** Measures and prints the flow of the flagship, without its report, beside the same sums in a plain script: both on one thread. */
export async function measureFlights(rounds: number): Promise<void> {
  const times: Record<(typeof contenders)[number], Times> = {
    plain: { own: [], wall: [], rss: [] },
    flow: { own: [], wall: [], rss: [] },
  };
  for (let round = 0; round < rounds; round++) {
    for (const name of contenders) {
      const { printed, wall } = await child<{ elapsed: number; maxRssMB: number }>(`flights/${name}`);
      times[name].own.push(printed.elapsed);
      times[name].wall.push(wall);
      times[name].rss.push(printed.maxRssMB);
    }
  }
  const { plain, flow } = times;
  const ratios = (which: 'own' | 'wall') => flow[which].map((ms, round) => ms / plain[which][round]!);
  console.log('\n## flights: three million of them, read from Parquet and summed up on one thread\n');
  printTable([
    ['', 'ms', '× plain script', 'ms of the process', '× plain script', 'peak memory'],
    ...contenders.map((name) => [
      name === 'plain' ? 'plain script' : '**flow of the flagship**',
      whole(median(times[name].own)),
      name === 'plain' ? '1' : spread(ratios('own')),
      whole(median(times[name].wall)),
      name === 'plain' ? '1' : spread(ratios('wall')),
      `${whole(Math.max(...times[name].rss))} MB`,
    ]),
  ]);
  claim('flow of the flagship / plain script', ratios('own'), 1.15);
}
