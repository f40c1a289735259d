import { claim, median, printTable, spread, whole } from './print.ts';
import { child } from './processes.ts';

/** The programs that are measured: a file of `flights/` and its arguments. */
const contenders = {
  'plain script': ['plain'],
  '**flow of the flagship**, here': ['flow'],
  '**flow of the flagship**, on 1 thread': ['threads', '1'],
  '**flow of the flagship**, on 2 threads': ['threads', '2'],
} as const;

type Name = keyof typeof contenders;

interface Times {
  /** Milliseconds from the first line of the program to the last. */
  readonly own: number[];
  /** Milliseconds until all flights were summed up, on threads; their start is in it. */
  readonly sums: number[];
  /** Milliseconds from the start of the process to its end. */
  readonly wall: number[];
  /** Megabytes. */
  readonly rss: number[];
}

/**
 * Measures and prints the flow of the flagship, without its report, beside the same sums in a plain script on one thread. Nothing is
 * claimed of what two threads bring: the work is short, and starting a thread and compiling the decoder in it are part of it.
 */
export async function measureFlights(rounds: number): Promise<void> {
  const names = Object.keys(contenders) as Name[];
  const times = Object.fromEntries(
    names.map((name) => [name, { own: [], sums: [], wall: [], rss: [] }]),
  ) as unknown as Record<Name, Times>;
  for (let round = 0; round < rounds; round++) {
    for (const name of names) {
      const [file, ...args] = contenders[name];
      const { printed, wall } = await child<{ elapsed: number; sums: number; maxRssMB: number }>(
        `flights/${file}`,
        args,
      );
      times[name].own.push(printed.elapsed);
      times[name].sums.push(printed.sums);
      times[name].wall.push(wall);
      times[name].rss.push(printed.maxRssMB);
    }
  }
  const ratios = (name: Name, base: Name, which: keyof Times) =>
    times[name][which].map((ms, round) => ms / times[base][which][round]!);
  console.log('\n## flights: three million of them, read from Parquet and summed up\n');
  printTable([
    ['', 'ms', '× plain script', 'ms of the process', '× plain script', 'peak memory'],
    ...names.map((name) => [
      name,
      whole(median(times[name].own)),
      name === 'plain script' ? '1' : spread(ratios(name, 'plain script', 'own')),
      whole(median(times[name].wall)),
      name === 'plain script' ? '1' : spread(ratios(name, 'plain script', 'wall')),
      `${whole(Math.max(...times[name].rss))} MB`,
    ]),
  ]);
  claim(
    'flow of the flagship, here / plain script',
    ratios('**flow of the flagship**, here', 'plain script', 'own'),
    1.15,
  );
  const gain = ratios('**flow of the flagship**, on 1 thread', '**flow of the flagship**, on 2 threads', 'sums');
  console.log(`- flow of the flagship, on 1 thread / on 2: measured ${spread(gain)}`);
}
