/**
 * Odd numbers up to 10 from a generator, computed one by one and only because they are wanted.
 *
 *     npm run example generator
 *
 * Prints the numbers 1 3 5 7 9 and which were computed: only these, although the generator has no end.
 */
import { fromIterable, run } from 'sluice';
import { take, tap } from 'rxjs';

const computed: number[] = [];

function* odd() {
  for (let n = 1; ; n += 2) {
    computed.push(n);
    yield n;
  }
}

const printed: number[] = [];
const flow = fromIterable(odd).pipe(
  take(5),
  tap((n) => printed.push(n)),
);

await run(flow, { name: 'generator', quitOn: ['SIGINT', 'SIGTERM'] }).done;
console.log(printed.join(' '));
console.log(`computed: ${computed.join(' ')}`);
