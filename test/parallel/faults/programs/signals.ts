// Works for ever, and prints the listeners that the process had before and has now. Ends by a signal.
import { interval, map } from 'rxjs';
import { parallel } from '../../../../src/parallel/parallel.ts';
import { work } from '../../tasks/faults.task.ts';

const listeners = (): Record<string, number> =>
  Object.fromEntries(
    ['SIGINT', 'SIGTERM', 'exit', 'beforeExit', 'uncaughtException', 'unhandledRejection', 'warning'].map((event) => [
      event,
      process.listenerCount(event),
    ]),
  );

function workOn(): void {
  if (process.argv[2] === 'own handler') {
    // Half a second of shutting down, which nobody is to cut off.
    process.once('SIGTERM', () => {
      setTimeout(() => {
        console.log('shut down');
        process.exit(5);
      }, 500);
    });
  }
  const before = listeners();
  let isFirst = true;
  interval(5)
    .pipe(
      map((id) => ({ id })),
      parallel(work, { threads: 1 }),
    )
    .subscribe(() => {
      if (isFirst) console.log(JSON.stringify({ before, now: listeners() }));
      isFirst = false;
    });
}

// Not before this module has been evaluated, while which Node.js listens itself.
setImmediate(workOn);
