import type fastCheck from 'fast-check';
import type { SimulationSummary } from '../simulate.ts';
import { Simulation, type MakeOperator } from './Simulation.ts';
import { SimulationError } from './SimulationError.ts';
import type { Rules } from './Rules.ts';
import type { Schedule } from './schedule.ts';
import { schedules } from './schedules.ts';
import type { Settings } from './settings.ts';

async function loadFastCheck(): Promise<typeof fastCheck> {
  try {
    return (await import('fast-check')).default;
  } catch (cause) {
    throw new Error('simulate() needs the package "fast-check", which is not installed: npm install -D fast-check', {
      cause,
    });
  }
}

/** Tries as many schedules as were asked for; throws the smallest one found under which an invariant breaks. */
export async function search(make: MakeOperator, settings: Settings): Promise<SimulationSummary> {
  const fc = await loadFastCheck();
  const { rules, range, runs, seed, path } = settings;
  const summary = { items: 0, values: 0, completed: 0, failed: 0, unsubscribed: 0 };
  let triesToShrink = 0;
  const property = fc.asyncProperty(schedules(fc, range), async (schedule) => {
    // To shrink something long to the very last step takes minutes, and says no more.
    if (triesToShrink > MOST_TRIES) return true;
    const sim = new Simulation(schedule, rules, false);
    await sim.run(make);
    if (sim.journal.breach !== undefined || triesToShrink > 0) triesToShrink++;
    if (sim.journal.breach !== undefined) return false;
    summary.items += sim.items.all.filter(({ state }) => state !== 'unsent').length;
    summary.values += sim.values.length;
    summary[sim.probe.ended ?? 'unsubscribed']++;
    return true;
  });
  const details = await fc.check(property, {
    numRuns: runs,
    ...(seed === undefined ? {} : { seed }),
    ...(path === undefined ? {} : { path, endOnFailure: true }),
  });
  if (!details.failed) return { seed: details.seed, runs: details.numRuns, ...summary };
  throw await explain(details, make, rules);
}

const MOST_TRIES = 2_000;

/** Repeats the shrunk schedule, to write down what happens. */
async function explain(details: fastCheck.RunDetails<[Schedule]>, make: MakeOperator, rules: Rules): Promise<Error> {
  const { seed, counterexample, counterexamplePath, numRuns, errorInstance } = details;
  const path = counterexamplePath ?? '';
  const sim = new Simulation(counterexample![0], rules, true);
  await sim.run(make);
  const { breach, lines } = sim.journal;
  if (breach !== undefined) return new SimulationError({ breach, seed, path, runs: numRuns, steps: lines });
  return new Error(
    `simulate(): the same schedule fails one time and passes the next, so the operator depends on something besides it. ` +
      `It was found with { seed: ${seed}, path: '${path}' }`,
    { cause: errorInstance },
  );
}
