import { spin } from './work.ts';

const TRIES = 40;

/** How many rounds of `spin` take a microsecond: measured when the machine disturbed it least. */
export function perMicro(): number {
  let rounds = 1_000;
  let fastest = Infinity;
  for (let i = 0; i < TRIES; i++) {
    const began = performance.now();
    spin(rounds);
    const micros = (performance.now() - began) * 1_000;
    // Runs of some three milliseconds: shorter than what the machine takes for something else at a time.
    if (micros < 2_000) rounds *= 2;
    else fastest = Math.min(fastest, micros / rounds);
  }
  return 1 / fastest;
}
