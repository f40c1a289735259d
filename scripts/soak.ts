/**
 * Builds random flows out of the sources, operators and sinks of the package that lose nothing or say what, and of stock ones, with
 * faults, for as long as it is told to, and checks that nothing is lost, nothing is left behind and the heap does not grow.
 *
 *     npm run soak -- --minutes 3 [--seed 1] [--flow 57]
 *
 * Prints the seed, a line every ten seconds, and a summary; the exit code is 1 if anything was wrong.
 */
import { setFlagsFromString } from 'node:v8';
import { plantsFrom } from './soak/Plant.ts';
import { readSettings } from './soak/readSettings.ts';
import { Soak } from './soak/Soak.ts';

const settings = readSettings(process.argv.slice(2));

if (settings.judges) {
  // Compiled code and parsed source maps come and go, and are no leak: without them the heap is what the flows have left.
  process.setSourceMapsEnabled(false);
  for (const flag of ['--no-opt', '--no-sparkplug', '--no-flush-bytecode', '--no-lazy-feedback-allocation'])
    setFlagsFromString(flag);
}

console.log(`seed       ${settings.seed}`);
const plants = plantsFrom(process.env['SOAK_PLANTS']);
const soak = new Soak({ ...settings, plants, print: (line) => console.log(line) });
const isWell = await soak.run();
// Whatever has been left running must not keep it from ending.
process.exit(isWell ? 0 : 1);
