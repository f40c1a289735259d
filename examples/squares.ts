/**
 * The numbers 1 to 10, squared, of which the even ones are kept: three stages that work at the same time.
 *
 *     npm run example squares
 *
 * Prints 4 16 36 64 100.
 */
import { fromIterable, run, workerPool } from 'sluice';
import { filter, tap } from 'rxjs';

const even: number[] = [];
const flow = fromIterable(Array.from({ length: 10 }, (_, i) => i + 1)).pipe(
  workerPool(async (n) => n * n, { name: 'square', concurrency: 3, order: 'input' }),
  filter((square) => square % 2 === 0),
  tap((square) => even.push(square)),
);

await run(flow, { name: 'squares', quitOn: ['SIGINT', 'SIGTERM'] }).done;
console.log(even.join(' '));
