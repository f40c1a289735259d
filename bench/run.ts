/**
 * Measures the built package beside its peers.
 *
 *     npm run bench -- [TABLE ...] [--rounds N] [--quick] [--strict] [--against REF]
 *
 * TABLE is pipeline, jobs, keyed, sight, resilience, heap, flights or threads; all of them by default. Every figure comes from a process of its
 * own (in threads, all figures of a row in a round come from one); the contenders of a table take turns, and what counts are the
 * ratios, taken round by round. `--quick` is a glance: three rounds of fewer items. With `--strict` it exits with 1 if a claim
 * does not hold. `--against` measures our own rows of pipeline, jobs, keyed, sight and resilience once with this build and once with the one of a
 * git commit, branch or tag.
 */
import { readFile } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { buildAt } from './buildAt.ts';
import { measureAgainst } from './measureAgainst.ts';
import { measureContenders } from './measureContenders.ts';
import { measureFlights } from './measureFlights.ts';
import { measureHeap } from './measureHeap.ts';
import { measureThreads } from './measureThreads.ts';
import { brokenClaims } from './print.ts';
import { child, compile, compileGo } from './processes.ts';
import { tables } from './tables.ts';

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '5' },
    quick: { type: 'boolean', default: false },
    strict: { type: 'boolean', default: false },
    against: { type: 'string' },
  },
});
const rounds = flags.quick ? 3 : Number(flags.rounds);
const scale = flags.quick ? 0.2 : 1;
if (!Number.isInteger(rounds) || rounds < 1)
  throw new RangeError(`--rounds must be 1 or more. Received ${flags.rounds}`);

const known = [...Object.keys(tables), 'heap', 'flights', 'threads'];
for (const name of positionals) {
  if (!known.includes(name)) throw new RangeError(`There is no table "${name}": choose from ${known.join(', ')}`);
}

await compile();
const go = await compileGo();
await printHeader();
const chosen = known.filter((name) => positionals.length === 0 || positionals.includes(name));
if (flags.against === undefined) await measure(chosen);
else await compare(chosen, flags.against);
if (brokenClaims() > 0 && flags.strict) process.exitCode = 1;

async function measure(names: readonly string[]): Promise<void> {
  for (const name of names) {
    if (name === 'heap') await measureHeap(scale);
    else if (name === 'flights') await measureFlights(rounds);
    else if (name === 'threads') await measureThreads(rounds, scale);
    else await measureContenders(name, rounds, scale, go !== undefined);
  }
}

async function compare(names: readonly string[], ref: string): Promise<void> {
  const earlier = await buildAt(ref);
  try {
    for (const name of names) if (tables[name] !== undefined) await measureAgainst(name, rounds, scale, earlier);
  } finally {
    await earlier.remove();
  }
}

async function printHeader(): Promise<void> {
  const peers = [
    'rxjs',
    'effect',
    'ix',
    'p-map',
    'p-queue',
    'p-limit',
    'cockatiel',
    'opossum',
    'bottleneck',
    'p-throttle',
    'hyparquet',
    'threads',
    'piscina',
    'tinypool',
    'workerpool',
    'poolifier',
  ];
  const versions = await Promise.all(peers.map(async (name) => `${name} ${await version(name)}`));
  const { printed: nothing } = await child<number>('child', ['nothing']);
  console.log(`node ${process.version}, ${go ?? 'no Go on the PATH, so without its rows'}, ${versions.join(', ')}`);
  console.log(
    `${cpus()[0]?.model ?? 'unknown processor'}, ${availableParallelism()} cores, load ${loadavg()[0]!.toFixed(1)}`,
  );
  console.log(
    `${rounds} rounds: the middle one, the lowest and highest in brackets; a process that does nothing takes ${nothing.toFixed(0)} MB`,
  );
}

/** The version that is installed. */
async function version(name: string): Promise<string> {
  const file = new URL(`../node_modules/${name}/package.json`, import.meta.url);
  return (JSON.parse(await readFile(file, 'utf8')) as { version: string }).version;
}
