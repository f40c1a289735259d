/**
 * Three replicas of which one is dead: two of three are enough. Then a second one dies, and a write fails. Last, whoever is left is
 * asked for the record: best effort gives what there is, all or nothing nothing.
 *
 *     npm run example quorum
 *
 * Prints which replicas took the first record, and which did not; and of the second record why it failed, which is certain before
 * the slowest replica has answered.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { abortable, allOf, bestEffort, fromIterable, quorum, QuorumError, run, workerPool } from 'sluice';
import { catchError, lastValueFrom, map, of, tap } from 'rxjs';

interface Replica {
  readonly name: string;
  /** How many milliseconds it takes to answer. */
  readonly takes: number;
  /** From which record on it is dead. */
  readonly diesAt: number;
}

const replicas: readonly Replica[] = [
  { name: 'Amsterdam', takes: 40, diesAt: 2 },
  { name: 'Bergen', takes: 5, diesAt: 1 },
  { name: 'Cardiff', takes: 90, diesAt: Infinity },
];

/** Writes a record to a replica; the signal aborts when the answer is no longer wanted. */
const write = (record: number, { name, takes, diesAt }: Replica) =>
  abortable(async (signal) => {
    await sleep(takes, undefined, { signal });
    if (record >= diesAt) throw new Error(`${name} is dead`);
    return name;
  });

const flow = fromIterable([1, 2]).pipe(
  workerPool(
    (record) =>
      quorum(
        2,
        replicas.map((replica) => write(record, replica)),
      ).pipe(
        map(
          ({ values, errors }) =>
            `record ${record}: ${values.length} of ${replicas.length} (${values.join(', ')}); ${reasons(errors)}`,
        ),
        catchError((error: unknown) => {
          if (!(error instanceof QuorumError)) throw error;
          return of(`record ${record}: no quorum, ${error.needed} were needed; ${reasons(error.errors)}`);
        }),
      ),
    { name: 'write', concurrency: 1 },
  ),
  tap((line) => console.log(line)),
);

const { ended } = await run(flow, { name: 'quorum', quitOn: ['SIGINT', 'SIGTERM'] }).done;

if (ended === 'completed') {
  const reads = replicas.map((replica) => write(2, replica));
  const { values, errors } = await lastValueFrom(bestEffort(reads));
  console.log(`best effort: ${values.join(', ')}; ${reasons(errors)}`);
  await lastValueFrom(allOf(reads)).catch((error: unknown) => console.log(`all or nothing: ${reasons([error])}`));
}

function reasons(errors: readonly unknown[]): string {
  return errors.length === 0 ? 'no errors' : errors.map((error) => (error as Error).message).join(', ');
}
