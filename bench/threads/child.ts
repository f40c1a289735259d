/**
 * Runs one contender in a process of its own and prints what it measured as JSON: `child.ts ROW THREADS PER_MICRO MS
 * [WORKLOAD ...]`; or `child.ts calibrate` for how many rounds of `spin` take a microsecond.
 */
import { contenders } from './contenders.ts';
import { measureStarted } from './measureStarted.ts';
import { perMicro } from './perMicro.ts';

/** Milliseconds after which a contender must have lost an item: the slowest needs a tenth of it. */
const LIMIT = 120_000;

const [row = '', threads = '', rounds = '', ms = '', ...names] = process.argv.slice(2);
process.stdout.write(JSON.stringify(row === 'calibrate' ? perMicro() : await measureRow()));

async function measureRow() {
  setTimeout(() => fail(row), LIMIT).unref();
  const contender = await contenders[row]!();
  const started = await contender(Number(threads));
  try {
    return await measureStarted(started, Number(threads), Number(rounds), Number(ms), names);
  } finally {
    await started.stop();
  }
}

function fail(name: string): never {
  console.error(`${name}: not done after ${LIMIT / 1_000} seconds`);
  process.exit(1);
}
