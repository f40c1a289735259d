import type { Result } from './Contender.ts';

/** The number that a result stands for. */
export function valueOf(result: Result): number {
  return typeof result === 'number' ? result : result.rounds;
}
