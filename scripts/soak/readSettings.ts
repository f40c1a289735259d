import { parseArgs } from 'node:util';
import type { SoakSettings } from './Soak.ts';

/** Reads the words that follow the name of the program. Throws if one of them is wrong. */
export function readSettings(args: readonly string[]): Pick<SoakSettings, 'minutes' | 'seed' | 'flow' | 'judges'> {
  const { values } = parseArgs({
    args: [...args],
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
  const flow = values.flow === undefined ? undefined : Number(values.flow);
  return { minutes, seed, flow, judges: values.judge || minutes >= SHORTEST };
}

/** A shorter run says nothing about the growth of the heap. Minutes. */
export const SHORTEST = 1;
