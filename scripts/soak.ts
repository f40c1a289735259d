/**
 * Builds random flows out of everything that the package exports, with faults, for as long as it is told to, and checks that nothing
 * is lost, nothing is left behind and the heap does not grow.
 *
 *     npm run soak -- --minutes 3 [--seed 1] [--flow 57]
 *
 * Prints the seed, a line every ten seconds, and a summary; the exit code is 1 if anything was wrong.
 */
import { setFlagsFromString } from 'node:v8';
import { parseArgs } from 'node:util';
import { plantFrom } from './soak/Plant.ts';
import { Soak } from './soak/Soak.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '3' },
    seed: { type: 'string', default: String(Math.trunc(performance.timeOrigin) % 1_000_000_007) },
    // Runs only the flow of this number, again and again, to look into a fault.
    flow: { type: 'string' },
    // Judges the growth of the heap however short the run is; for the test of this program.
    judge: { type: 'boolean', default: false },
  },
});
const minutes = Number(values.minutes);
const seed = Number(values.seed);
if (!(minutes > 0 && minutes <= 10_000))
  throw new RangeError(`--minutes must be more than 0. Received ${values.minutes}`);
if (!Number.isInteger(seed)) throw new RangeError(`--seed must be an integer. Received ${values.seed}`);

// Compiled code and parsed source maps come and go, and are no leak: without them the heap is what the flows have left.
process.setSourceMapsEnabled(false);
for (const flag of ['--no-opt', '--no-sparkplug', '--no-flush-bytecode', '--no-lazy-feedback-allocation'])
  setFlagsFromString(flag);

console.log(`seed       ${seed}`);
const plant = plantFrom(process.env['SOAK_PLANT']);
const flow = values.flow === undefined ? undefined : Number(values.flow);
const soak = new Soak({ minutes, seed, flow, judges: values.judge, plant, print: (line) => console.log(line) });
const isWell = await soak.run();
// Whatever has been left running must not keep it from ending.
process.exit(isWell ? 0 : 1);
