/**
 * Odd numbers every 499 ms, until Ctrl-C, until a deadline for the whole program, or until nothing came for 500 ms.
 *
 *     npm run example timeout-quit -- [--forever] [--silence]
 *
 * Prints the odd numbers, and what ended them: the deadline after 2 s; with `--silence` the 500 ms of silence after 3; with
 * `--forever`, which has no deadline, only Ctrl-C.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { idleTimeout, IdleTimeoutError, run, unfold } from 'sluice';
import { catchError, EMPTY, tap } from 'rxjs';

const { values: flags } = parseArgs({
  options: { forever: { type: 'boolean', default: false }, silence: { type: 'boolean', default: false } },
});

let endedBy = 'Ctrl-C';

const began = performance.now();

/** Each number has its time, so that one which comes late does not put off the next. */
const odds = unfold({ n: 1, at: 499 }, async ({ n, at }, { signal }) => {
  const wait = flags.silence && n > 3 ? 60_000 : began + at - performance.now();
  await sleep(wait, undefined, { signal });
  return [n, { n: n + 2, at: at + 499 }];
});

const flow = odds.pipe(
  idleTimeout(500),
  catchError((error: unknown) => {
    if (!(error instanceof IdleTimeoutError)) throw error;
    endedBy = '500 ms of silence';
    return EMPTY;
  }),
  tap((n) => console.log(n)),
);

const report = await run(flow, {
  name: 'timeout-quit',
  quitOn: ['SIGINT', 'SIGTERM'],
  deadline: flags.forever ? undefined : 2_000,
}).done;
if (report.ended === 'aborted') endedBy = 'the deadline of 2 s';
console.log(`ended by ${endedBy}`);
