import type { Report } from 'sluice';
import { percent } from './format.ts';

/** The stages that run on threads. */
const ON_THREADS = ['decode', 'sum up'];

/** Says how long the flow took on how many threads, and what part of that time they and this thread were at work. */
export function threadTimes({ elapsed, stages }: Report, threads: number): string {
  const shareOf = (...names: string[]): number =>
    stages.reduce((sum, { name, busy }) => (names.includes(name) ? sum + busy : sum), 0) / elapsed;
  const own = ON_THREADS.map((name) => `${name} ${percent(shareOf(name))}`).join(', ');
  return (
    `${threads} thread${threads === 1 ? '' : 's'}, ${(elapsed / 1000).toFixed(1)} s: at work ${percent(shareOf(...ON_THREADS))} ` +
    `of the time (${own}), and the main thread, which merges, ${percent(shareOf('merge'))}`
  );
}
