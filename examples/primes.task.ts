import { task } from 'sluice/task';

/** Whole numbers from `from` to just before `to`. `from` is even. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** What was found in a range; `largest` is 0 where it has no prime. */
export interface Found extends Range {
  readonly count: number;
  readonly largest: number;
}

/** Counts the primes in a range: the sieve of Eratosthenes, over the odd numbers of this range alone. */
export const countPrimes = task(import.meta.url, 'primes', ({ from, to }: Range): Found => {
  const isComposite = new Uint8Array(Math.ceil((to - from) / 2)); // of from + 1, from + 3, ...
  if (from === 0) isComposite[0] = 1;
  for (const prime of oddPrimesUpTo(Math.floor(Math.sqrt(to)))) {
    let multiple = Math.max(prime * prime, Math.ceil(from / prime) * prime);
    if (multiple % 2 === 0) multiple += prime;
    for (let at = (multiple - from - 1) / 2; at < isComposite.length; at += prime) isComposite[at] = 1;
  }
  const hasTwo = from <= 2 && to > 2;
  let count = hasTwo ? 1 : 0;
  let largest = hasTwo ? 2 : 0;
  for (let at = 0; at < isComposite.length; at++) {
    if (isComposite[at] === 1 || from + 2 * at + 1 >= to) continue;
    count++;
    largest = from + 2 * at + 1;
  }
  return { from, to, count, largest };
});

function oddPrimesUpTo(most: number): number[] {
  const isComposite = new Uint8Array(most + 1);
  const primes: number[] = [];
  for (let n = 3; n <= most; n += 2) {
    if (isComposite[n] === 1) continue;
    primes.push(n);
    for (let multiple = n * n; multiple <= most; multiple += 2 * n) isComposite[multiple] = 1;
  }
  return primes;
}
